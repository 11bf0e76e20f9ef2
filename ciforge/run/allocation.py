"""Divides processors and memory among jobs."""

import math

import attrs

GIB = 1024**3
_LEAST = 2 * GIB
"""Memory in bytes that a job should have, for the default number of jobs at once."""
_MOST = 8 * GIB


@attrs.frozen(kw_only=True)
class Share:
    """The number of jobs at once, and the resources of each."""

    jobs: int
    make_jobs: int
    memory: int
    """In bytes."""


def share(processors: int, memory: int, *, jobs: int | None, wanted: int) -> Share:
    """A fair share of the machine: `jobs` is the option --jobs, `wanted` the number of jobs to run."""
    fitting = max(1, min(processors, memory // _LEAST))
    at_once = max(1, min(jobs or fitting, wanted or 1))
    # Bootstrap and configure use one processor whatever make may: half more than a fair share
    # keeps the machine busy.
    make_jobs = max(1, math.ceil(1.5 * processors / at_once)) if at_once > 1 else processors
    each = memory * 9 // 10 // at_once
    return Share(jobs=at_once, make_jobs=make_jobs, memory=max(512 * 1024**2, min(_MOST, each)))
