"""Extracts diffs from a patch file: a bare diff, a mail, or a mailbox."""

import re
from pathlib import Path

from ciforge.errors import UsageError
from ciforge.sources.git import NoRepository, git, git_error
from ciforge.sources.patch_check import refuse_compressed, refuse_unread

_HEADER = re.compile(rb"[!-9;-~]+:(?:[ \t].*)?")
_MAIL = re.compile(
    rb"^(From|Subject|MIME-Version|Content-Type|Content-Transfer-Encoding):", re.I | re.M
)
_COVER = re.compile(rb"^Subject:.*\b0+/\d+\]", re.I | re.M)
_DIFF = re.compile(rb"^(diff -|--- |Index: |GIT binary patch)", re.M)


def diffs_of(patch: bytes, name: str, work: Path) -> tuple[bytes, ...]:
    """The diffs in `patch`, in order and decoded, each with a line end at its end.

    Raises UsageError if there is none, or if git would skip a part of it.
    """
    if not patch.strip():
        raise UsageError(f"{name}: the patch is empty")
    refuse_compressed(patch, name)
    if not looks_like_mail(patch):
        if not _DIFF.search(patch):
            raise UsageError(f"{name}: there is no diff in it")
        refuse_unread(patch, name)
        return (_ended(patch),)
    return _from_mails(patch, name, work)


def _ended(diff: bytes) -> bytes:
    """Adds a missing line end, as GNU patch accepts it."""
    return diff if diff.endswith(b"\n") else diff + b"\n"


def looks_like_mail(patch: bytes) -> bool:
    """Whether it begins like a mail or a mailbox."""
    head = re.split(rb"\r?\n\r?\n", patch.lstrip(b"\r\n"), maxsplit=1)[0]
    lines = head.splitlines()
    if lines and lines[0].startswith(b"From "):
        lines = lines[1:]
    folded = (line[:1] in (b" ", b"\t") for line in lines)
    written = [
        _HEADER.fullmatch(line) or is_folded for line, is_folded in zip(lines, folded, strict=True)
    ]
    return all(written) and _MAIL.search(head) is not None


def _from_mails(patch: bytes, name: str, work: Path) -> tuple[bytes, ...]:
    mailbox, mails = work / "box", work / "mails"
    mails.mkdir()
    mailbox.write_bytes(patch.lstrip(b"\r\n"))
    # -b: a single mail need not begin with a `From ` line.
    answer = git("mailsplit", "-b", f"-o{mails}", "--", mailbox, at=NoRepository(work))
    if answer.code != 0:
        raise git_error(answer, work)
    found = sorted(mails.iterdir())
    many = len(found) > 1
    diffs = [_of_mail(m, f"{name}, mail {m.name}" if many else name, work, many) for m in found]
    if not any(diffs):
        raise UsageError(f"{name}: there is no diff in it")
    return tuple(diff for diff in diffs if diff)


def _of_mail(mail: Path, name: str, work: Path, many: bool) -> bytes:
    """The diff in a mail; empty for the cover letter of a series. Raises UsageError."""
    message, diff = _decoded(mail, work)
    refuse_unread(message, name)
    if _DIFF.search(diff):
        refuse_unread(diff, name)
        return _ended(diff)
    if many and not _COVER.search(mail.read_bytes().partition(b"\n\n")[0]):
        raise UsageError(
            f"{name}: there is no diff in it", hint="take this mail out of the mailbox"
        )
    return b""


def _decoded(mail: Path, work: Path) -> tuple[bytes, bytes]:
    """The text of a mail, and the diff in it."""
    text, diff = work / "message", work / "diff"
    # -n: the text around the diff is ignored, so its charset does not matter.
    answer = git("mailinfo", "-n", text, diff, at=NoRepository(work), stdin=mail.read_bytes())
    if answer.code != 0:
        raise UsageError(f"the mail with the patch cannot be read: {answer.reason}")
    return text.read_bytes(), diff.read_bytes()
