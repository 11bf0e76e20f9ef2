"""Mails from the outbox to a transport, by one process at a time, and what became of each."""

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
"""Mails in a row of which nobody took any; the others wait for the next time."""


@attrs.frozen(kw_only=True)
class Delivered:
    """What came of one attempt at the outbox."""

    sent: int = 0
    """Recipients who got their mail."""
    failed: tuple[Recipient, ...] = ()
    """Recipients who did not, for now or for good."""


def deliver(
    state: Path, outbox: Outbox, transport: Transport, clock: Callable[[], float]
) -> Delivered:
    """Tries every mail that is due. Raises HistoryProblem.

    What became of a mail is written before the next one is begun, so that a crash sends at most the
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
    """The recipients that were due, as they are afterwards."""
    now = clock()
    due = [it for it in one.recipients if it.delivery is Delivery.QUEUED and it.next_try <= now]
    answers = transport.send(envelope(one.message, tuple(it.address for it in due)))
    silent = RecipientReply(DeliveryStatus.LATER, "the transport said nothing")
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
    """Whoever comes second waits, and then finds nothing left to send."""
    with locked(state / "outbox.lock"):
        yield
