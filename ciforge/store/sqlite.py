"""Opens, migrates, writes and copies the databases of a state folder.

There are two: `history.db`, an index that can be rebuilt from the files of runs, and
`incidents.db`, which cannot be rebuilt.
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
    """A newer ciforge has migrated the database to `found`; this one supports version `supported`."""

    def __init__(self, found: int, supported: int) -> None:
        super().__init__(f"version {found}, this one supports {supported}")


def connect(file: Path, *, timeout: float, synchronous: str) -> sqlite3.Connection:
    """Opens or creates a database for several processes. Raises sqlite3.Error.

    `timeout` is the number of seconds to wait for another process that writes. `synchronous` is
    FULL if a power failure must not lose a transaction, else NORMAL.
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
    """A transaction; other processes wait until it ends."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def version(db: sqlite3.Connection) -> int:
    """The number of migrations that were applied; 0 for a new database."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(
    db: sqlite3.Connection, scripts: Sequence[str], backup: Callable[[int], None] | None = None
) -> None:
    """Migrates the database to version `len(scripts)`, or leaves it unchanged.

    The script at index N migrates version N to N + 1; no text in it contains a semicolon. `backup`
    is called with the old version before an existing database is changed. Raises sqlite3.Error and
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
    """Writes a consistent copy of the database to `to`. Raises sqlite3.Error."""
    new = to.with_name(f".{to.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(new)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    new.replace(to)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is damaged, as opposed to a full disk, permissions or another process."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGED


@contextmanager
def database_errors(file: Path, hint: str) -> Iterator[None]:
    """Errors of SQLite and the system as a HistoryProblem that names the file.

    `hint` is used if the file itself is damaged.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise of_database(error, file, hint) from None
    except OSError as error:
        raise of_system(error, file) from None
