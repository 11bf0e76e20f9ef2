"""Temporary folders of a run; those of ended processes are removed at the next start."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ciforge.file_lock import locked, try_lock
from ciforge.store.atomic import SCRATCH, remove_unfinished

_LOCK = "lock"
_PREFIX = "run-"
_RUN = "run"
"""The file that holds the id of the run that uses the folder."""


@contextmanager
def scratch_folder(state: Path) -> Iterator[Path]:
    """An empty folder in the state folder, removed when the block ends."""
    home = state / SCRATCH
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    remove_unfinished(home)
    with locked_folder(home, _PREFIX) as folder:
        yield folder


@contextmanager
def locked_folder(home: Path, prefix: str) -> Iterator[Path]:
    """An empty folder in `home`, removed when the block ends.

    Folders with the prefix that ended processes of the same user left there are removed first.
    """
    _sweep(home, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=home))
    with locked(folder / _LOCK):
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def is_in_use(state: Path) -> bool:
    """Whether a running process has a scratch folder here, so that a run may be in progress."""
    home = state / SCRATCH
    if home.is_dir():
        _sweep(home, _PREFIX)
    return any(home.glob(f"{_PREFIX}*"))


def begin_run(scratch: Path, run: str) -> None:
    """Records that this run is in progress while the folder exists. Raises OSError."""
    (scratch / _RUN).write_text(run)


def runs_under_way(state: Path) -> frozenset[str]:
    """The ids of runs in progress."""
    return frozenset(run for folder in (state / "tmp").glob("run-*") if (run := _run_of(folder)))


def _run_of(folder: Path) -> str:
    try:
        with (folder / _LOCK).open("rb") as lock:
            return "" if _is_free(lock) else (folder / _RUN).read_text()
    except (OSError, UnicodeDecodeError):
        return ""  # without a run, or being removed


def _sweep(home: Path, prefix: str) -> None:
    """Removes folders of this user that no process has locked: a lock ends with its process."""
    for folder in home.glob(f"{prefix}*"):
        try:
            state = folder.lstat()
            if state.st_uid != os.getuid() or not stat.S_ISDIR(state.st_mode):
                continue
            with (folder / _LOCK).open("rb") as lock:
                if _is_free(lock):
                    shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # being created or removed


def _is_free(lock: IO[bytes]) -> bool:
    try:
        return try_lock(lock.fileno())
    except OSError:
        return False
