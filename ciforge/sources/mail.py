"""Patches as they come: a bare diff, a mail with one, a mailbox with several."""

import re
from pathlib import Path

from ciforge.errors import UsageError
from ciforge.sources.git import NoRepository, git, trouble

_HEADER = re.compile(rb"[!-9;-~]+:(?:[ \t].*)?")
_MAIL = re.compile(
    rb"^(From|Subject|MIME-Version|Content-Type|Content-Transfer-Encoding):", re.I | re.M
)
_DIFF = re.compile(rb"^(diff -|--- |Index: |GIT binary patch)", re.M)


def diffs_of(patch: bytes, name: str, work: Path) -> tuple[bytes, ...]:
    """The diffs in `patch`, in order, decoded. UsageError where there is none."""
    if not patch.strip():
        raise UsageError(f"{name}: the patch is empty")
    texts = _from_mails(patch, work) if looks_like_mail(patch) else [patch]
    diffs = tuple(text for text in texts if _DIFF.search(text))
    if not diffs:
        raise UsageError(f"{name}: there is no diff in it")
    return diffs


def looks_like_mail(patch: bytes) -> bool:
    """Whether it begins like a mail or a mailbox, not like a diff."""
    head = re.split(rb"\r?\n\r?\n", patch.lstrip(b"\r\n"), maxsplit=1)[0]
    lines = head.splitlines()
    if lines and lines[0].startswith(b"From "):
        lines = lines[1:]
    folded = (line[:1] in (b" ", b"\t") for line in lines)
    written = [
        _HEADER.fullmatch(line) or is_folded for line, is_folded in zip(lines, folded, strict=True)
    ]
    return all(written) and _MAIL.search(head) is not None


def _from_mails(patch: bytes, work: Path) -> list[bytes]:
    box, mails = work / "box", work / "mails"
    mails.mkdir()
    box.write_bytes(patch.lstrip(b"\r\n"))
    # -b: a single mail need not begin with a `From ` line.
    answer = git("mailsplit", "-b", f"-o{mails}", "--", box, at=NoRepository(work))
    if answer.code != 0:
        raise trouble(answer, work)
    return [_decoded(mail, work) for mail in sorted(mails.iterdir())]


def _decoded(mail: Path, work: Path) -> bytes:
    text, diff = work / "message", work / "diff"
    # -n: the text around the diff is not used, so its charset must not matter.
    answer = git("mailinfo", "-n", text, diff, at=NoRepository(work), stdin=mail.read_bytes())
    if answer.code != 0:
        raise UsageError(f"the mail with the patch cannot be read: {answer.reason}")
    return diff.read_bytes()
