"""Queues notices as mails in the outbox, at once or merged into a digest."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import attrs

from ciforge.model.incident import Routing, TransitionKind
from ciforge.model.message import Message, Notice, Thread
from ciforge.notify.notices import hashed
from ciforge.store.incidents.incident_transaction import IncidentTransaction

HOUR, DAY = 3600.0, 86400.0
LIMIT = 20
"""Mails in an hour; more are merged into a digest, none is dropped."""
_URGENT = (Routing.ROOT, Routing.REPLY)


class MailRouter(Protocol):
    """Chooses the recipients of a notice and composes its mail."""

    def recipients(self, notice: Notice, thread: Thread | None = None) -> tuple[str, ...]:
        """Addresses; empty if no route matches. `thread` is the one that the mail belongs to."""

    def message(
        self, notice: Notice, to: tuple[str, ...], thread: Thread | None
    ) -> tuple[Message, Thread]:
        """The mail, and its thread afterwards. For a returned incident `thread` is the earlier one."""


def post(
    transaction: IncidentTransaction, notices: Sequence[Notice], router: MailRouter, now: float
) -> tuple[Message, ...]:
    """Queues urgent notices, holds the others for the digest, and queues the digest when it is due."""
    urgent = [notice for notice in notices if notice.change and notice.change.routing in _URGENT]
    crowded = transaction.queued_since(now - HOUR) + len(urgent) > LIMIT
    queued: list[Message] = []
    for notice in notices:
        if notice.change is None or notice.change.routing is Routing.SILENT:
            continue
        if notice.change.routing is Routing.DIGEST or crowded:
            transaction.hold(notice)
        else:
            queued += _queue(transaction, notice, router)
    return (*queued, *_digests(transaction, router, now))


def _queue(transaction: IncidentTransaction, notice: Notice, router: MailRouter) -> list[Message]:
    change = notice.change
    assert change is not None
    failures: tuple[tuple[str, str, str], ...] = ()
    if change.kind is TransitionKind.INFRASTRUCTURE:
        failures = transaction.failures()
        notice = attrs.evolve(notice, undelivered=_sentences(failures))
    old = change.kind is TransitionKind.RETURNED and change.previous is not None
    of = change.previous.id if old and change.previous else change.incident.id
    before = transaction.thread(of)
    to = router.recipients(notice, before)
    if not to:
        return []
    message, thread = router.message(notice, to, before)
    if not transaction.queue(message, thread):
        return []
    transaction.reported(failures)
    return [message]


def _digests(transaction: IncidentTransaction, router: MailRouter, now: float) -> list[Message]:
    """One digest per set of recipients: once a day, or an hour after the last if mails were merged."""
    waiting, failures = transaction.held(), transaction.failures()
    if not _is_due(waiting, failures, transaction.last_digest(), now):
        return []
    groups: dict[tuple[str, ...], list[Notice]] = {}
    for notice in waiting:
        groups.setdefault(router.recipients(notice), []).append(notice)
    silent = groups.pop((), [])
    undelivered = _sentences(failures)
    messages = []
    for to, items in groups.items():
        digest = _digest(items, undelivered, now)
        messages.append(router.message(digest, to, None)[0])
    for message in messages:
        transaction.queue(message)
    if messages:
        transaction.reported(failures)
    transaction.remove_held([*silent, *(item for items in groups.values() for item in items)])
    return messages


def _is_due(waiting: Sequence[Notice], failures: Sequence[object], last: float, now: float) -> bool:
    if not waiting:
        return False
    merged = any(notice.change and notice.change.routing in _URGENT for notice in waiting)
    if (merged or failures) and now - last >= HOUR:
        return True
    return now - min(notice.at for notice in waiting) >= DAY


def _digest(items: Sequence[Notice], undelivered: tuple[str, ...], now: float) -> Notice:
    first = items[0]
    return Notice(
        id=hashed("digest", *(item.id for item in items)), project=first.project, at=now,
        items=tuple(items), undelivered=undelivered,
    )  # fmt: skip


def _sentences(failures: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
    return tuple(f"{address}: {reply} ({message})" for message, address, reply in failures)
