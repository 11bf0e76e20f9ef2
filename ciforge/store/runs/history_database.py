"""`history.db` as a file that may be lost at any time: whatever is wrong with it, it is made anew.

Nothing in it is worth repairing, for all of it comes from the runs' own files.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

from ciforge.store.runs import history_schema
from ciforge.store.runs.index_rows import fill, storable
from ciforge.store.runs.run_reader import RebuildReport
from ciforge.store.sqlite import (
    NewerDatabaseError,
    database_errors,
    is_damage,
    transaction,
    version,
)

T = TypeVar("T")
Tell = Callable[[str], None]


class Database:
    """The open index of one state folder. `tell` hears a sentence whenever it is made anew."""

    def __init__(self, state: Path, tell: Tell) -> None:
        self.state = state
        self.file = state / "history.db"
        self.tell = tell
        with _errors(self.file), self._alone():
            self.db = self._open()

    def close(self) -> None:
        """Give the file back."""
        self.db.close()

    def change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in one transaction. Raises HistoryProblem."""

        def act() -> T:
            with transaction(self.db) as db:
                return work(db)

        return self._attempt(act)

    def ask(self, sql: str, arguments: Sequence[str | int | float]) -> list[sqlite3.Row]:
        """The rows of one question; waits for no writer. Raises HistoryProblem."""
        given = [storable(a) if isinstance(a, str) else a for a in arguments]
        return self._attempt(lambda: self.db.execute(sql, given).fetchall())

    def _attempt(self, act: Callable[[], T]) -> T:
        """`act`, a second time on a new file if this one is damaged."""
        with _errors(self.file):
            try:
                return act()
            except sqlite3.Error as error:
                if not is_damage(error):
                    raise
                self._replace(str(error))
            return act()

    def catch_up(self, anew: bool = False) -> RebuildReport:
        """Take in what the files say and the index does not know; all of them if `anew`."""
        return self.change(lambda db: fill(db, self.state, anew))

    def _open(self) -> sqlite3.Connection:
        try:
            return self._current(history_schema.connect(self.file))
        except NewerDatabaseError:
            reason = "a newer ciforge wrote it"
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            reason = str(error)
        return self._anew(reason)

    def _current(self, db: sqlite3.Connection) -> sqlite3.Connection:
        try:
            empty = version(db) == 0
            history_schema.migrate(db)
            if empty:
                self._fill(db, "it was empty")
        except BaseException:
            db.close()
            raise
        return db

    def _anew(self, reason: str) -> sqlite3.Connection:
        """A new database beside the old one, which is kept under another name."""
        for end in ("", "-wal", "-shm"):
            if (old := Path(f"{self.file}{end}")).exists():
                old.replace(f"{self.file}.set-aside{end}")
        db = history_schema.connect(self.file)
        history_schema.migrate(db)
        self._fill(db, reason)
        return db

    def _fill(self, db: sqlite3.Connection, reason: str) -> None:
        with transaction(db):
            rebuilt = fill(db, self.state, anew=True)
        if rebuilt.runs or rebuilt.damaged:
            self.tell(f"{self.file}: made anew from {rebuilt.runs} runs ({reason})")
        for damage in rebuilt.damaged:
            self.tell(damage.reason)

    def _replace(self, reason: str) -> None:
        """Open again; where another process has not made the file anew meanwhile, do so."""
        self.db.close()
        with self._alone():
            self.db = self._open()
            try:
                words = [row[0] for row in self.db.execute("PRAGMA quick_check(1)")]
                self.db.execute("SELECT 1 FROM runs, results, steps LIMIT 1")
                healthy = words == ["ok"]
            except sqlite3.Error:
                healthy = False
            if not healthy:
                self.db.close()
                self.db = self._anew(reason)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one process at a time opens, migrates or makes anew."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.state / "history.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _errors(file: Path) -> AbstractContextManager[None]:
    return database_errors(file, f"it can be made again from the runs: remove {file}")
