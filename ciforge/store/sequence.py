"""The order of runs: each gets the next number of its state folder, independent of the clock."""

from pathlib import Path

from ciforge.file_lock import locked
from ciforge.store.atomic import write_atomically
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.run_folder import read_run
from ciforge.store.runs.run_reader import run_folders
from ciforge.store.storage_errors import explained

_FILE = "sequence"


def next_sequence(state: Path) -> int:
    """A number above that of every run of this state folder, never used twice.

    Raises HistoryProblem.
    """
    file = state / _FILE
    with explained(file):
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(state / f"{_FILE}.lock"):
            number = (_kept(file) or _highest(state)) + 1
            write_atomically(file, f"{number}\n".encode())
    return number


def last_sequence(state: Path) -> int:
    """The number of the newest run of this state folder; 0 before the first. Raises HistoryProblem."""
    file = state / _FILE
    with explained(file):
        return _kept(file) or _highest(state)


def _kept(file: Path) -> int:
    """The last number that was used; 0 if unknown."""
    try:
        text = file.read_bytes()[:20].strip()
    except FileNotFoundError:
        return 0
    return int(text) if text.isdigit() else 0


def _highest(state: Path) -> int:
    """The highest number in the records of runs; damaged records are ignored."""
    found = 0
    for folder in run_folders(state):
        try:
            found = max(found, read_run(folder).sequence)
        except HistoryProblem:
            continue
    return found
