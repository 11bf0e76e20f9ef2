"""From the files of runs to what the index takes in; what cannot be read is named, never dropped silently."""

from collections.abc import Iterator
from pathlib import Path

import attrs

from ciforge.model.identifiers import file_name, is_id
from ciforge.model.result import Result, Run
from ciforge.store.documents import HistoryProblem
from ciforge.store.runs.run_folder import read_result, read_run
from ciforge.timestamp import seconds_of


@attrs.frozen
class DamagedRun:
    """A folder whose document cannot be read: a run's, which is left out, or one job's."""

    folder: Path
    reason: str


@attrs.frozen
class RebuildReport:
    """How many runs were read from their files, and what could not be."""

    runs: int
    damaged: tuple[DamagedRun, ...]


def run_folders(state: Path) -> list[Path]:
    """The folders of all runs, oldest first by their names."""
    runs = state / "runs"
    if not runs.is_dir():
        return []
    return sorted(folder for folder in runs.iterdir() if is_id(folder.name) and folder.is_dir())


def read_whole_run(folder: Path) -> tuple[Run, list[Result], list[DamagedRun]]:
    """A run with the results that can be read, and those that cannot. Raises HistoryProblem."""
    run = read_run(folder)
    results, damaged = [], []
    for file in _result_files(folder):
        try:
            results.append(_own_result(file))
        except HistoryProblem as problem:
            damaged.append(DamagedRun(file.parent, str(problem)))
    return run, results, damaged


def _result_files(folder: Path) -> Iterator[Path]:
    """Jobs without the file were never finished; that is no damage."""
    return (file for file in sorted(folder.glob("[!.]*/result.json")) if file.is_file())


def _own_result(file: Path) -> Result:
    result = read_result(file)
    if file_name(result.job) != file.parent.name:
        raise HistoryProblem(f"{file}: belongs to job {result.job!r}")
    return result


def moment(run: Run) -> float:
    """When a run started, in seconds since 1970: by its own word, else by its id, else 0."""
    found = (seconds_of(text) for text in (run.started, run.id.partition("-")[0]))
    return next((at for at in found if at is not None), 0.0)
