"""What carries a mail away, and what became of it for each recipient."""

import enum
from collections.abc import Iterable, Mapping
from typing import Protocol

import attrs

from ciforge.errors import CiforgeError
from ciforge.sanitize import safe_line


class MailError(CiforgeError):
    """Mail cannot be sent as it is set up; nothing is lost by it."""

    exit_code = 4


class DeliveryStatus(enum.Enum):
    """What a transport says of one recipient."""

    ACCEPTED = "accepted"
    """It took responsibility."""
    LATER = "later"
    """Nothing is certain but that another try may help: 4xx, a lost connection, a wrong password."""
    REFUSED = "refused"
    """For good: 5xx."""


@attrs.frozen
class RecipientReply:
    """The fate of one recipient, and what was said about it, on one line."""

    fate: DeliveryStatus
    said: str = ""


@attrs.frozen(kw_only=True)
class Envelope:
    """One mail on its way. `data` has CRLF line ends, only ASCII, and no line over 998 bytes."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    message_id: str
    """With its angle brackets."""


class Transport(Protocol):
    """Gives mails away; it raises nothing for what a server or a program does."""

    @property
    def name(self) -> str:
        """For a person, without secrets: `smtp://mail.example.org:587`."""

    def send(self, envelope: Envelope) -> Mapping[str, RecipientReply]:
        """One answer for each recipient."""


def all_of(
    recipients: Iterable[str], fate: DeliveryStatus, said: object
) -> dict[str, RecipientReply]:
    """The same answer for each of them."""
    return dict.fromkeys(recipients, RecipientReply(fate, words(said)))


def words(said: object) -> str:
    """What a server, a program or the system said, on one line of at most 300 characters."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return safe_line(" ".join(text.split()), 300)
