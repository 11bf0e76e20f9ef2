"""`incidents.db`: what nothing else knows, so it is never made anew and never overwritten.

Runs that were taken in, the jobs' last definitive results, incidents, and the mails to be sent. What a
run changes and the mails about it are written in one transaction.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from ciforge.model.incident import IncidentLedger
from ciforge.store.documents import HistoryProblem
from ciforge.store.incidents.incident_errors import FILE_NAME, explained, hint
from ciforge.store.incidents.incident_schema import last_sequence, open_ledger
from ciforge.store.incidents.incident_transaction import IncidentTransaction
from ciforge.store.incidents.outbox import Outbox
from ciforge.store.incidents.state_rows import read_book
from ciforge.store.sqlite import copy, transaction


class Incidents:
    """The open database of one state folder; every method raises HistoryProblem where it fails."""

    def __init__(self, file: Path, db: sqlite3.Connection) -> None:
        self.file = file
        self._db = db
        self.outbox = Outbox(db, lambda: explained(file))

    @classmethod
    def open(cls, state: Path) -> "Incidents":
        """Open or create it. A damaged or newer one is an error, and is left as it is."""
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
        """Give the file back."""
        self._db.close()

    @contextmanager
    def writing(self, project: str) -> Iterator[IncidentTransaction]:
        """Everything in this block is written, or nothing; other processes wait until it ends."""
        with explained(self.file), transaction(self._db) as db:
            yield IncidentTransaction(db, project)

    def book(self, project: str) -> IncidentLedger:
        """All standings (without packages) and open incidents, as they are now."""
        with explained(self.file):
            return read_book(self._db, project, packages=False)

    def is_taken(self, run: str) -> bool:
        """Whether the run was taken in."""
        with explained(self.file):
            found = self._db.execute("SELECT 1 FROM taken WHERE run = ?", [run]).fetchone()
            return found is not None

    def taken(self) -> dict[str, float]:
        """The runs that were taken in, and the place of each in their order."""
        with explained(self.file):
            rows = self._db.execute("SELECT run, sequence FROM taken ORDER BY sequence, run")
            return {row["run"]: row["sequence"] for row in rows}

    def announce(self, run: str, at: float) -> None:
        """A run that began and is to be taken in once it has ended, whoever does that."""
        with explained(self.file):
            words = "INSERT OR IGNORE INTO announced (run, at, sequence) VALUES (?, ?, ?)"
            with transaction(self._db) as db:
                db.execute(words, [run, at, last_sequence(db) + 1])

    def announced(self) -> list[tuple[str, float]]:
        """Runs that were announced and not taken in, the oldest first, and when they began."""
        with explained(self.file):
            rows = self._db.execute("SELECT run, at FROM announced ORDER BY sequence, run")
            return [(row["run"], row["at"]) for row in rows]

    def copy(self, to: Path) -> None:
        """A whole copy of the database, for instance to carry it elsewhere."""
        with explained(self.file):
            copy(self.file, to)

    def check(self) -> None:
        """Look through the whole file. Raises HistoryProblem where it is damaged."""
        with explained(self.file):
            words = [row[0] for row in self._db.execute("PRAGMA integrity_check(5)")]
        if words != ["ok"]:
            raise HistoryProblem(f"{self.file}: damaged: {'; '.join(words)}", hint=hint(self.file))
