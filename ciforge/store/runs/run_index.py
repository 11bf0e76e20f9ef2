"""Queries about earlier runs, to an index that can be rebuilt."""

# ruff: noqa: S608 - statements are put together of pieces of this file; values are bound

import sqlite3
import statistics
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from ciforge.model.result import Result, Run, Status
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.history_database import Database, OnMessage
from ciforge.store.runs.index_rows import put
from ciforge.store.runs.query_rows import ResultRow, RunRow, result_row, run_row
from ciforge.store.runs.run_folder import job_path, read_run, run_path
from ciforge.store.runs.run_reader import RebuildReport, moment

_NEWEST = "ORDER BY sequence DESC, at DESC, run DESC"
# Below, only constants of this file are put together: S608 has nothing to find.
_SEARCHES = (
    "(runs.command || ' ' LIKE 'ciforge bisect %' OR runs.command || ' ' LIKE 'ciforge audit %')"
)
"""Runs of commands that build other commits, other packages or without caches for a comparison."""
_OF_HISTORY = f"AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = results.run AND {_SEARCHES}) "
"""Leaves them out."""
_RAN_GREEN = f"status IN ('passed', 'compiled') AND proven_by = '' {_OF_HISTORY}"
_LAST_VERDICT = (
    "SELECT * FROM results WHERE job = ? AND status IN ('passed', 'compiled', 'flaky', 'failed', 'timed-out') "
    f"{_OF_HISTORY} {_NEWEST} LIMIT 1"
)
_LAST = (
    f"SELECT * FROM results WHERE job = ? AND status IS NOT NULL {_OF_HISTORY} {_NEWEST} LIMIT 1"
)
_PASSED = f"SELECT * FROM results WHERE job = ? AND {_RAN_GREEN} {_NEWEST}"

_OF_COMMITS = (
    "SELECT * FROM results WHERE job = ? AND status IS NOT NULL AND revision != '' "
    f"AND changes = 0 AND patch = '' {_NEWEST}"
)
_SECONDS_OF_STEP = (
    "SELECT steps.seconds FROM results JOIN steps USING (run, job) "
    f"WHERE results.job = ? AND {_RAN_GREEN} AND steps.name = ? "
    "ORDER BY results.sequence DESC, results.at DESC, results.run DESC LIMIT 5"
)
_PASSED_BEFORE = (
    f"SELECT * FROM results WHERE job = ? AND {_RAN_GREEN} AND (sequence, at, run) < (?, ?, ?) "
    f"{_NEWEST} LIMIT 1"
)


def _nobody(_sentence: str) -> None:
    """Ignores messages."""


