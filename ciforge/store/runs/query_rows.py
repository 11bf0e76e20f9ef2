"""The results of queries to the index."""

import sqlite3
from collections.abc import Mapping

import attrs

from ciforge.model.result import Status


@attrs.frozen(kw_only=True)
class RunRow:
    """One run; `counts` has the number of jobs by status, None for those without a result."""

    id: str
    project: str
    started: str
    ended: str
    seconds: float
    exit_code: int | None
    version: str
    command: str
    sequence: int
    """Its sequence; 0 for runs of an older ciforge."""
    proven: int
    """Its jobs that were not run, because an earlier run proved them; `counts` has them among the passed."""
    counts: Mapping[Status | None, int]

    @property
    def finished(self) -> bool:
        """False while it runs, and for ever if it was killed."""
        return self.ended != ""


@attrs.frozen(kw_only=True)
class ResultRow:
    """One job of one run; `status` is None without a result."""

    run: str
    job: str
    status: Status | None
    failed_step: str | None
    reason: str
    started: str
    seconds: float
    allow_failure: bool
    revision: str
    changes: int
    """Number of files that differ from the revision."""
    patch: str
    """The name of the patch that was applied."""
    proven_by: str
    """The run that proved the job, which was not run; else empty."""


def run_row(row: sqlite3.Row, counts: Mapping[str | None, int], *, proven: int) -> RunRow:
    """A row of `runs` with its counted statuses."""
    named = {attribute.name: row[attribute.name] for attribute in attrs.fields(RunRow)[:-2]}
    counts_by_status = {status_of(key): many for key, many in counts.items()}
    return RunRow(**named, proven=proven, counts=counts_by_status)


def result_row(row: sqlite3.Row) -> ResultRow:
    """A row of `results`."""
    named = {attribute.name: row[attribute.name] for attribute in attrs.fields(ResultRow)}
    named["status"] = status_of(row["status"])
    named["allow_failure"] = bool(row["allow_failure"])
    return ResultRow(**named)


def status_of(word: str | None) -> Status | None:
    """A column to its status; None if the word is unknown."""
    return next((status for status in Status if status.value == word), None)
