"""`incidents.db`, which cannot be rebuilt and is never overwritten.

It has imported runs, the last definitive results of jobs, incidents, and mail. The changes of a run
and its mail are written in one transaction.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from ciforge.model.incident import IncidentLedger
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.incidents.incident_errors import FILE_NAME, explained, hint
from ciforge.store.incidents.incident_schema import last_sequence, open_ledger
from ciforge.store.incidents.incident_transaction import IncidentTransaction
from ciforge.store.incidents.outbox import Outbox
from ciforge.store.incidents.state_rows import read_ledger
from ciforge.store.sqlite import copy, transaction


class Incidents:
    """The open database of one state folder; every method raises HistoryProblem if it fails."""

    def __init__(self, file: Path, db: sqlite3.Connection) -> None:
        self.file = file
        self._db = db
        self.outbox = Outbox(db, lambda: explained(file))

    @classmethod
    def open(cls, state: Path) -> "Incidents":
        """Opens or creates it. A damaged or newer database is an error, and is not changed."""
        file = state / FILE_NAME
        with explained(file):
            return cls(file, open_ledger(file))

    def __enter__(self) -> "Incidents":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    @contextmanager
    def writing(self, project: str) -> Iterator[IncidentTransaction]:
        """A transaction; other processes wait until it ends."""
        with explained(self.file), transaction(self._db) as db:
            yield IncidentTransaction(db, project)

    def ledger(self, project: str) -> IncidentLedger:
        """All standings (without packages) and open incidents, as they are now."""
        with explained(self.file):
            return read_ledger(self._db, project, packages=False)

    def is_imported(self, run: str) -> bool:
        """Whether the run was imported."""
        with explained(self.file):
            found = self._db.execute("SELECT 1 FROM taken WHERE run = ?", [run]).fetchone()
            return found is not None

    def taken(self) -> dict[str, float]:
        """The imported runs, and the sequence of each."""
        with explained(self.file):
            rows = self._db.execute("SELECT run, sequence FROM taken ORDER BY sequence, run")
            return {row["run"]: row["sequence"] for row in rows}

    def announce(self, run: str, at: float) -> None:
        """Announces a run that must be imported when it has ended, by any process."""
        with explained(self.file):
            statement = "INSERT OR IGNORE INTO announced (run, at, sequence) VALUES (?, ?, ?)"
            with transaction(self._db) as db:
                db.execute(statement, [run, at, last_sequence(db) + 1])

    def announced(self) -> list[tuple[str, float]]:
        """Announced runs that are not imported, the oldest first, and when they began."""
        with explained(self.file):
            rows = self._db.execute("SELECT run, at FROM announced ORDER BY sequence, run")
            return [(row["run"], row["at"]) for row in rows]

    def copy(self, to: Path) -> None:
        """Writes a consistent copy of the database."""
        with explained(self.file):
            copy(self.file, to)

    def check(self) -> None:
        """Checks the whole file. Raises HistoryProblem if it is damaged."""
        with explained(self.file):
            problems = [row[0] for row in self._db.execute("PRAGMA integrity_check(5)")]
        if problems != ["ok"]:
            raise HistoryProblem(
                f"{self.file}: damaged: {'; '.join(problems)}", hint=hint(self.file)
            )
