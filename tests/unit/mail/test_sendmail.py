"""The machine's sendmail: its exit code decides."""

from pathlib import Path

import pytest

from ciforge.mail.sendmail import Sendmail
from ciforge.mail.transport import Envelope

MAIL = Envelope(
    sender="ci@example.org", recipients=("a@example.org", "b@example.org"),
    data=b"Subject: x\r\n\r\nbody\r\n", message_id="<1@example.org>",
)  # fmt: skip


def program(folder: Path, text: str) -> str:
    file = folder / "sendmail"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


def test_sendmail_gets_the_mail_and_the_envelope(tmp_path: Path) -> None:
    where = program(tmp_path, f'printf "%s\\n" "$@" >{tmp_path}/words; cat >{tmp_path}/mail')
    answers = Sendmail(program=where).send(MAIL)
    assert {one.status.value for one in answers.values()} == {"accepted"}
    words = (tmp_path / "words").read_text().split()
    assert words == ["-i", "-f", "ci@example.org", "--", "a@example.org", "b@example.org"]
    assert (tmp_path / "mail").read_bytes() == b"Subject: x\n\nbody\n"


@pytest.mark.parametrize(
    ("text", "fate", "said"),
    [
        ("echo 'queue is full' >&2; exit 75", "later", "exit status 75: queue is full"),
        ("exit 78", "later", "exit status 78"),
        ("exit 1", "later", "exit status 1"),
        ("kill -9 $$", "later", "exit status -9"),
        pytest.param("exec sleep 60", "later", "timed out", marks=pytest.mark.slow),
        ("exit 67", "refused", "exit status 67"),
    ],
)
def test_exit_status_of_sendmail_decides_between_retry_and_refusal(
    tmp_path: Path, text: str, fate: str, said: str
) -> None:
    answers = Sendmail(program=program(tmp_path, text), time_limit=1.0).send(MAIL)
    assert {one.status.value for one in answers.values()} == {fate}
    assert said in answers["a@example.org"].text


def test_sendmail_refuses_an_unknown_recipient_alone(tmp_path: Path) -> None:
    where = program(tmp_path, 'case $* in *" a@"*) exit 67;; esac')
    answers = Sendmail(program=where).send(MAIL)
    assert [one.status.value for one in answers.values()] == ["refused", "accepted"]


def test_sendmail_that_is_missing_is_tried_later(tmp_path: Path) -> None:
    answers = Sendmail(program=str(tmp_path / "none")).send(MAIL)
    assert "No such file" in answers["a@example.org"].text
    assert answers["a@example.org"].status.value == "later"
