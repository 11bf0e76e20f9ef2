"""`history.db` as a file that may be lost or damaged at any time, and is then rebuilt.

All its contents come from the files of runs.
"""

import errno
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

from ciforge.file_lock import locked
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

_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
T = TypeVar("T")
OnMessage = Callable[[str], None]


class Database:
    """The open index of one state folder. `tell` is called with a sentence when it is rebuilt."""

    def __init__(self, state: Path, on_message: OnMessage) -> None:
        self.state = state
        self.file = state / "history.db"
        self.on_message = on_message
        with _errors(self.file):
            try:
                with self._alone():
                    self.db = self._open()
            except OSError as error:
                if error.errno not in _READ_ONLY or not state.is_dir():
                    raise
                self.db = self._in_memory()

    def _in_memory(self) -> sqlite3.Connection:
        """An index of the runs of a folder that cannot be written; nothing of it is kept."""
        db = history_schema.connect(Path(":memory:"))
        history_schema.migrate(db)
        with transaction(db):
            fill(db, self.state, rebuild_all=True)
        return db

    def close(self) -> None:
        """Closes the file."""
        self.db.close()

    def change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs `work` in one transaction. Raises HistoryProblem."""

        def act() -> T:
            with transaction(self.db) as db:
                return work(db)

        return self._attempt(act)

    def ask(self, sql: str, arguments: Sequence[str | int | float]) -> list[sqlite3.Row]:
        """The rows of a query; does not wait for writers. Raises HistoryProblem."""
        given = [storable(a) if isinstance(a, str) else a for a in arguments]
        return self._attempt(lambda: self.db.execute(sql, given).fetchall())

    def _attempt(self, act: Callable[[], T]) -> T:
        """Runs `act`, again with a new file if this one is damaged."""
        with _errors(self.file):
            try:
                return act()
            except sqlite3.Error as error:
                if not is_damage(error):
                    raise
                self._replace(str(error))
            return act()

    def catch_up(self, rebuild_all: bool = False) -> RebuildReport:
        """Imports runs that the index does not have; all of them with `rebuild_all`."""
        return self.change(lambda db: fill(db, self.state, rebuild_all))

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
        """Creates a new database; the old one is kept under another name."""
        for end in ("", "-wal", "-shm"):
            if (old := Path(f"{self.file}{end}")).exists():
                old.replace(f"{self.file}.set-aside{end}")
        db = history_schema.connect(self.file)
        history_schema.migrate(db)
        self._fill(db, reason)
        return db

    def _fill(self, db: sqlite3.Connection, reason: str) -> None:
        with transaction(db):
            rebuilt = fill(db, self.state, rebuild_all=True)
        if rebuilt.runs or rebuilt.damaged:
            self.on_message(f"{self.file}: rebuilt from {rebuilt.runs} runs ({reason})")
        for damage in rebuilt.damaged:
            self.on_message(damage.reason)

    def _replace(self, reason: str) -> None:
        """Opens the file again, and rebuilds it unless another process has done so."""
        self.db.close()
        with self._alone():
            self.db = self._open()
            try:
                problems = [row[0] for row in self.db.execute("PRAGMA quick_check(1)")]
                self.db.execute("SELECT 1 FROM runs, results, steps LIMIT 1")
                healthy = problems == ["ok"]
            except sqlite3.Error:
                healthy = False
            if not healthy:
                self.db.close()
                self.db = self._anew(reason)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one process at a time opens, migrates or rebuilds."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(self.state / "history.lock"):
            yield


def _errors(file: Path) -> AbstractContextManager[None]:
    return database_errors(file, f"it can be made again from the runs: remove {file}")
