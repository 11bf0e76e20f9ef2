"""The order in which jobs start, so that no long one starts last and keeps one processor busy alone."""

import math
from collections.abc import Mapping, Sequence

from ciforge.model.job import Job


def longest_first(jobs: Sequence[Job], seconds: Mapping[str, float]) -> tuple[Job, ...]:
    """Jobs by their expected seconds, the longest first; in their order where these are equal.

    A job without an expectation comes first: it may have to build an image. One that is skipped
    takes no time.
    """

    def expected(job: Job) -> float:
        return 0.0 if job.skipped else seconds.get(job.id, math.inf)

    return tuple(sorted(jobs, key=expected, reverse=True)) if seconds else tuple(jobs)
