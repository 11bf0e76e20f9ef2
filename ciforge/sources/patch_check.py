"""Refuses patches of which `git apply` would silently skip a part."""

import re
from collections.abc import Iterator

from ciforge.errors import UsageError
from ciforge.sanitize import escaped

_HUNK = re.compile(rb"@@ -\d+(?:,(?P<old>\d+))? \+\d+(?:,(?P<new>\d+))? @@")
_COMPRESSED = {
    b"\x1f\x8b": "gzip", b"\xfd7zXZ\0": "xz", b"BZh": "bzip2", b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
}  # fmt: skip

PASSED_OVER = (
    (rb"[ \t>|]+(diff --git \S|@@ -\d+(,\d+)? \+\d+(,\d+)? @@)", "an indented or quoted diff"),
    (rb"- (--- |\+\+\+ |diff -)", "a diff in a signed text"),
    (rb"Only in [^:]+: \S", "a file that is only on one side, without its content (diff -N has it)"),
    (rb"(Binary files|Files) \S+ and \S+ differ$", "a file that differs, without its content"),
    (rb"File .+ is an? .+ while file .+ is an? ", "a file that differs, without its content"),
    (rb"Cannot display: file marked as a binary type", "a binary file, without its content"),
    (rb"\*{15}|\*\*\* \d+(,\d+)? \*\*\*\*", "a context diff (diff -u writes the unified form)"),
    (rb"\d+(,\d+)?[acd]\d+(,\d+)?$", "a diff in the oldest form (diff -u writes the unified form)"),
    (rb"(?i)Content-Transfer-Encoding:\s*(base64|quoted-printable|x-uuencode)",
     "a mail whose header is damaged, so that its text cannot be decoded"),
    (rb"begin [0-7]{3} \S", "a text packed by uuencode"),
    (rb"index [0-9a-f]+\.\.[0-9a-f]+ 160000|(new|deleted) file mode 160000|(old|new) mode 160000",
     "another commit of a submodule, which a diff does not carry"),
    (rb".*\0", "data that is not text"),
)  # fmt: skip
"""The beginning of a line outside of hunks, and what would be lost."""
_PASSED_OVER = [(re.compile(pattern), what) for pattern, what in PASSED_OVER]


def refuse_compressed(patch: bytes, name: str) -> None:
    """Raises UsageError for a compressed patch."""
    for start, kind in _COMPRESSED.items():
        if patch.startswith(start):
            raise UsageError(
                f"{escaped(name)}: it is compressed by {kind}",
                hint="unpack it first: zcat FILE | ciforge run --patch -",
            )


def refuse_unread(text: bytes, name: str) -> None:
    """Raises UsageError if git would apply only a part of `text`."""
    for number, what in _unread(text):
        raise UsageError(
            f"{escaped(name)}, line {number}: {what}",
            hint="a patch is applied completely or not at all: remove this part, or write it as git does",
        )


def _unread(text: bytes) -> Iterator[tuple[int, str]]:
    """The skipped parts: line numbers, from 1, and what they are."""
    lines = [line.rstrip(b"\r") for line in text.split(b"\n")]
    index, at = 0, 0
    while at < len(lines):
        line = lines[at]
        if match := _HUNK.match(line):
            index, at = 0, _after_hunk(lines, at + 1, match)
            continue
        if line == b"GIT binary patch":
            index, at = 0, _after_binary(lines, at + 1)
            continue
        if line.startswith(b"Index: "):
            if index:
                yield index, "the name of a file, without a diff"
            index = at + 1
        yield from ((at + 1, what) for pattern, what in _PASSED_OVER if pattern.match(line))
        if _is_header(lines, at) and not _HUNK.match((lines[at + 2 :] or [b""])[0]):
            yield at + 1, "the header of a diff, without a hunk after it"
        at += 1
    if index:
        yield index, "the name of a file, without a diff"


def _is_header(lines: list[bytes], at: int) -> bool:
    following = (lines[at + 1 :] or [b""])[0]
    return lines[at].startswith(b"--- ") and following.startswith(b"+++ ")


def _after_hunk(lines: list[bytes], at: int, found: "re.Match[bytes]") -> int:
    """The end of a hunk, by the numbers in its header."""
    old, new = (int(found[side] or 1) if found[side] != b"0" else 0 for side in ("old", "new"))
    while at < len(lines) and (old > 0 or new > 0):
        kind = lines[at][:1]
        if kind not in (b" ", b"", b"-", b"+", b"\\"):
            break  # git reports it as corrupt
        old -= kind in (b" ", b"", b"-")
        new -= kind in (b" ", b"", b"+")
        at += 1
    return at


def _after_binary(lines: list[bytes], at: int) -> int:
    """The end of the one or two blocks of a binary patch."""
    while at < len(lines) and lines[at].startswith((b"literal ", b"delta ")):
        while at < len(lines) and lines[at]:
            at += 1
        at += 1
    return at
