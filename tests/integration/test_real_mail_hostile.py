"""5,000 strings of strangers, composed, sent to a real OpenSMTPD and read from its Maildir again."""

import email
import email.policy
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path

import attrs
import pytest
from hostile import STRINGS, same_notices
from mailserver import MailServer, text_of

from ciforge.mail.compose import compose
from ciforge.mail.header_text import header_text
from ciforge.mail.mime import envelope
from ciforge.mail.transport_config import transport
from ciforge.model.message import Message, Thread
from ciforge.model.project import Mail
from ciforge.sanitize import plain_text

MAILS = 5_000 // STRINGS + 10
OURS = {
    "Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "In-Reply-To",
    "List-Id", "List-Unsubscribe", "MIME-Version", "Message-ID", "References", "Reply-To", "Subject",
    "To", "X-Ciforge-Incident", "X-Ciforge-State",
}  # fmt: skip
THE_SERVER_S = {"Return-Path", "Delivered-To", "Received"}
TO = ("team@example.org",)
MAIL = Mail(sender="ci@example.org", reply_to="team@example.org")
THREAD = Thread(root="<root@example.org>", last="<last@example.org>", subject="r: it is broken")


def messages() -> list[Message]:
    """Plain ones and such with HTML, roots and replies."""
    notices = same_notices(MAILS)
    assert len(notices) * STRINGS >= 5_000
    return [
        compose(
            one, attrs.evolve(MAIL, format=("text", "html")[at % 2]), TO,
            THREAD if at % 4 < 2 else None,
        )
        for at, one in enumerate(notices)
    ]  # fmt: skip


@attrs.frozen
class Sent:
    """What was composed, what the server said of each, and what it delivered."""

    messages: Sequence[Message]
    fates: Sequence[str]
    files: Sequence[bytes]


@pytest.fixture(scope="module")
def sent(server: MailServer) -> Sent:
    made = messages()
    way = transport(server.variables, Path("/nowhere"))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: way.send(envelope(one, TO)), made))
    fates = [f"{one.status.value} {one.text}" for each in answers for one in each.values()]
    return Sent(made, fates, server.files("team", len(made)))


def test_every_mail_is_accepted_and_delivered_once(sent: Sent) -> None:
    assert [fate for fate in sent.fates if not fate.startswith("accepted")] == []
    ids = sorted(str(mail["Message-ID"]) for mail in map(parsed, sent.files))
    assert ids == sorted(one.message_id for one in sent.messages)


def test_no_line_is_longer_than_smtp_allows(sent: Sent) -> None:
    assert max(len(line) for file in sent.files for line in file.split(b"\n")) <= 998


def test_hostile_text_adds_no_header_to_a_delivered_mail(sent: Sent) -> None:
    for mail in map(parsed, sent.files):
        ours = [name for name in mail if name not in THE_SERVER_S]
        assert set(ours) <= OURS
        assert len(ours) == len(set(ours))


def test_delivered_text_and_subject_are_as_composed(sent: Sent) -> None:
    mails = {str(mail["Message-ID"]): mail for mail in map(parsed, sent.files)}
    for message in sent.messages:
        mail = mails[message.message_id]
        assert mail["Subject"] == header_text(message.subject)
        assert text_of(mail) == plain_text(message.text)
        assert not mail.defects


def parsed(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found
