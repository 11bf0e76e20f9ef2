"""How mail leaves the machine is asked of variables; wrong ones are told, secrets never."""

from pathlib import Path

import pytest

from ciforge.errors import UsageError
from ciforge.mail.maildir import Maildir
from ciforge.mail.sendmail import Sendmail
from ciforge.mail.smtp import Smtp
from ciforge.mail.transport import MailError
from ciforge.mail.transport_config import transport
from tests.tables import each

STATE = Path("/state")


def test_default_transport_is_a_maildir_in_the_state_folder() -> None:
    assert transport({}, STATE) == Maildir(folder=STATE / "mail")


def test_transport_may_be_a_maildir_or_a_sendmail() -> None:
    assert transport({"CIFORGE_MAIL": "maildir:/m"}, STATE) == Maildir(folder=Path("/m"))
    assert transport({"CIFORGE_MAIL": "sendmail:/x/sendmail"}, STATE) == Sendmail(
        program="/x/sendmail"
    )


@each(
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
def test_transport_may_be_a_server(
    way: str, name: str, user: str, starttls: bool, implicit: bool
) -> None:
    smtp = transport({"CIFORGE_MAIL": way}, STATE)
    assert isinstance(smtp, Smtp)
    assert (smtp.name, smtp.user, smtp.starttls, smtp.implicit) == (name, user, starttls, implicit)


@each(
    ("way", "said"),
    [
        ("smpt://x", "unknown transport 'smpt' (did you mean 'smtp'?)"),
        ("smtp://", "not smtp://[USER@]HOST[:PORT]"),
        ("smtp://h:99999", "not an address"),
        ("smtp://h/path", "not smtp://"),
        ("smtp://h?x", "not smtp://"),
        ("smtp://u:s3cret@h", "must not contain a password"),
        ("smtp+plain://mx.example.org", "unencrypted"),
        ("localhost", "'localhost' names a server but no transport"),
        ("mx.example.org:25", "'mx.example.org:25' names a server but no transport"),
        ("u:s3cret@h", "unknown transport 'u'"),
        ("/usr/sbin/sendmail", "unknown transport '/usr/sbin/sendmail'"),
    ],
)
def test_invalid_transport_is_refused(way: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        transport({"CIFORGE_MAIL": way}, STATE)
    assert said in str(caught.value)
    assert caught.value.exit_code == 2
    assert caught.value.hint
    assert "s3cret" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    ("way", "hint"),
    [
        ("localhost", "write smtp+plain://localhost; or "),
        ("127.0.0.1:2525", "write smtp+plain://127.0.0.1:2525; or "),
        ("mx.example.org", "write smtps://mx.example.org or smtp://mx.example.org; or "),
    ],
)
def test_server_name_without_a_transport_gets_a_hint(way: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        transport({"CIFORGE_MAIL": way}, STATE)
    assert caught.value.hint.startswith(hint)
    for written in caught.value.hint.removeprefix("write ").partition(";")[0].split(" or "):
        assert isinstance(transport({"CIFORGE_MAIL": written}, STATE), Smtp)


def test_missing_sendmail_is_a_mail_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ciforge.mail.transport_config.PLACES", ("/nowhere/sendmail",))
    with pytest.raises(MailError, match="no sendmail at /nowhere/sendmail"):
        transport({"CIFORGE_MAIL": "sendmail:"}, STATE)


def secret(**variables: str) -> str:
    smtp = transport({"CIFORGE_MAIL": "smtp://u@h"} | variables, STATE)
    assert isinstance(smtp, Smtp)
    return smtp.secret()


def test_password_comes_from_a_variable_a_file_or_a_command(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from file\nmore\n")
    assert secret(CIFORGE_MAIL_PASSWORD="plain") == "plain"
    assert secret(CIFORGE_MAIL_PASSWORD_FILE=str(file)) == "from file"
    assert secret(CIFORGE_MAIL_PASSWORD_COMMAND="echo from command") == "from command"


@each(
    ("variables", "said"),
    [
        ({}, "requires a password: set CIFORGE_MAIL_PASSWORD"),
        ({"CIFORGE_MAIL_PASSWORD_FILE": "/nowhere"}, "No such file"),
        ({"CIFORGE_MAIL_PASSWORD_COMMAND": "echo why >&2; false"}, "exit status 1: why"),
        ({"CIFORGE_MAIL_PASSWORD_COMMAND": "true"}, "the password is empty"),
    ],
)
def test_missing_password_is_reported(variables: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        secret(**variables)
