"""Files and folders that are written whole or not at all, also where the process ends in the middle.

What is being written lies in the state's folder `tmp` until it is whole, and has a lock that goes
with its process: the next start removes what has none.
"""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ciforge.file_lock import lock, try_lock

SCRATCH = "tmp"
"""In the state folder; on the same file system as what it is moved to."""
_PREFIX = "new-"
_lock = threading.RLock()
_unfinished: set[Path] = set()
_closed = threading.Event()


def write_atomically(file: Path, data: bytes, scratch: Path | None = None) -> None:
    """Replace `file` by `data`; readers see the old or the new. Raises OSError.

    `scratch` is a folder of the same file system for the half-written file, else that of `file`.
    """
    with _new(scratch or file.parent, folder=False) as (new, descriptor):
        with open(descriptor, "wb", closefd=False) as stream:
            stream.write(data)
            stream.flush()
            os.fsync(descriptor)
        new.replace(file)
    sync(file.parent)


@contextmanager
def new_folder(target: Path, scratch: Path) -> Iterator[Path]:
    """A folder to be filled, which becomes `target` when the block ends without an error.

    Raises OSError, also where `target` is there already and not empty.
    """
    with _new(scratch, folder=True) as (new, _):
        yield new
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.rename(target)
    sync(target.parent)


def abandon_writes() -> None:
    """Removes what this process has half written; it writes nothing more, for it is about to end."""
    _closed.set()
    held = _lock.acquire(timeout=1)
    try:
        for path in tuple(_unfinished):
            _remove(path)
    finally:
        if held:
            _lock.release()


def remove_unfinished(scratch: Path) -> None:
    """Removes what processes that are dead have half written."""
    for path in scratch.glob(f"{_PREFIX}*"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            continue  # it is whole by now, or gone
        try:
            if try_lock(descriptor):  # else it is being written
                _remove(path)
        except OSError:
            continue  # this file system has no locks
        finally:
            os.close(descriptor)


@contextmanager
def _new(parent: Path, *, folder: bool) -> Iterator[tuple[Path, int]]:
    """A new file or folder, locked, and gone at the end unless it was moved."""
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, descriptor = _made(parent, folder=folder)
    try:
        yield path, descriptor
    finally:
        os.close(descriptor)
        _unfinished.discard(path)
        _remove(path)


def _made(parent: Path, *, folder: bool) -> tuple[Path, int]:
    """Made and locked; made once more where a start elsewhere removed it before it was locked."""
    while True:
        with _lock:
            if _closed.is_set():
                raise InterruptedError("the process is about to end")
            if folder:
                path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            else:
                descriptor, name = tempfile.mkstemp(prefix=_PREFIX, dir=parent)
                path = Path(name)
            _unfinished.add(path)
        lock(descriptor)
        if path.exists():
            return path, descriptor
        os.close(descriptor)
        _unfinished.discard(path)


def _remove(path: Path) -> None:
    """Removes a file or a folder, if it is still there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Has a file, or the names in a folder, survive a power cut. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
