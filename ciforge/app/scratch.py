"""A folder for what a run needs only while it runs; what the dead left behind is removed at the next start."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ciforge.file_lock import locked, try_lock
from ciforge.store.atomic import SCRATCH, remove_unfinished

_LOCK = "lock"
_RUN = "run"
"""A file that names the run for which a folder is there."""


@contextmanager
def scratch_folder(state: Path) -> Iterator[Path]:
    """An empty folder in the state folder, gone when the block ends."""
    home = state / SCRATCH
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(home)
    remove_unfinished(home)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=home))
    with locked(folder / _LOCK):
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def is_in_use(state: Path) -> bool:
    """Whether a process that lives has a scratch folder here: a run may be under way."""
    home = state / SCRATCH
    if home.is_dir():
        _sweep(home)
    return any(home.glob("run-*"))


def begin_run(scratch: Path, run: str) -> None:
    """Notes that this run is under way, as long as the folder is there. Raises OSError."""
    (scratch / _RUN).write_text(run)


def runs_under_way(state: Path) -> frozenset[str]:
    """The runs that a process which lives is at."""
    return frozenset(run for folder in (state / "tmp").glob("run-*") if (run := _run_of(folder)))


def _run_of(folder: Path) -> str:
    try:
        with (folder / _LOCK).open("rb") as lock:
            return "" if _is_free(lock) else (folder / _RUN).read_text()
    except (OSError, UnicodeDecodeError):
        return ""  # one that is for something else, or that is just going away


def _sweep(home: Path) -> None:
    """Removes folders whose lock nobody holds: a lock goes with the process that took it."""
    for folder in home.glob("run-*"):
        try:
            with (folder / _LOCK).open("rb") as lock:
                if _is_free(lock):
                    shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # one that is just being made, or just going away


def _is_free(lock: IO[bytes]) -> bool:
    try:
        return try_lock(lock.fileno())
    except OSError:
        return False
