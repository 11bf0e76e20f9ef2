"""Notices to mails in the outbox: at once, or merged into a digest."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import attrs

from ciforge.model.incident import Routing, TransitionKind
from ciforge.model.message import Message, Notice, Thread
from ciforge.notify.notices import hashed
from ciforge.store.incidents.incident_transaction import IncidentTransaction

HOUR, DAY = 3600.0, 86400.0
LIMIT = 20
"""Mails in an hour; what is beyond them is merged into a digest, never dropped."""
_URGENT = (Routing.ROOT, Routing.REPLY)


class MailRouter(Protocol):
    """Who hears of a notice, and in which words."""

    def recipients(self, notice: Notice) -> tuple[str, ...]:
        """Addresses; empty where no route wants it."""

    def message(
        self, notice: Notice, to: tuple[str, ...], thread: Thread | None
    ) -> tuple[Message, Thread]:
        """The mail, and its thread afterwards. For what returned, `thread` is the one of old."""


def post(
    writing: IncidentTransaction, notices: Sequence[Notice], how: MailRouter, now: float
) -> tuple[Message, ...]:
    """Queues what is to be told at once, keeps the rest for the digest, and queues that when due."""
    urgent = [one for one in notices if one.change and one.change.way in _URGENT]
    crowded = writing.queued_since(now - HOUR) + len(urgent) > LIMIT
    queued: list[Message] = []
    for notice in notices:
        if notice.change is None or notice.change.way is Routing.SILENT:
            continue
        if notice.change.way is Routing.DIGEST or crowded:
            writing.hold(notice)
        else:
            queued += _queue(writing, notice, how)
    return (*queued, *_digests(writing, how, now))


def _queue(writing: IncidentTransaction, notice: Notice, how: MailRouter) -> list[Message]:
    change = notice.change
    assert change is not None
    failures: tuple[tuple[str, str, str], ...] = ()
    if change.turn is TransitionKind.INFRASTRUCTURE:
        failures = writing.failures()
        notice = attrs.evolve(notice, undelivered=_sentences(failures))
    to = how.recipients(notice)
    if not to:
        return []
    old = change.turn is TransitionKind.RETURNED and change.previous is not None
    of = change.previous.id if old and change.previous else change.incident.id
    message, thread = how.message(notice, to, writing.thread(of))
    if not writing.queue(message, thread):
        return []
    writing.reported(failures)
    return [message]


def _digests(writing: IncidentTransaction, how: MailRouter, now: float) -> list[Message]:
    """One for each group of readers, once a day, or an hour after the last where mails were merged."""
    waiting, failures = writing.held(), writing.failures()
    if not _is_due(waiting, failures, writing.last_digest(), now):
        return []
    groups: dict[tuple[str, ...], list[Notice]] = {}
    for notice in waiting:
        groups.setdefault(how.recipients(notice), []).append(notice)
    silent = groups.pop((), [])
    undelivered = _sentences(failures)
    messages = []
    for to, items in groups.items():
        digest = _digest(items, undelivered, now)
        messages.append(how.message(digest, to, None)[0])
    for message in messages:
        writing.queue(message)
    if messages:
        writing.reported(failures)
    writing.let_go([*silent, *(item for items in groups.values() for item in items)])
    return messages


def _is_due(waiting: Sequence[Notice], failures: Sequence[object], last: float, now: float) -> bool:
    if not waiting:
        return False
    merged = any(one.change and one.change.way in _URGENT for one in waiting)
    if (merged or failures) and now - last >= HOUR:
        return True
    return now - min(one.at for one in waiting) >= DAY


def _digest(items: Sequence[Notice], undelivered: tuple[str, ...], now: float) -> Notice:
    first = items[0]
    return Notice(
        id=hashed("digest", *(item.id for item in items)), project=first.project, at=now,
        items=tuple(items), undelivered=undelivered,
    )  # fmt: skip


def _sentences(failures: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
    return tuple(f"{address}: {said} ({message})" for message, address, said in failures)
