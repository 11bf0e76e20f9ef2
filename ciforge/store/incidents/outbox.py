"""The outbox of `incidents.db`: mails and the state of their delivery."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import attrs

from ciforge.model.message import Delivery, Message, Queued, Recipient
from ciforge.store.documents import key_of
from ciforge.store.incidents.state_rows import storable, value_of
from ciforge.store.sqlite import transaction

_ALL = "SELECT document FROM messages ORDER BY created DESC, message_id LIMIT ?"
_DUE = (
    "SELECT DISTINCT messages.document, messages.created, messages.message_id FROM recipients "
    "JOIN messages USING (message_id) WHERE delivery = 'queued' AND next_try <= ? "
    "AND not_before <= ? ORDER BY messages.created, messages.message_id LIMIT ?"
)
_PENDING = (
    "SELECT DISTINCT messages.document, messages.created, messages.message_id FROM recipients "
    "JOIN messages USING (message_id) WHERE delivery = 'queued' "
    "ORDER BY messages.created, messages.message_id LIMIT ?"
)
_SOME = "SELECT document FROM messages WHERE substr(message_id, 2, length(?)) = ? ORDER BY created"


class Outbox:
    """Messages with their recipients; every method raises HistoryProblem if it fails."""

    def __init__(
        self, db: sqlite3.Connection, explained: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._db = db
        self._explained = explained

    def all(self, limit: int = -1) -> list[Queued]:
        """Messages, the newest first."""
        return self._queued(_ALL, [limit])

    def due(self, now: float, limit: int = -1) -> list[Queued]:
        """Messages with a recipient that is due now, the oldest first, with all their recipients."""
        return self._queued(_DUE, [now, now, limit])

    def pending(self, limit: int = -1) -> list[Queued]:
        """Messages with a queued recipient, the oldest first."""
        return self._queued(_PENDING, [limit])

    def find(self, start: str) -> list[Queued]:
        """Messages whose Message-ID begins with `start`, with or without its angle bracket."""
        start = storable(start.strip().removeprefix("<"))
        return self._queued(_SOME, [start, start])

    def put(self, recipients: Sequence[Recipient]) -> None:
        """Stores these deliveries, all of them or none; `reported` is not changed."""
        rows = [
            (
                recipient.delivery.value, recipient.attempts, recipient.next_try, storable(recipient.reply), recipient.at,
                recipient.message_id, storable(recipient.address),
            )
            for recipient in recipients
        ]  # fmt: skip
        statement = (
            "UPDATE recipients SET delivery = ?, attempts = ?, next_try = ?, said = ?, at = ? "
            "WHERE message_id = ? AND address = ?"
        )
        with self._explained(), transaction(self._db) as db:
            db.executemany(statement, rows)

    def _queued(self, statement: str, arguments: Sequence[object]) -> list[Queued]:
        with self._explained():
            rows = self._db.execute(statement, tuple(arguments)).fetchall()
            messages = [value_of(row["document"], Message) for row in rows]
            return [
                Queued(message=message, recipients=self._recipients(message.message_id))
                for message in messages
            ]

    def _recipients(self, message_id: str) -> tuple[Recipient, ...]:
        rows = self._db.execute(
            "SELECT * FROM recipients WHERE message_id = ? ORDER BY address", [message_id]
        )
        return tuple(_recipient(row) for row in rows)


def _recipient(row: sqlite3.Row) -> Recipient:
    named = {field.name: row[key_of(field)] for field in attrs.fields(Recipient)}
    named["delivery"] = Delivery(row["delivery"])
    named["reported"] = bool(row["reported"])
    return Recipient(**named)
