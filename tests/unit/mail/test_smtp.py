"""SMTP: what a server says decides, recipient by recipient; whatever is not certain is tried again."""

import socket

import pytest
from servers import server

from ciforge.mail.smtp import Smtp
from ciforge.mail.transport import DeliveryStatus, Envelope, RecipientReply
from tests.tables import each

MAIL = Envelope(
    sender="ci@example.org",
    recipients=("a@example.org", "b@example.org", "c@example.org"),
    data=b"Subject: x\r\n\r\n.dot\r\n",
    message_id="<1@example.org>",
)


def plain(port: int, **more: object) -> Smtp:
    return Smtp(host="127.0.0.1", port=port, starttls=False, **more)  # type: ignore[arg-type]


def fates(answers: object) -> list[str]:
    return [one.status.value for one in answers.values()]  # type: ignore[attr-defined]


def test_smtp_250_after_data_is_accepted_for_all_recipients() -> None:
    with server() as (port, heard):
        answers = plain(port).send(MAIL)
    assert set(answers.values()) == {RecipientReply(DeliveryStatus.ACCEPTED, "250 taken")}
    assert heard.mails == [b"Subject: x\r\n\r\n.dot\r\n"]
    assert "mail from:<ci@example.org>" in [command.lower() for command in heard.commands]


@each(
    ("replies", "expected", "said"),
    [
        ({"RCPT TO:<b": b"550 no such user\r\n"}, ["accepted", "refused", "accepted"], "550 no such user"),
        ({"RCPT TO:<b": b"451 greylisted\r\n"}, ["accepted", "later", "accepted"], "451 greylisted"),
        ({"RCPT": b"550 nobody\r\n"}, ["refused"] * 3, "550 nobody"),
        ({"RCPT TO:<c": b"421 closing\r\n"}, ["later"] * 3, "421 closing"),
        ({"RCPT TO:<c": None}, ["later"] * 3, "Connection unexpectedly closed"),
        ({"MAIL": b"450 not now\r\n"}, ["later"] * 3, "450 not now"),
        ({"MAIL": b"550 who are you\r\n"}, ["later"] * 3, "550 who are you"),
        ({"DATA": b"451 not now\r\n"}, ["later"] * 3, "451 not now"),
        ({"DATA": b"554 no\r\n"}, ["refused"] * 3, "554 no"),
        ({".": b"451 disk is full\r\n"}, ["later"] * 3, "451 disk is full"),
        ({".": b"552 too big\r\n"}, ["refused"] * 3, "552 too big"),
        ({".": None}, ["later"] * 3, "Connection unexpectedly closed"),
        ({".": b"nonsense\r\n"}, ["later"] * 3, "-1"),
        ({"EHLO": None}, ["later"] * 3, "closed"),
        ({"QUIT": None}, ["accepted"] * 3, "250 taken"),
    ],
)  # fmt: skip
def test_smtp_reply_decides_each_recipient(
    replies: dict[str, bytes | None], expected: list[str], said: str
) -> None:
    with server(replies) as (port, _):
        answers = plain(port).send(MAIL)
    assert fates(answers) == expected
    assert any(said in one.text for one in answers.values())


def test_smtp_refusals_before_a_lost_connection_stay_refusals() -> None:
    with server({"RCPT TO:<a": b"550 nobody\r\n", ".": None}) as (port, _):
        assert fates(plain(port).send(MAIL)) == ["refused", "later", "later"]


@pytest.mark.parametrize(
    "greeting",
    [
        b"554 go away\r\n",
        b"421 busy\r\n",
        b"HTTP/1.1 400\r\n",
        pytest.param(b"", marks=pytest.mark.slow),
    ],
)
def test_smtp_server_that_does_not_greet_is_tried_later(greeting: bytes) -> None:
    with server(greeting=greeting) as (port, heard):
        answers = plain(port, time_limit=1.0).send(MAIL)
    assert fates(answers) == ["later"] * 3
    assert heard.mails == []


def test_smtp_server_that_is_down_is_tried_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answers = plain(port).send(MAIL)
    assert fates(answers) == ["later"] * 3
    assert f"smtp+plain://127.0.0.1:{port}: Connection refused" in answers["a@example.org"].text


def test_smtp_reply_may_come_byte_by_byte() -> None:
    with server(pause=0.002) as (port, heard):
        assert fates(plain(port).send(MAIL)) == ["accepted"] * 3
    assert len(heard.mails) == 1


def test_smtp_session_has_a_time_limit() -> None:
    with server({"EHLO": b"250-x\r\n" * 1000}, pause=0.02) as (port, _):
        answers = plain(port, time_limit=0.5).send(MAIL)
    assert fates(answers) == ["later"] * 3
    assert "timed out" in answers["a@example.org"].text


def test_smtp_reply_has_a_line_limit() -> None:
    with server({"EHLO": b"250-x\r\n" * 100_000}) as (port, _):
        answers = plain(port, time_limit=10).send(MAIL)
    assert fates(answers) == ["later"] * 3
    assert "reply too long" in answers["a@example.org"].text


def test_smtp_without_starttls_gets_no_password() -> None:
    with server({"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n"}) as (port, heard):
        smtp = Smtp(host="127.0.0.1", port=port, user="u", secret=lambda: "s3cret")
        answers = smtp.send(MAIL)
    assert fates(answers) == ["later"] * 3
    assert "STARTTLS" in answers["a@example.org"].text
    assert not [one for one in heard.commands if "AUTH" in one.upper()]


def test_smtp_wrong_password_is_tried_later() -> None:
    replies = {"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n", "AUTH": b"535 wrong\r\n"}
    with server(replies) as (port, _):
        answers = plain(port, user="u", secret=lambda: "s3cret").send(MAIL)
    assert fates(answers) == ["later"] * 3
    assert "535 wrong" in answers["a@example.org"].text
    assert "s3cret" not in str(answers)


def test_smtp_missing_password_is_reported() -> None:
    def secret() -> str:
        raise ValueError("the server asks for a password, and there is none")

    with server({"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n"}) as (port, _):
        answers = plain(port, user="u", secret=secret).send(MAIL)
    assert "asks for a password" in answers["a@example.org"].text


def test_smtp_address_outside_ascii_is_refused() -> None:
    mail = Envelope(
        sender="ci@example.org", recipients=("jörg@example.org", "a@example.org"), data=b"x\r\n",
        message_id="<1@x>",
    )  # fmt: skip
    with server() as (port, _):
        assert fates(plain(port).send(mail)) == ["refused", "accepted"]


def test_transport_replies_are_one_safe_line() -> None:
    with server({"RCPT TO:<a": b"550-\x1b[31mno\r\n550 \x07way\r\n"}) as (port, _):
        said = plain(port).send(MAIL)["a@example.org"].text
    assert said == "550 no way"
