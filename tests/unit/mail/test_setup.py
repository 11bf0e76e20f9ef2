"""How mail leaves the machine is asked of variables; wrong ones are told, secrets never."""

from pathlib import Path

import pytest

from ciforge.mail.maildir import Maildir
from ciforge.mail.sendmail import Sendmail
from ciforge.mail.setup import transport
from ciforge.mail.smtp import Smtp
from ciforge.mail.transport import MailError

STATE = Path("/state")


def test_where_nothing_is_said_mail_lies_in_the_state_folder() -> None:
    assert transport({}, STATE) == Maildir(folder=STATE / "mail")


def test_a_maildir_and_a_sendmail_are_named() -> None:
    assert transport({"CIFORGE_MAIL": "maildir:/m"}, STATE) == Maildir(folder=Path("/m"))
    assert transport({"CIFORGE_MAIL": "sendmail:/x/sendmail"}, STATE) == Sendmail(
        program="/x/sendmail"
    )


@pytest.mark.parametrize(
    ("way", "name", "user", "starttls", "implicit"),
    [
        ("smtp://mail.example.org", "smtp://mail.example.org:587", "", True, False),
        ("smtp://u%40x@mail.example.org:25", "smtp://mail.example.org:25", "u@x", True, False),
        ("smtps://u@mail.example.org", "smtps://mail.example.org:465", "u", False, True),
        ("smtp+plain://localhost:2525", "smtp+plain://localhost:2525", "", False, False),
        ("smtp+plain://[::1]", "smtp+plain://::1:25", "", False, False),
        ("smtp+plain://mx.example.org?anywhere", "smtp+plain://mx.example.org:25", "", False, False),
    ],
)  # fmt: skip
def test_a_server_is_named(way: str, name: str, user: str, starttls: bool, implicit: bool) -> None:
    smtp = transport({"CIFORGE_MAIL": way}, STATE)
    assert isinstance(smtp, Smtp)
    assert (smtp.name, smtp.user, smtp.starttls, smtp.implicit) == (name, user, starttls, implicit)


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("smpt://x", "'smpt' is no way to send mail (did you mean 'smtp'?)"),
        ("smtp://", "not smtp://[USER@]HOST[:PORT]"),
        ("smtp://h:99999", "not an address"),
        ("smtp://h/path", "not smtp://"),
        ("smtp://h?x", "not smtp://"),
        ("smtp://u:s3cret@h", "must not hold a password"),
        ("smtp+plain://mx.example.org", "in the clear"),
    ],
)
def test_a_wrong_one_is_told(way: str, said: str) -> None:
    with pytest.raises(MailError) as caught:
        transport({"CIFORGE_MAIL": way}, STATE)
    assert said in str(caught.value)
    assert caught.value.hint
    assert "s3cret" not in str(caught.value) + caught.value.hint


def secret(**variables: str) -> str:
    smtp = transport({"CIFORGE_MAIL": "smtp://u@h"} | variables, STATE)
    assert isinstance(smtp, Smtp)
    return smtp.secret()


def test_a_password_comes_from_a_variable_a_file_or_a_command(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from file\nmore\n")
    assert secret(CIFORGE_MAIL_PASSWORD="plain") == "plain"
    assert secret(CIFORGE_MAIL_PASSWORD_FILE=str(file)) == "from file"
    assert secret(CIFORGE_MAIL_PASSWORD_COMMAND="echo from command") == "from command"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "there is no CIFORGE_MAIL_PASSWORD"),
        ({"CIFORGE_MAIL_PASSWORD_FILE": "/nowhere"}, "No such file"),
        ({"CIFORGE_MAIL_PASSWORD_COMMAND": "echo why >&2; false"}, "ended with 1: why"),
        ({"CIFORGE_MAIL_PASSWORD_COMMAND": "true"}, "empty password"),
    ],
)
def test_no_password_is_said(variables: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        secret(**variables)
