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

_HOPELESS = 2
"""Mails in a row that failed for all recipients, after which the rest stays queued."""


@attrs.frozen(kw_only=True)
class Delivered:
    """The result of one pass over the outbox."""

    sent: int = 0
    """Number of recipients whose mail was accepted."""
    failed: tuple[Recipient, ...] = ()
    """Recipients whose mail was refused, expired or stays queued."""


def deliver(
    state: Path, outbox: Outbox, transport: Transport, clock: Callable[[], float]
) -> Delivered:
    """Tries every mail that is due. Raises HistoryProblem.

    The result of a mail is stored before the next one is sent, so that a crash sends at most the
    same Message-ID again. `clock` gives seconds since 1970.
    """
    sent, failed, hopeless = 0, list[Recipient](), 0
    with _alone(state):
        for one in outbox.due(clock()):
            after = _tried(one, transport, clock)
            outbox.put(after)
            taken = [it for it in after if it.delivery is Delivery.SENT]
            sent += len(taken)
            failed += [it for it in after if it.delivery is not Delivery.SENT]
            later = all(it.delivery in (Delivery.QUEUED, Delivery.EXPIRED) for it in after)
            hopeless = hopeless + 1 if later else 0
            if hopeless == _HOPELESS:
                break
    return Delivered(sent=sent, failed=tuple(failed))


def _tried(one: Queued, transport: Transport, clock: Callable[[], float]) -> list[Recipient]:
    """The recipients that were due, with their new state."""
    now = clock()
    due = [it for it in one.recipients if it.delivery is Delivery.QUEUED and it.next_try <= now]
    answers = transport.send(envelope(one.message, tuple(it.address for it in due)))
    silent = RecipientReply(DeliveryStatus.LATER, "no reply from the transport")
    now, expires = clock(), one.message.expires
    return [_after(it, answers.get(it.address, silent), now, expires) for it in due]


def _after(one: Recipient, answer: RecipientReply, now: float, expires: float) -> Recipient:
    tried = attrs.evolve(one, attempts=one.attempts + 1, said=answer.said, at=now)
    if answer.fate is DeliveryStatus.ACCEPTED:
        return attrs.evolve(tried, delivery=Delivery.SENT)
    if answer.fate is DeliveryStatus.REFUSED:
        return attrs.evolve(tried, delivery=Delivery.REFUSED)
    if expires and now >= expires:
        return attrs.evolve(tried, delivery=Delivery.EXPIRED)
    return attrs.evolve(tried, next_try=next_try(tried.attempts, now))


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Holds the lock of the outbox; a second process waits, then finds nothing left to send."""
    with locked(state / "outbox.lock"):
        yield
