"""How every database of a state folder is opened, migrated, written and copied.

There are two: `history.db`, an index that can be rebuilt from the files of runs at any time, and
`incidents.db`, whose contents are nowhere else and which is never rebuilt.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from ciforge.store.storage_errors import of_database, of_system

_DAMAGED = {
    sqlite3.SQLITE_ERROR,  # "no such table": these are not our tables, for our SQL is right
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_NOTADB,
}


class NewerDatabaseError(Exception):
    """A newer ciforge has migrated the database to `found`; this one knows `known` versions."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"version {found}, this one knows {known}")


def connect(file: Path, *, timeout: float, synchronous: str) -> sqlite3.Connection:
    """Open or create a database that several processes use. Raises sqlite3.Error.

    `timeout` is the number of seconds to wait for another process that writes. `synchronous` is FULL
    where a power cut must not lose a transaction, else NORMAL.
    """
    db = sqlite3.connect(file, timeout=timeout, isolation_level=None)
    try:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {synchronous}")
        db.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        db.close()
        raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Everything in this block is written, or nothing; other processes wait until it ends."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def version(db: sqlite3.Connection) -> int:
    """The number of migrations that the database has seen; 0 where it is new."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(
    db: sqlite3.Connection, scripts: Sequence[str], backup: Callable[[int], None] | None = None
) -> None:
    """Bring the database to version `len(scripts)`, or leave it as it is.

    The script at place N makes version N + 1 of version N; no text in it holds a semicolon. `backup` is
    called with the old version before a database that is not new is changed. Raises sqlite3.Error and
    NewerDatabaseError.
    """
    if _is_current(db, scripts):
        return
    with transaction(db):
        if _is_current(db, scripts):
            return  # another process has migrated it
        found = version(db)
        if found and backup:
            backup(found)
        for script in scripts[found:]:
            for statement in filter(str.strip, script.split(";")):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(scripts)}")


def _is_current(db: sqlite3.Connection, scripts: Sequence[str]) -> bool:
    found = version(db)
    if found > len(scripts):
        raise NewerDatabaseError(found, len(scripts))
    return found == len(scripts)


def copy(file: Path, to: Path) -> None:
    """Write a whole copy of the database to `to`, also while others write. Raises sqlite3.Error."""
    new = to.with_name(f".{to.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(new)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    new.replace(to)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is at fault, rather than its folder, a full disk or another process."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGED


@contextmanager
def database_errors(file: Path, hint: str) -> Iterator[None]:
    """SQLite's and the system's errors as a HistoryProblem that names the file.

    `hint` is shown where the file itself is damaged.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise of_database(error, file, hint) from None
    except OSError as error:
        raise of_system(error, file) from None
