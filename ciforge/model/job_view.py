"""What `ciforge status` shows: less than the ledger of incidents has, so that it is read quickly.

These are NamedTuples, because attrs takes longer to import than everything else that the command does."""

from typing import NamedTuple

from ciforge.model.open_cause import OpenCause


class JobView(NamedTuple):
    """The state of one job on one branch."""

    repo: str
    branch: str
    job: str
    status: str
    """The value of the status of its last definitive result; empty if there is none."""
    since: float
    """When that status began, in seconds since 1970; 0 if unknown."""
    commit: str
    run: str
    """The commit and the run with which it began."""
    last_commit: str
    last_run: str
    """Those of the last definitive result."""
    troubles: int
    """Runs in a row that ended as infrastructure, since the last definitive result."""
    trouble: str


class StatusView(NamedTuple):
    """All jobs that are not retired, and what is open, the oldest incident first."""

    jobs: tuple[JobView, ...] = ()
    causes: tuple[OpenCause, ...] = ()
    stale: frozenset[tuple[str, str, str]] = frozenset()
    """Repository, branch and id of jobs without a result for too long."""
    has_results: bool = False
    """Whether anything was imported, retired jobs included."""
