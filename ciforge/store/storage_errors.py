"""Explains why a file of the state folder cannot be used; a full disk is not damage."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ciforge.store.history_problem import HistoryProblem, StorageProblem

_ROOM = "free some space there; nothing is lost, and the same command continues afterwards"
_WORDS = {
    errno.ENOSPC: ("the disk is full", _ROOM),
    errno.EDQUOT: ("your disk quota is used up", _ROOM),
    errno.EROFS: ("the file system is read-only", "mount it writable, or name another folder: --state-dir"),
    errno.EACCES: ("permission denied", "run as the owner of that folder, or name another one: --state-dir"),
    errno.EPERM: ("operation not permitted", "run as the owner of that folder, or name another one: --state-dir"),
    errno.EIO: ("the disk failed to read or write", "look at the disk (dmesg); nothing was replaced"),
}  # fmt: skip
"""Errors of the system, and what to do about them; the file is not damaged."""

_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_STORAGE = (
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM,
)  # fmt: skip
_PROBE = b"\0" * 65536


def of_system(error: OSError, path: Path) -> HistoryProblem:
    """An error of the system. A full disk and the like exit 3, because the arguments are right."""
    place = error.filename if isinstance(error.filename, str) else path
    if error.errno in _WORDS:
        sentence, hint = _WORDS[error.errno]
        return StorageProblem(f"{place}: {sentence}", hint=hint)
    return HistoryProblem(f"{place}: {error.strerror or error}")


def of_database(error: sqlite3.Error, file: Path, damaged: str) -> HistoryProblem:
    """An error of SQLite; `damaged` is the hint if the file itself is damaged."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _LOCKED:
        hint = "wait for the other ciforge, or look for one that hangs"
        return StorageProblem(f"{file}: another process holds it", hint=hint)
    if code not in _STORAGE:
        return HistoryProblem(f"{file}: {error}", hint=damaged)
    refusal = _refusal(file)
    if refusal is None and code == sqlite3.SQLITE_FULL:
        refusal = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if refusal is not None:
        return of_system(OSError(refusal.errno, str(refusal.strerror)), file)
    return StorageProblem(f"{file}: {error}", hint="the file was left as it is: try again")


def _refusal(file: Path) -> OSError | None:
    """The error of opening the file, or of writing a little beside it."""
    import tempfile  # slow to import, and rarely needed

    try:
        if file.exists():
            os.close(os.open(file, os.O_RDWR | os.O_CLOEXEC))
        with tempfile.TemporaryFile(dir=file.parent) as probe:
            probe.write(_PROBE)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return error
    return None


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Errors of the system as a HistoryProblem that names the file."""
    try:
        yield
    except OSError as error:
        raise of_system(error, path) from None
