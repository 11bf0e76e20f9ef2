"""What each job gets of a machine that several share."""

import math

import attrs

GIB = 1024**3
_LEAST = 2 * GIB
"""Bytes that a job should have, for the default number of jobs at once."""
_MOST = 8 * GIB


@attrs.frozen(kw_only=True)
class Share:
    """How many jobs run at once, and what each may use."""

    jobs: int
    make_jobs: int
    memory: int
    """Bytes."""


def share(processors: int, memory: int, *, jobs: int | None, wanted: int) -> Share:
    """A fair share. `jobs` is what a person asked for (None: from the machine), `wanted` how many
    there are to run."""
    fitting = max(1, min(processors, memory // _LEAST))
    at_once = max(1, min(jobs or fitting, wanted or 1))
    # Bootstrap and configure use one processor whatever make may: half more than a fair share
    # keeps the machine busy.
    make_jobs = max(1, math.ceil(1.5 * processors / at_once)) if at_once > 1 else processors
    each = memory * 9 // 10 // at_once
    return Share(jobs=at_once, make_jobs=make_jobs, memory=max(512 * 1024**2, min(_MOST, each)))
