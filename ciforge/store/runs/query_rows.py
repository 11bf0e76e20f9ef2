"""What the index answers with."""

import sqlite3
from collections.abc import Mapping

import attrs

from ciforge.model.result import Status


@attrs.frozen(kw_only=True)
class RunRow:
    """One run; `counts` says how many of its jobs have which status, None for those without result."""

    id: str
    project: str
    started: str
    ended: str
    seconds: float
    exit_code: int | None
    version: str
    command: str
    sequence: int
    """Its place in the order of runs; 0 for those of an older ciforge."""
    counts: Mapping[Status | None, int]

    @property
    def finished(self) -> bool:
        """False while it runs, and for ever where it was killed."""
        return self.ended != ""


@attrs.frozen(kw_only=True)
class ResultRow:
    """One job of one run; `status` is None where it has left no result: nothing is known."""

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
    """Files that differed from the revision."""
    patch: str
    """The patch that was applied, by its name."""


def run_row(row: sqlite3.Row, counts: Mapping[str | None, int]) -> RunRow:
    """A row of `runs` with its counted statuses."""
    named = {attribute.name: row[attribute.name] for attribute in attrs.fields(RunRow)[:-1]}
    return RunRow(**named, counts={status_of(key): many for key, many in counts.items()})


def result_row(row: sqlite3.Row) -> ResultRow:
    """A row of `results`."""
    named = {attribute.name: row[attribute.name] for attribute in attrs.fields(ResultRow)}
    named["status"] = status_of(row["status"])
    named["allow_failure"] = bool(row["allow_failure"])
    return ResultRow(**named)


def status_of(word: str | None) -> Status | None:
    """A column to its status; of a word that is none nothing is known."""
    return next((status for status in Status if status.value == word), None)
