"""Files and folders that are written completely or not at all, even if the process is killed.

Incomplete files are in the folder `tmp` of the state folder, with a lock that ends with their
process; the next start removes those without a lock.
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
"""A folder in the state folder, on the same file system as the targets."""
_PREFIX = "new-"
_lock = threading.RLock()
_unfinished: set[Path] = set()
_closed = threading.Event()


def write_atomically(file: Path, data: bytes, scratch: Path | None = None) -> None:
    """Replaces `file` by `data`; readers see the old or the new contents. Raises OSError.

    The incomplete file is in `scratch`, a folder of the same file system, or beside `file`.
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
    """A folder to fill, which is moved to `target` when the block ends without an error.

    Raises OSError, also if `target` exists and is not empty.
    """
    with _new(scratch, folder=True) as (new, _):
        yield new
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.rename(target)
    sync(target.parent)


def abandon_writes() -> None:
    """Removes incomplete files of this process, which writes nothing afterwards."""
    _closed.set()
    held = _lock.acquire(timeout=1)
    try:
        for path in tuple(_unfinished):
            _remove(path)
    finally:
        if held:
            _lock.release()


def remove_unfinished(scratch: Path) -> None:
    """Removes incomplete files of ended processes."""
    for path in scratch.glob(f"{_PREFIX}*"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            continue  # complete by now, or removed
        try:
            if try_lock(descriptor):  # otherwise it is being written
                _remove(path)
        except OSError:
            continue  # the file system does not support locks
        finally:
            os.close(descriptor)


@contextmanager
def _new(parent: Path, *, folder: bool) -> Iterator[tuple[Path, int]]:
    """A new, locked file or folder, removed at the end unless it was moved."""
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, descriptor = _made(parent, folder=folder)
    try:
        yield path, descriptor
    finally:
        os.close(descriptor)
        _unfinished.discard(path)
        _remove(path)


def _made(parent: Path, *, folder: bool) -> tuple[Path, int]:
    """Creates and locks it; again if another process removed it before it was locked."""
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
    """Removes a file or a folder, if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Flushes a file, or the names in a folder, to the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
