"""Reads the files of runs for the index; unreadable files are reported."""

from collections.abc import Iterator
from pathlib import Path

import attrs

from ciforge.model.identifiers import file_name, is_id
from ciforge.model.result import Result, Run
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.run_folder import read_result, read_run
from ciforge.timestamp import seconds_of


@attrs.frozen
class DamagedRun:
    """A folder with a damaged document: a run, which is omitted, or one job."""

    folder: Path
    reason: str


@attrs.frozen
class RebuildReport:
    """The number of runs that were read, and the damaged ones."""

    runs: int
    damaged: tuple[DamagedRun, ...]


def run_folders(state: Path) -> list[Path]:
    """The folders of all runs, the oldest first by their names."""
    runs = state / "runs"
    if not runs.is_dir():
        return []
    return sorted(folder for folder in runs.iterdir() if is_id(folder.name) and folder.is_dir())


def read_whole_run(folder: Path) -> tuple[Run, list[Result], list[DamagedRun]]:
    """A run with its readable results, and its damaged files. Raises HistoryProblem."""
    run = read_run(folder)
    results, damaged = [], []
    for file in _result_files(folder):
        try:
            results.append(_own_result(file))
        except HistoryProblem as problem:
            damaged.append(DamagedRun(file.parent, str(problem)))
    return run, results, damaged


def _result_files(folder: Path) -> Iterator[Path]:
    """Result files of jobs; a job without one never finished, which is not an error."""
    return (file for file in sorted(folder.glob("[!.]*/result.json")) if file.is_file())


def _own_result(file: Path) -> Result:
    result = read_result(file)
    if file_name(result.job) != file.parent.name:
        raise HistoryProblem(f"{file}: belongs to job {result.job!r}")
    return result


def moment(run: Run) -> float:
    """The start of a run in seconds since 1970, by its record, else by its id, else 0."""
    found = (seconds_of(text) for text in (run.started, run.id.partition("-")[0]))
    return next((at for at in found if at is not None), 0.0)
