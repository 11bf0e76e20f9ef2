"""The test mail of `ciforge mail test`."""

import hashlib

from ciforge.mail.header_text import message_id
from ciforge.mail.mime import envelope
from ciforge.mail.transport import Envelope
from ciforge.model.message import Message

_TEXT = """\
This mail was sent by `ciforge mail test`. It arrived, so mails about
broken builds will arrive here too.
"""


def test_message(sender: str, to: tuple[str, ...], now: float) -> Envelope:
    """A test mail; `now` is in seconds since 1970."""
    name = hashlib.sha256(f"{sender} {now!r}".encode()).hexdigest()[:24]
    message = Message(
        message_id=message_id(name, sender), notice=name, kind="test", sender=sender, to=to,
        subject="[ciforge] a test mail", headers=(("Auto-Submitted", "auto-generated"),),
        text=_TEXT, created=now,
    )  # fmt: skip
    return envelope(message, to)
