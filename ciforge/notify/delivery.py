"""Sends queued mails through a transport, one process at a time, and records each result."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from ciforge.file_lock import locked
from ciforge.mail.mime import envelope
from ciforge.mail.retry import next_try
from ciforge.mail.transport import DeliveryStatus, RecipientReply, Transport
from ciforge.model.message import Delivery, Queued, Recipient
from ciforge.store.incidents.outbox import Outbox

_GIVE_UP_AFTER = 2
"""Number of mails in a row that failed for all recipients, after which the rest stays queued."""


@attrs.frozen(kw_only=True)
class DeliveryReport:
    """The result of one pass over the outbox."""

    sent: int = 0
    """Number of recipients whose mail was accepted."""
    failed: tuple[Recipient, ...] = ()
    """Recipients whose mail was refused, expired or stays queued."""


def deliver(
    state: Path, outbox: Outbox, transport: Transport, clock: Callable[[], float]
) -> DeliveryReport:
    """Tries every mail that is due. Raises HistoryProblem.

    The result of a mail is stored before the next one is sent, so that a crash sends at most the
    same Message-ID again. `clock` gives seconds since 1970.
    """
    sent, failed, consecutive_failures = 0, list[Recipient](), 0
    with _outbox_lock(state):
        for queued in outbox.due(clock()):
            updated = _tried(queued, transport, clock)
            outbox.put(updated)
            sent_recipients = [
                recipient for recipient in updated if recipient.delivery is Delivery.SENT
            ]
            sent += len(sent_recipients)
            failed += [
                recipient for recipient in updated if recipient.delivery is not Delivery.SENT
            ]
            later = all(
                recipient.delivery in (Delivery.QUEUED, Delivery.EXPIRED) for recipient in updated
            )
            consecutive_failures = consecutive_failures + 1 if later else 0
            if consecutive_failures == _GIVE_UP_AFTER:
                break
    return DeliveryReport(sent=sent, failed=tuple(failed))


def _tried(queued: Queued, transport: Transport, clock: Callable[[], float]) -> list[Recipient]:
    """The recipients that were due, with their new state."""
    now = clock()
    due = [
        recipient
        for recipient in queued.recipients
        if recipient.delivery is Delivery.QUEUED and recipient.next_try <= now
    ]
    answers = transport.send(
        envelope(queued.message, tuple(recipient.address for recipient in due))
    )
    silent = RecipientReply(DeliveryStatus.LATER, "no reply from the transport")
    now, expires = clock(), queued.message.expires
    return [
        _after(recipient, answers.get(recipient.address, silent), now, expires) for recipient in due
    ]


def _after(recipient: Recipient, reply: RecipientReply, now: float, expires: float) -> Recipient:
    tried = attrs.evolve(recipient, attempts=recipient.attempts + 1, reply=reply.text, at=now)
    if reply.status is DeliveryStatus.ACCEPTED:
        return attrs.evolve(tried, delivery=Delivery.SENT)
    if reply.status is DeliveryStatus.REFUSED:
        return attrs.evolve(tried, delivery=Delivery.REFUSED)
    if expires and now >= expires:
        return attrs.evolve(tried, delivery=Delivery.EXPIRED)
    return attrs.evolve(tried, next_try=next_try(tried.attempts, now))


@contextmanager
def _outbox_lock(state: Path) -> Iterator[None]:
    """Holds the lock of the outbox; a second process waits, then finds nothing left to send."""
    with locked(state / "outbox.lock"):
        yield
