"""A Maildir holds each mail once, and any reader opens it."""

import mailbox
from pathlib import Path

from ciforge.mail.maildir import Maildir
from ciforge.mail.transport import Envelope

MAIL = Envelope(
    sender="ci@example.org", recipients=("a@example.org", "b@example.org"),
    data=b"Subject: x\r\nMessage-ID: <1@example.org>\r\n\r\nbody\r\n", message_id="<1@example.org>",
)  # fmt: skip


def test_maildir_stores_a_mail_once_however_often_it_is_sent(tmp_path: Path) -> None:
    box = Maildir(folder=tmp_path / "mail")
    for _ in range(3):
        assert {one.status.value for one in box.send(MAIL).values()} == {"accepted"}
    (mail,) = mailbox.Maildir(tmp_path / "mail")
    assert (mail["Subject"], mail.get_payload()) == ("x", "body\n")
    assert not list((tmp_path / "mail" / "tmp").iterdir())


def test_maildir_does_not_deliver_a_mail_again_that_was_read(tmp_path: Path) -> None:
    box = Maildir(folder=tmp_path)
    box.send(MAIL)
    (new,) = (tmp_path / "new").iterdir()
    new.rename(tmp_path / "cur" / f"{new.name}:2,S")
    box.send(MAIL)
    assert len(mailbox.Maildir(tmp_path)) == 1


def test_maildir_in_an_unwritable_folder_is_tried_later(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answers = Maildir(folder=tmp_path / "file").send(MAIL)
    assert {one.status.value for one in answers.values()} == {"later"}
    assert "Not a directory" in answers["a@example.org"].text