class Index:
    """`history.db` of one state folder; every method raises HistoryProblem if it cannot be used."""

    def __init__(self, state: Path, database: Database) -> None:
        self._state = state
        self._database = database

    @classmethod
    def open(cls, state: Path, on_message: OnMessage | None = None) -> "Index":
        """Opens it; a new, damaged or newer index is rebuilt, and `tell` is called with a sentence."""
        return cls(state, Database(state, on_message or _nobody))

    def __enter__(self) -> "Index":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def record(self, run: Run, results: Sequence[Result]) -> None:
        """Adds a run and its results; may be repeated as more results are known."""
        self._database.change(lambda db: put(db, run, results))

    def rebuild(self) -> RebuildReport:
        """Discards the index and reads the files of all runs."""
        return self._database.catch_up(rebuild_all=True)

    def catch_up(self) -> RebuildReport:
        """Reads new and unfinished runs; removes those without a folder."""
        return self._database.catch_up()

    def runs(self, limit: int | None = 20, job: str | None = None) -> list[RunRow]:
        """Runs, the newest first; with `job`, only runs of that job."""
        many = -1 if limit is None else limit
        if job is None:
            rows = self._ask(
                "SELECT * FROM runs ORDER BY sequence DESC, at DESC, id DESC LIMIT ?", many
            )
        else:
            rows = self._ask(
                "SELECT runs.* FROM results JOIN runs ON runs.id = results.run "
                "WHERE results.job = ? "
                "ORDER BY results.sequence DESC, results.at DESC, results.run DESC LIMIT ?",
                job, many,
            )  # fmt: skip
        return [self._run_row(row) for row in rows]

    def newest_run(self) -> RunRow | None:
        """The newest run; one of bisect or audit only where there is no other."""
        rows = self._ask(
            f"SELECT * FROM runs ORDER BY {_SEARCHES}, sequence DESC, at DESC, id DESC LIMIT 1"
        )
        return self._run_row(rows[0]) if rows else None

    def run(self, run_id: str) -> RunRow | None:
        """One run by its id."""
        rows = self._ask("SELECT * FROM runs WHERE id = ?", run_id)
        return self._run_row(rows[0]) if rows else None

    def results_of(self, run_id: str) -> list[ResultRow]:
        """A row for each job of a run, in order; also for jobs without a result."""
        rows = self._ask("SELECT * FROM results WHERE run = ? ORDER BY position, job", run_id)
        return [result_row(row) for row in rows]

    def last_result(self, job: str) -> ResultRow | None:
        """The newest result of a job; runs without one, and those of bisect and audit, do not count."""
        return self._first(_LAST, job)

    def last_verdict(self, job: str) -> ResultRow | None:
        """The same of those in which the job ended by itself: it was not cancelled, skipped or lost."""
        return self._first(_LAST_VERDICT, job)

    def results_of_commits(self, job: str) -> list[ResultRow]:
        """Results of the job at commits without changes or a patch, the newest first."""
        return [result_row(row) for row in self._ask(_OF_COMMITS, job)]

    def last_green(self, job: str, before: str = "") -> ResultRow | None:
        """The newest passed result of a job, at any revision; with `before`, of a run before that
        one. A job that was proven by an earlier run does not count, nor do runs of bisect and audit.
        """
        if before:
            return self._first(_PASSED_BEFORE, job, *self._place(before))
        return self._first(_PASSED + " LIMIT 1", job)

    def typical_seconds(self, job: str, step: str | None = None) -> float | None:
        """The median duration in seconds of the last five times that a job, or a step, passed."""
        if step is None:
            rows = self._ask(_PASSED + " LIMIT 5", job)
        else:
            rows = self._ask(_SECONDS_OF_STEP, job, step)
        return statistics.median(row["seconds"] for row in rows) if rows else None

    def find_log(self, job: str, run_id: str | None = None) -> Path | None:
        """The `log.txt` of a job in that run, or in the run that proved it; without a run, in the newest
        that has one; in a run of bisect or audit only where no other has."""
        if run_id is not None:
            proven = "SELECT proven_by FROM results WHERE run = ? AND job = ? AND proven_by != ''"
            runs = [run_id, *(row["proven_by"] for row in self._ask(proven, run_id, job))]
        else:
            rows = self._ask(
                "SELECT run FROM results LEFT JOIN runs ON runs.id = results.run WHERE job = ? "
                f"ORDER BY {_SEARCHES}, results.sequence DESC, results.at DESC, run DESC",
                job,
            )
            runs = [row["run"] for row in rows]
        logs = (job_path(run_path(self._state, run), job) / "log.txt" for run in runs)
        return next((log for log in logs if log.is_file()), None)

    def known_jobs(self) -> list[str]:
        """The ids of all jobs of any run, sorted."""
        rows = self._ask(  # skips from job to job; DISTINCT would read every result
            "WITH RECURSIVE known (job) AS (SELECT min(job) FROM results UNION ALL "
            "SELECT (SELECT min(job) FROM results WHERE job > known.job) FROM known "
            "WHERE known.job IS NOT NULL) SELECT job FROM known WHERE job IS NOT NULL"
        )
        return [row["job"] for row in rows]

    def _place(self, run_id: str) -> tuple[int, float, str]:
        """The position of a run in the order of runs, by its own file, else by the time in its id."""
        try:
            run = read_run(run_path(self._state, run_id))
        except HistoryProblem:
            run = Run(id=run_id, project="", started="", version="")
        return run.sequence, moment(run), run.id

    def _first(self, sql: str, *arguments: str | int | float) -> ResultRow | None:
        rows = self._ask(sql, *arguments)
        return result_row(rows[0]) if rows else None

    def _run_row(self, row: sqlite3.Row) -> RunRow:
        rows = self._ask(
            "SELECT status, proven_by FROM results WHERE run = ? ORDER BY status", row["id"]
        )
        native = [row for row in rows if row["status"] == Status.PASSED.value]
        proven = sum(bool(row["proven_by"]) for row in native)
        counts = Counter(row["status"] for row in rows)
        return run_row(row, counts, proven=proven)

    def _ask(self, sql: str, *arguments: str | int | float) -> list[sqlite3.Row]:
        return self._database.ask(sql, arguments)
