"""What one transaction may write into `incidents.db`."""

import json
import sqlite3
from collections.abc import Iterable

from ciforge.model.incident import IncidentLedger
from ciforge.model.message import Delivery, Message, Notice, Thread
from ciforge.store.incidents.clock_jump import settle
from ciforge.store.incidents.incident_schema import last_sequence
from ciforge.store.incidents.state_rows import read_book, storable, text_of, value_of, write_book


class IncidentTransaction:
    """One transaction; what it reads nobody changes until it ends."""

    def __init__(self, db: sqlite3.Connection, project: str) -> None:
        self._db = db
        self._project = project

    def take(self, run: str, at: float, now: float, outcome: str = "") -> int:
        """Marks a run as taken in; its place in the order of all, or 0 where it was taken already.

        A run that was announced keeps the place that it got then.
        """
        if self._db.execute("SELECT 1 FROM taken WHERE run = ?", [run]).fetchone():
            return 0
        words = "SELECT sequence FROM announced WHERE run = ?"
        announced = self._db.execute(words, [run]).fetchone()
        sequence = int(announced[0]) if announced else self.last_sequence() + 1
        words = "INSERT INTO taken (run, at, taken, outcome, sequence) VALUES (?, ?, ?, ?, ?)"
        self._db.execute(words, [run, at, now, outcome, sequence])
        self._db.execute("DELETE FROM announced WHERE run = ?", [run])
        return sequence

    def last_sequence(self) -> int:
        """The highest place that a run has; 0 where there is none."""
        return last_sequence(self._db)

    def settle(self, now: float) -> float:
        """Moves times that lie ahead of the clock to `now`; by how many seconds it went back, or 0."""
        return settle(self._db, now)

    def book(self, keys: Iterable[str] = ()) -> IncidentLedger:
        """All standings, open incidents, and the last closed ones of these keys."""
        return read_book(self._db, self._project, keys)

    def save(self, before: IncidentLedger, after: IncidentLedger) -> None:
        """Writes what differs between the two."""
        write_book(self._db, before, after)

    def thread(self, incident: str) -> Thread | None:
        """The mails of an incident so far; None where nothing was mailed."""
        found = self._db.execute(
            "SELECT thread_root, thread_last, thread_subject, thread_to FROM incidents "
            "WHERE id = ? AND thread_root != ''", [incident],
        ).fetchone()  # fmt: skip
        if found is None:
            return None
        to = tuple(json.loads(found["thread_to"]))
        return Thread(root=found[0], last=found[1], subject=found[2], to=to)

    def queue(self, message: Message, thread: Thread | None = None) -> bool:
        """Puts a mail into the outbox, each once; `thread` is how its incident's thread goes on.

        False where it is there already.
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
        """How many mails were queued at or after that moment."""
        words = "SELECT count(*) FROM messages WHERE created >= ?"
        return int(self._db.execute(words, [moment]).fetchone()[0])

    def last_digest(self) -> float:
        """When the last digest was queued, in seconds since 1970; 0 where none was."""
        words = "SELECT max(created) FROM messages WHERE kind = 'digest'"
        return float(self._db.execute(words).fetchone()[0] or 0.0)

    def hold(self, notice: Notice) -> None:
        """Keeps what a digest is to say; the same notice once."""
        self._db.execute(
            "INSERT OR IGNORE INTO waiting VALUES (?, ?, ?)",
            [notice.id, notice.at, text_of(notice)],
        )

    def held(self) -> tuple[Notice, ...]:
        """What waits for the digest, the oldest first."""
        rows = self._db.execute("SELECT document FROM waiting ORDER BY at, notice")
        return tuple(value_of(row["document"], Notice) for row in rows)

    def let_go(self, notices: Iterable[Notice]) -> None:
        """These are said, and wait no more."""
        self._db.executemany("DELETE FROM waiting WHERE notice = ?", [(one.id,) for one in notices])

    def failures(self) -> tuple[tuple[str, str, str], ...]:
        """Deliveries that failed for good and that nobody was told of: Message-ID, address, why."""
        words = (
            "SELECT message_id, address, said FROM recipients "
            "WHERE delivery IN ('refused', 'expired') AND reported = 0 ORDER BY at, address"
        )
        return tuple((row[0], row[1], row[2]) for row in self._db.execute(words))

    def reported(self, failures: Iterable[tuple[str, str, str]]) -> None:
        """Operators were told of these."""
        self._db.executemany(
            "UPDATE recipients SET reported = 1 WHERE message_id = ? AND address = ?",
            [(message, address) for message, address, _ in failures],
        )
