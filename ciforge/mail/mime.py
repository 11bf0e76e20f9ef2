"""A message as bytes for transport: ASCII, CRLF, no line over 998 bytes, no header but ours."""

import email.policy
import email.utils
from email.headerregistry import Address
from email.message import EmailMessage

from ciforge.mail.header_text import folded, header_text
from ciforge.mail.transport import Envelope
from ciforge.model.message import Message
from ciforge.sanitize import plain_text
from ciforge.timestamp import utc

# Quoted-printable throughout: 8BITMIME is not everywhere.
_POLICY = email.policy.SMTP.clone(cte_type="7bit", max_line_length=78)
_WRITTEN = _POLICY.clone(refold_source="none")
"""For headers that are set as they are written: folding would encode a word longer than a line."""


def envelope(message: Message, recipients: tuple[str, ...]) -> Envelope:
    """The mail for the given recipients; its header names all recipients of the message."""
    return Envelope(
        sender=message.sender,
        recipients=recipients,
        data=_mail(message).as_bytes(policy=_WRITTEN),
        message_id=message.message_id,
    )


def _mail(message: Message) -> EmailMessage:
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _address(message.sender)
    mail["To"] = [_address(address) for address in message.to]
    _as_written(mail, "Subject", header_text(message.subject))
    mail["Date"] = email.utils.format_datetime(utc(message.created).replace(microsecond=0))
    mail["Message-ID"] = message.message_id
    if message.in_reply_to:
        mail["In-Reply-To"] = message.in_reply_to
    if message.references:
        mail["References"] = " ".join(message.references)
    for name, value in message.headers:
        _as_written(mail, name, header_text(value, 900))
    mail.set_content(plain_text(message.text), cte="quoted-printable")
    if message.html is not None:
        html = plain_text(message.html)
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        mail.set_boundary(f"=_{message.notice}")
    return mail


def _as_written(mail: EmailMessage, name: str, text: str) -> None:
    """Sets a header of one line; a subject is folded, and others are if they are not ASCII.

    A List-Id or List-Unsubscribe of one long word has to stay one: readers look for addresses in it.
    """
    if not text.isascii():
        mail.set_raw(name, folded(text))
    elif name == "Subject":
        mail[name] = text
    else:
        mail.set_raw(name, text)


def _address(text: str) -> Address:
    user, _, host = text.rpartition("@")
    return Address(username=user, domain=host)
