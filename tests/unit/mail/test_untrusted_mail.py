"""Mails composed from untrusted text arrive with exactly the intended headers."""

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage

import attrs
import pytest
from hostile import NOTICES
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import Heard, server

from ciforge.mail.compose import compose
from ciforge.mail.header_text import header_text
from ciforge.mail.mime import envelope
from ciforge.mail.smtp import Smtp
from ciforge.mail.transport import DeliveryStatus
from ciforge.model.message import Notice, Thread
from ciforge.model.project import Mail
from ciforge.sanitize import plain_text
from examples import examples

MAIL = Mail(sender="ci@example.org", reply_to="team@example.org")
TO = ("team@example.org",)
NAMES = [
    "Auto-Submitted", "Content-Type", "Date", "From", "List-Id", "List-Unsubscribe", "MIME-Version",
    "Message-ID", "Reply-To", "Subject", "To", "X-Ciforge-Incident", "X-Ciforge-State",
]  # fmt: skip
REPLY = ["In-Reply-To", "References"]
THREAD = Thread(root="<root@example.org>", last="<last@example.org>", subject="r: it is broken")


@pytest.fixture(scope="module")
def listening() -> Iterator[tuple[Smtp, Heard]]:
    with server() as (port, heard):
        yield Smtp(host="127.0.0.1", port=port, starttls=False), heard


@pytest.mark.slow
@settings(max_examples=examples(200), deadline=None)
@given(NOTICES, st.sampled_from(["text", "html"]), st.booleans())
def test_mail_with_untrusted_text_arrives_as_composed(
    listening: tuple[Smtp, Heard], notice: Notice, form: str, goes_on: bool
) -> None:
    smtp, heard = listening
    mail = attrs.evolve(MAIL, format=form)
    message = compose(notice, mail, TO, THREAD if goes_on else None)
    heard.mails.clear()
    answers = smtp.send(envelope(message, TO))
    assert [one.status for one in answers.values()] == [DeliveryStatus.ACCEPTED]
    (data,) = heard.mails
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 998
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    reply = [
        *(["In-Reply-To"] if message.in_reply_to else []),
        *(["References"] if goes_on else []),
    ]
    whole = ["Content-Transfer-Encoding"] if form == "text" else []
    assert sorted(found.keys()) == sorted([*NAMES, *reply, *whole])
    assert found["Subject"] == header_text(message.subject)
    assert body_of(found) == plain_text(message.text)
    assert all(len(line) <= 72 for line in body_of(found).splitlines())
    assert len(body_of(found).encode()) <= 30_000


def body_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
