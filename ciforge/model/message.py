"""Mails: a notice, the message composed from it, and the state of its delivery."""

import enum

import attrs

from ciforge.model.cause import Cause
from ciforge.model.document_key import KEY
from ciforge.model.incident import Range, Transition


@attrs.frozen(kw_only=True)
class Notice:
    """The content of one mail: everything that composing it needs."""

    id: str
    """24 hexadecimal digits, stable for the same transition; the Message-ID is made of it."""
    project: str
    at: float
    """When it was decided, in seconds since 1970."""
    change: Transition | None = None
    """None for a digest."""
    cause: Cause | None = None
    range: Range | None = None
    """None without a known good run, and for reminders, infrastructure and stale."""
    broken: tuple[str, ...] = ()
    """Ids of jobs on the branch that show the cause now."""
    elsewhere: tuple[str, ...] = ()
    """Ids of those that fail for another cause."""
    fine: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()
    """Jobs without a definitive result in this run."""
    repeat: str = ""
    """The command that reproduces it: `ciforge run JOB --rev …`."""
    trouble: str = ""
    """The reason of an infrastructure failure, or the deadline that was missed; one sentence."""
    blame: bool = False
    """Whether authors in the range may be mailed: never for a job that never passed."""
    undelivered: tuple[str, ...] = ()
    """For operators: a sentence for each mail that could not be delivered."""
    remarks: tuple[str, ...] = ()
    """Sentences near the end: that state was lost, or what could not be read."""
    items: tuple["Notice", ...] = ()
    """For a digest: the notices in it, the oldest first."""


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
    """Recipients of its mails, each once."""


@attrs.frozen(kw_only=True)
class Message:
    """One mail, ready to be handed to a transport; every text is safe to be in a header."""

    message_id: str
    """With its angle brackets, at most 70 characters, made of the notice's id."""
    notice: str
    """The id of its notice."""
    kind: str
    """One of INCIDENT_STATES, `digest` or `test`."""
    incident: str = ""
    """The id of the incident; empty for a digest."""
    sender: str
    """The sender in the envelope and in `From`."""
    to: tuple[str, ...]
    subject: str
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers, besides From, To, Subject, Date, Message-ID, In-Reply-To, References and those of MIME."""
    text: str
    html: str | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    created: float
    """In seconds since 1970, as all times here."""
    not_before: float = 0.0
    expires: float = 0.0


class Delivery(enum.Enum):
    """The state of a message for one recipient."""

    QUEUED = "queued"
    """To be sent; a retry if `attempts` is not 0."""
    SENT = "sent"
    """The transport accepted it."""
    REFUSED = "refused"
    """Permanently: 5xx, or an invalid address."""
    EXPIRED = "expired"
    """The last retry failed."""
    DROPPED = "dropped"
    """Removed by the user."""


@attrs.frozen(kw_only=True)
class Recipient:
    """The delivery of one message to one address."""

    message_id: str
    address: str
    delivery: Delivery = Delivery.QUEUED
    attempts: int = 0
    next_try: float = 0.0
    reply: str = attrs.field(default="", metadata={KEY: "said"})
    """The last reply of the transport, on one line."""
    at: float = 0.0
    """When the delivery changed last."""
    reported: bool = False
    """Whether a mail to operators listed the failure."""


@attrs.frozen(kw_only=True)
class Queued:
    """A message of the outbox with its recipients."""

    message: Message
    recipients: tuple[Recipient, ...]


def short_id(message: Message) -> str:
    """The part of a Message-ID that the command line uses: 12 characters."""
    return message.message_id.removeprefix("<")[:12]
