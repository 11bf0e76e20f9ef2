"""Mails: what is to be said, the message that says it, and what became of it."""

import enum

import attrs

from ciforge.model.cause import Cause
from ciforge.model.incident import Range, Transition


@attrs.frozen(kw_only=True)
class Notice:
    """What one mail has to say; everything that composing it needs, and nothing to look up."""

    id: str
    """24 hexadecimal digits; the same whenever the same is to be said: the Message-ID is made of it."""
    project: str
    at: float
    """When it was decided, in seconds since 1970."""
    change: Transition | None = None
    """None for a digest."""
    cause: Cause | None = None
    range: Range | None = None
    """None where nothing is known of a good run, and for reminders, infrastructure and stale."""
    broken: tuple[str, ...] = ()
    """Ids of the line's jobs: those that show the cause now."""
    elsewhere: tuple[str, ...] = ()
    """Those that fail for another cause."""
    fine: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()
    """Those without a definitive result in this run."""
    repeat: str = ""
    """The command that repeats it: `ciforge run JOB --rev …`."""
    trouble: str = ""
    """What infrastructure said, or which deadline has passed; one sentence."""
    blame: bool = False
    """Whether authors of the range may be written to: never for a job's first run."""
    undelivered: tuple[str, ...] = ()
    """For operators: a sentence for each mail that could not be delivered."""
    remarks: tuple[str, ...] = ()
    """Sentences that stand near the end: state that is gone, what could not be read."""
    items: tuple["Notice", ...] = ()
    """For a digest (and mails that were merged): what it holds, the oldest first."""


attrs.resolve_types(Notice)  # it holds others of its kind


@attrs.frozen(kw_only=True)
class Thread:
    """The mails of one incident so far."""

    root: str
    """Message-IDs, with their angle brackets."""
    last: str
    subject: str
    """The root's, without the tag and `Re:`."""
    to: tuple[str, ...] = ()
    """Who got the root."""


@attrs.frozen(kw_only=True)
class Message:
    """One mail, ready to be handed to a transport; every text is safe to be in a header."""

    message_id: str
    """With its angle brackets, at most 70 characters, made of the notice's id."""
    notice: str
    """The id of the notice that it says."""
    kind: str
    """One of INCIDENT_STATES, `digest` or `test`."""
    incident: str = ""
    """The id of the incident; empty for a digest."""
    sender: str
    """Of the envelope and `From`."""
    to: tuple[str, ...]
    subject: str
    headers: tuple[tuple[str, str], ...] = ()
    """All others than From, To, Subject, Date, Message-ID, In-Reply-To, References and MIME's."""
    text: str
    html: str | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    created: float
    """In seconds since 1970, as all times here."""
    not_before: float = 0.0
    expires: float = 0.0


class Delivery(enum.Enum):
    """What became of a message for one recipient."""

    QUEUED = "queued"
    """To be tried, again where `attempts` is not 0."""
    SENT = "sent"
    """The transport took responsibility for it."""
    REFUSED = "refused"
    """For good: 5xx, or an address that is none."""
    EXPIRED = "expired"
    """It was tried for days."""
    DROPPED = "dropped"
    """By hand."""


@attrs.frozen(kw_only=True)
class Recipient:
    """The delivery of one message to one address."""

    message_id: str
    address: str
    delivery: Delivery = Delivery.QUEUED
    attempts: int = 0
    next_try: float = 0.0
    said: str = ""
    """What the transport said last, on one line."""
    at: float = 0.0
    """When the delivery changed last."""
    reported: bool = False
    """Whether operators were told that it failed."""


@attrs.frozen(kw_only=True)
class Queued:
    """A message of the outbox with its recipients."""

    message: Message
    recipients: tuple[Recipient, ...]


def short_id(message: Message) -> str:
    """The part of a Message-ID that the command line uses: 12 characters."""
    return message.message_id.removeprefix("<")[:12]
