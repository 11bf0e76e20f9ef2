"""Mails have exactly the intended headers, whatever their text."""

import email
import email.policy
from email.message import EmailMessage

import attrs
import pytest
from hostile import HOSTILE
from hypothesis import given, settings

from ciforge.mail.blocks import Paragraph, Signature
from ciforge.mail.header_text import header_text, message_id
from ciforge.mail.mime import envelope
from ciforge.mail.text_body import plain
from ciforge.model.message import Message
from examples import examples
from tests.tables import each

pytestmark = pytest.mark.slow

PLAIN = Message(
    message_id="<0123456789abcdef01234567.ciforge@example.org>", notice="0123456789abcdef01234567",
    kind="broken", sender="ci@example.org", to=("a@example.org", "team+ci@lists.example.org"),
    subject="[p] portable: setgroups undeclared", text="It is broken.\n", created=1_700_000_000.5,
    headers=(
        ("Reply-To", "team@example.org"),
        ("Auto-Submitted", "auto-generated"),
        ("List-Id", "<p.ciforge.example.org>"),
        ("List-Unsubscribe", "<mailto:team@example.org?subject=unsubscribe>"),
    ),
    in_reply_to="<root@example.org>", references=("<root@example.org>", "<last@example.org>"),
)  # fmt: skip
NAMES = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Reply-To",
    "Auto-Submitted", "List-Id", "List-Unsubscribe", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
}  # fmt: skip


def parsed(message: Message) -> EmailMessage:
    data = envelope(message, message.to).data
    assert data.isascii()
    assert b"\0" not in data and b"\x1b" not in data
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_envelope_has_the_headers_and_text_of_its_message() -> None:
    mail = parsed(PLAIN)
    assert mail["From"] == "ci@example.org"
    assert mail["To"] == "a@example.org, team+ci@lists.example.org"
    assert mail["Subject"] == PLAIN.subject
    assert mail["Date"] == "Tue, 14 Nov 2023 22:13:20 +0000"
    assert mail["Message-ID"] == PLAIN.message_id
    assert mail["In-Reply-To"] == "<root@example.org>"
    assert mail["References"] == "<root@example.org> <last@example.org>"
    assert mail["List-Id"] == "<p.ciforge.example.org>"
    assert text_of(mail) == "It is broken.\n"
    assert set(mail.keys()) == NAMES


def test_html_is_the_second_part_of_a_mail() -> None:
    mail = parsed(attrs.evolve(PLAIN, html="<p>It is <b>broken</b>.</p>\n"))
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert text_of(mail) == "It is broken.\n"


def test_envelope_of_the_same_message_has_the_same_bytes() -> None:
    message = attrs.evolve(PLAIN, html="<p>x</p>")
    assert envelope(message, message.to) == envelope(message, message.to)


def test_envelope_names_recipients_that_already_have_the_mail_only_in_its_header() -> None:
    found = envelope(PLAIN, ("a@example.org",))
    assert found.recipients == ("a@example.org",)
    assert b"team+ci@lists.example.org" in found.data


@settings(max_examples=examples(300), deadline=None)
@given(subject=HOSTILE, text=HOSTILE, value=HOSTILE)
def test_hostile_text_adds_no_header_to_a_mail(subject: str, text: str, value: str) -> None:
    headers = (*PLAIN.headers, ("X-Ciforge-State", value))
    mail = parsed(attrs.evolve(PLAIN, subject=f"[p] {subject}", text=f"{text}\n", headers=headers))
    assert set(mail.keys()) == NAMES | {"X-Ciforge-State"}
    assert len(mail.keys()) == len(NAMES) + 1
    assert not mail.defects
    assert mail["Subject"].startswith("[p]")
    assert "\n" not in mail["Subject"] and not mail["Subject"].defects
    assert text_of(mail).endswith("\n")


@settings(max_examples=examples(200), deadline=None)
@given(HOSTILE)
def test_header_text_is_one_printable_line(text: str) -> None:
    once = header_text(text)
    assert len(once) <= 200
    assert "\n" not in once and "\r" not in once
    assert header_text(once) == once


@each(
    ("text", "begins"),
    [
        ("[p] portable (größe): x", b"Subject: [p] portable\r\n =?utf-8?b?"),
        ("ä b " * 40, b"Subject: =?utf-8?b?"),
        ("[p] " + "word " * 20 + "ä", b"Subject: =?utf-8?b?"),
        ("[p] 日本語 の 件名 " * 8, b"Subject: [p]\r\n =?utf-8?b?"),
        ("[p] plain ascii " * 9, b"Subject: [p] plain ascii"),
    ],
)
def test_subject_keeps_every_space_when_it_is_folded(text: str, begins: bytes) -> None:
    given = header_text(text)
    message = attrs.evolve(PLAIN, subject=given)
    assert parsed(message)["Subject"] == given
    header = envelope(message, message.to).data.partition(b"Date: ")[0]
    assert begins in header
    assert max(map(len, header.split(b"\r\n"))) <= 78


@pytest.mark.parametrize("host", ["example.org", "a" * 60 + ".example.org", "bücher.example"])
def test_message_id_fits_one_line(host: str) -> None:
    name = "0123456789abcdef01234567"
    found = message_id(name, f"ci@{host}")
    assert len(found) <= 70 and found.isascii()
    assert found == message_id(name, f"ci@{host}")
    assert parsed(attrs.evolve(PLAIN, message_id=found))["Message-ID"] == found


def test_header_of_one_long_word_is_written_as_it_is() -> None:
    address = f"{'a' * 60}%b@{'lists.' * 12}example.org"
    values = (("List-Id", f"<{'p.' * 50}example.org>"), ("List-Unsubscribe", f"<mailto:{address}>"))
    data = envelope(attrs.evolve(PLAIN, headers=values), PLAIN.to).data
    for name, value in values:
        assert f"\r\n{name}: {value}\r\n".encode() in data


def test_signature_of_a_mail_begins_with_two_dashes_and_a_space() -> None:
    text = plain((Paragraph("It is broken."), Signature("ciforge, project p")))
    assert "\n-- \nciforge, project p\n" in text
    mail = parsed(attrs.evolve(PLAIN, text=text))
    assert "\n-- \nciforge" in text_of(mail)
