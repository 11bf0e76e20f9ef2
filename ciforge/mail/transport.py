"""The protocol of mail transports, and the result for each recipient."""

import enum
from collections.abc import Iterable, Mapping
from typing import Protocol

import attrs

from ciforge.errors import CiforgeError
from ciforge.sanitize import safe_line


class MailError(CiforgeError):
    """Mail cannot be sent with this configuration; it stays queued."""

    exit_code = 4


class DeliveryStatus(enum.Enum):
    """The result of a delivery to one recipient."""

    ACCEPTED = "accepted"
    """The transport has taken responsibility."""
    LATER = "later"
    """A retry may help: 4xx, a lost connection, a wrong password."""
    REFUSED = "refused"
    """Permanently: 5xx."""


@attrs.frozen
class RecipientReply:
    """The result for one recipient; `text` is the reply of the server or program, on one line."""

    status: DeliveryStatus
    text: str = ""


@attrs.frozen(kw_only=True)
class Envelope:
    """One mail for a transport. `data` has CRLF line ends, only ASCII, and no line over 998 bytes."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    message_id: str
    """With its angle brackets."""


class Transport(Protocol):
    """Delivers mail; it raises no error for what a server or program does."""

    @property
    def name(self) -> str:
        """For people, without secrets: `smtp://mail.example.org:587`."""

    def send(self, envelope: Envelope) -> Mapping[str, RecipientReply]:
        """One reply for each recipient."""


def all_of(
    recipients: Iterable[str], status: DeliveryStatus, text: object
) -> dict[str, RecipientReply]:
    """One reply, for every recipient."""
    return dict.fromkeys(recipients, RecipientReply(status, reply_text(text)))


def reply_text(reply: object) -> str:
    """The text of a reply or error on one line of at most 300 characters."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    return safe_line(" ".join(text.split()), 300)
