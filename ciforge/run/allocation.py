"""Divides processors and memory among jobs."""

import math

import attrs

GIB = 1024**3
_LEAST = 2 * GIB
"""Memory in bytes that a job should have, for the default number of jobs at once."""
_MOST = 8 * GIB
_AMPLE = 4 * GIB
"""The same for more jobs at once than there are processors."""


@attrs.frozen(kw_only=True)
class Share:
    """The number of jobs at once, and the resources of each."""

    jobs: int
    make_jobs: int
    memory: int
    """In bytes."""


def share(processors: int, memory: int, *, jobs: int | None, wanted: int) -> Share:
    """A fair share of the machine: `jobs` is the option --jobs, `wanted` the number of jobs to run."""
    # Bootstrap and configure use one processor each, and a job that starts or ends none: with twice
    # as many jobs, the last one is not alone in them.
    fitting = max(1, min(processors, memory // _LEAST), min(2 * processors, memory // _AMPLE))
    at_once = max(1, min(jobs or fitting, wanted or 1))
    # Half more than a fair share keeps the machine busy.
    beside = at_once if jobs else min(at_once, processors)
    make_jobs = max(1, math.ceil(1.5 * processors / beside)) if at_once > 1 else processors
    each = memory * 9 // 10 // at_once
    return Share(jobs=at_once, make_jobs=make_jobs, memory=max(512 * 1024**2, min(_MOST, each)))
