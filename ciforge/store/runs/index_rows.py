"""Writes rows of `history.db`, from runs and results or from their files."""

import shlex
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from ciforge.model.result import Result, Run, SourceUsed
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.run_reader import (
    DamagedRun,
    RebuildReport,
    moment,
    read_whole_run,
    run_folders,
)


def fill(db: sqlite3.Connection, state: Path, rebuild_all: bool) -> RebuildReport:
    """Reads runs that the index does not have or has as unfinished; removes those without a folder."""
    if rebuild_all:
        for table in ("steps", "results", "runs"):
            db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand above
    folders = {folder.name: folder for folder in run_folders(state)}
    ended = {row["id"]: bool(row["ended"]) for row in db.execute("SELECT id, ended FROM runs")}
    forget(db, [run for run in ended if run not in folders])
    taken, damaged = 0, list[DamagedRun]()
    for folder in (path for name, path in folders.items() if not ended.get(name)):
        try:
            run, results, unread = read_whole_run(folder)
        except HistoryProblem as problem:
            damaged.append(DamagedRun(folder, str(problem)))
            continue
        put(db, run, results)
        damaged += unread
        taken += 1
    return RebuildReport(taken, tuple(damaged))


def forget(db: sqlite3.Connection, runs: Sequence[str]) -> None:
    """Removes runs and their rows."""
    db.executemany("DELETE FROM runs WHERE id = ?", [(run,) for run in runs])


def put(db: sqlite3.Connection, run: Run, results: Sequence[Result]) -> None:
    """Writes a run and these results; its other results stay."""
    at = moment(run)
    db.execute(
        "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "at = excluded.at, sequence = excluded.sequence, project = excluded.project, started = excluded.started, "
        "ended = excluded.ended, seconds = excluded.seconds, exit_code = excluded.exit_code, "
        "version = excluded.version, command = excluded.command",
        (
            run.id, at, storable(run.project), storable(run.started), storable(run.ended),
            run.seconds, run.exit_code, storable(run.version), storable(shlex.join(run.command)),
            run.sequence,
        ),
    )  # fmt: skip
    places = {job: place for place, job in enumerate(run.jobs)}
    db.executemany(
        "INSERT OR IGNORE INTO results (run, job, position, at, sequence) VALUES (?, ?, ?, ?, ?)",
        [(run.id, job, place, at, run.sequence) for job, place in places.items()],
    )
    for result in results:
        _put_result(db, run, result, at, places.setdefault(result.job, len(places)))


def _put_result(db: sqlite3.Connection, run: Run, result: Result, at: float, position: int) -> None:
    used = _source(run, result)
    db.execute("DELETE FROM results WHERE run = ? AND job = ?", (run.id, result.job))
    db.execute(
        "INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run.id, result.job, position, at, result.status.value,
            None if result.failed_step is None else storable(result.failed_step),
            storable(result.reason), storable(result.started), result.seconds,
            result.allow_failure, storable(used.revision), used.changes, storable(used.patch),
            run.sequence, storable(result.proven_by),
        ),
    )  # fmt: skip
    db.executemany(
        "INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?)",
        [
            (run.id, result.job, place, storable(step.name), step.exit_code, step.seconds)
            for place, step in enumerate(result.steps)
        ],
    )


def _source(run: Run, result: Result) -> SourceUsed:
    """The source of the job, else the source of the run for its repository."""
    repo = result.job.partition("/")[0]
    sources = [result.source] if result.source else [s for s in run.sources if s.repo == repo]
    return sources[0] if sources else SourceUsed(repo=repo, origin="")


def storable(text: str) -> str:
    """Text for a database; invalid characters, such as a stray byte of an argument, become `?`."""
    return text.encode("utf-8", "replace").decode()
