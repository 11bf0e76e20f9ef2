"""One transaction on `incidents.db`."""

import json
import sqlite3
from collections.abc import Iterable

from ciforge.model.incident import IncidentLedger
from ciforge.model.message import Delivery, Message, Notice, Thread
from ciforge.store.incidents.clock_jump import settle
from ciforge.store.incidents.incident_schema import last_sequence
from ciforge.store.incidents.state_rows import (
    read_ledger,
    storable,
    text_of,
    value_of,
    write_ledger,
)


class IncidentTransaction:
    """One transaction; other processes cannot write until it ends."""

    def __init__(self, db: sqlite3.Connection, project: str) -> None:
        self._db = db
        self._project = project

    def take(self, run: str, at: float, now: float, outcome: str = "") -> int:
        """Marks a run as imported; its sequence, or 0 if it was imported before.

        An announced run keeps the sequence of its announcement.
        """
        if self._db.execute("SELECT 1 FROM taken WHERE run = ?", [run]).fetchone():
            return 0
        statement = "SELECT sequence FROM announced WHERE run = ?"
        announced = self._db.execute(statement, [run]).fetchone()
        sequence = int(announced[0]) if announced else self.last_sequence() + 1
        statement = "INSERT INTO taken (run, at, taken, outcome, sequence) VALUES (?, ?, ?, ?, ?)"
        self._db.execute(statement, [run, at, now, outcome, sequence])
        self._db.execute("DELETE FROM announced WHERE run = ?", [run])
        return sequence

    def last_sequence(self) -> int:
        """The highest sequence of a run; 0 if there is none."""
        return last_sequence(self._db)

    def settle(self, now: float) -> float:
        """Moves times in the future to `now`; by how many seconds the clock went back, or 0."""
        return settle(self._db, now)

    def ledger(self, keys: Iterable[str] = ()) -> IncidentLedger:
        """All standings, open incidents, and the last closed ones of these keys."""
        return read_ledger(self._db, self._project, keys)

    def save(self, before: IncidentLedger, after: IncidentLedger) -> None:
        """Writes the differences between the two ledgers."""
        write_ledger(self._db, before, after)

    def thread(self, incident: str) -> Thread | None:
        """The mails of an incident so far; None if there are none."""
        found = self._db.execute(
            "SELECT thread_root, thread_last, thread_subject, thread_to FROM incidents "
            "WHERE id = ? AND thread_root != ''", [incident],
        ).fetchone()  # fmt: skip
        if found is None:
            return None
        to = tuple(json.loads(found["thread_to"]))
        return Thread(root=found[0], last=found[1], subject=found[2], to=to)

    def queue(self, message: Message, thread: Thread | None = None) -> bool:
        """Adds a mail to the outbox, once; `thread` is the new thread of its incident.

        False if it was added before.
        """
        put = self._db.execute(
            "INSERT OR IGNORE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                message.message_id, message.notice, message.incident, message.kind,
                message.created, message.not_before, message.expires, text_of(message),
            ],
        )  # fmt: skip
        if put.rowcount != 1:
            return False
        self._db.executemany(
            "INSERT INTO recipients (message_id, address, delivery, next_try, at) "
            "VALUES (?, ?, ?, ?, ?)",
            [
                (message.message_id, storable(to), Delivery.QUEUED.value, message.not_before,
                 message.created)
                for to in dict.fromkeys(message.to)
            ],
        )  # fmt: skip
        if thread is not None:
            self._go_on(message.incident, thread)
        return True

    def _go_on(self, incident: str, thread: Thread) -> None:
        self._db.execute(
            "UPDATE incidents SET thread_root = ?, thread_last = ?, thread_subject = ?, "
            "thread_to = ? WHERE id = ?",
            [
                thread.root, thread.last, storable(thread.subject), json.dumps(thread.to), incident,
            ],
        )  # fmt: skip

    def queued_since(self, moment: float) -> int:
        """The number of mails queued at or after that moment."""
        statement = "SELECT count(*) FROM messages WHERE created >= ?"
        return int(self._db.execute(statement, [moment]).fetchone()[0])

    def last_digest(self) -> float:
        """The time when the last digest was queued, in seconds since 1970; 0 if none was."""
        statement = "SELECT max(created) FROM messages WHERE kind = 'digest'"
        return float(self._db.execute(statement).fetchone()[0] or 0.0)

    def hold(self, notice: Notice) -> None:
        """Stores a notice for the next digest, once."""
        self._db.execute(
            "INSERT OR IGNORE INTO waiting VALUES (?, ?, ?)",
            [notice.id, notice.at, text_of(notice)],
        )

    def held(self) -> tuple[Notice, ...]:
        """The notices for the next digest, the oldest first."""
        rows = self._db.execute("SELECT document FROM waiting ORDER BY at, notice")
        return tuple(value_of(row["document"], Notice) for row in rows)

    def remove_held(self, notices: Iterable[Notice]) -> None:
        """Removes notices that the digest contained."""
        self._db.executemany(
            "DELETE FROM waiting WHERE notice = ?", [(notice.id,) for notice in notices]
        )

    def failures(self) -> tuple[tuple[str, str, str], ...]:
        """Permanent failures that operators were not told about: Message-ID, address, reason."""
        statement = (
            "SELECT message_id, address, said FROM recipients "
            "WHERE delivery IN ('refused', 'expired') AND reported = 0 ORDER BY at, address"
        )
        return tuple((row[0], row[1], row[2]) for row in self._db.execute(statement))

    def reported(self, failures: Iterable[tuple[str, str, str]]) -> None:
        """Marks failures as reported to operators."""
        self._db.executemany(
            "UPDATE recipients SET reported = 1 WHERE message_id = ? AND address = ?",
            [(message, address) for message, address, _ in failures],
        )
