"""The files of `ciforge watch` in the state folder: its state, and locks that end with their processes."""

from pathlib import Path

from ciforge.model.result import Run
from ciforge.model.watch_state import WatchState
from ciforge.store.atomic import SCRATCH, write_atomically
from ciforge.store.document_file import read_document
from ciforge.store.documents import dump, to_document
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.run_folder import read_run
from ciforge.store.runs.run_reader import run_folders
from ciforge.store.storage_errors import explained

FOLDER = "watch"
_STATE = "state.json"
_LARGEST = 64 * 1024 * 1024
_NEWEST = 200
"""Folders of runs that are looked through for one run."""


def watch_folder(state: Path) -> Path:
    """The folder of the files, created if it is missing. Raises HistoryProblem."""
    folder = state / FOLDER
    with explained(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def read_watch_state(state: Path) -> WatchState:
    """What was last written; an empty state before that. Raises HistoryProblem."""
    file = state / FOLDER / _STATE
    if not file.exists():
        return WatchState()
    hint = "remove the file: branches are built again, as by a new watch"
    return read_document(file, WatchState, _LARGEST, hint)


def write_watch_state(state: Path, watched: WatchState) -> None:
    """Replaces the state on the disk, at once or not at all. Raises HistoryProblem."""
    file = watch_folder(state) / _STATE
    with explained(file):
        write_atomically(file, dump(to_document(watched)), state / SCRATCH)


def ended_run(state: Path, sequence: int, command: tuple[str, ...]) -> Run | None:
    """The newest run after the one with this number that a command started and that has ended."""
    for folder in reversed(run_folders(state)[-_NEWEST:]):
        try:
            run = read_run(folder)
        except HistoryProblem:
            continue
        if run.sequence > sequence and run.command == ("ciforge", *command) and run.ended:
            return run
    return None
