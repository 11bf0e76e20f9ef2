"""A page as plain text: at most 72 columns and 30,000 bytes, and nothing but what was said."""

import textwrap
from collections.abc import Iterator
from typing import assert_never

from ciforge.mail.blocks import Command, Heading, Page, Paragraph, Part, Quote, Rows, Signature
from ciforge.sanitize import safe_line

WIDTH = 72
LARGEST = 30_000
"""Bytes of UTF-8."""
_LINES = 30
"""Lines of one quotation."""
_WORD = 32
"""Characters of a row's first word: the name of a package, which a stranger may have chosen."""
_CUT = "(cut: the rest is in the log)"


def plain(page: Page) -> str:
    """The whole text, ending with a line end."""
    text = ""
    for part in page:
        block = "\n".join(line.rstrip() for line in _part(part))
        text += f"{block}\n" if isinstance(part, Heading) else f"{block}\n\n"
    return _bounded(text.rstrip("\n") + "\n")


def _bounded(text: str) -> str:
    data = text.encode("utf-8", "replace")
    if len(data) <= LARGEST:
        return text
    kept = data[: LARGEST - len(_CUT) - 2].decode("utf-8", "ignore")
    return kept.rpartition("\n")[0] + f"\n{_CUT}\n"


def _part(part: Part) -> Iterator[str]:
    match part:
        case Paragraph(text):
            yield from _wrapped(text)
        case Heading(text):
            yield safe_line(text, WIDTH - 1) + ":"
        case Command(text):
            yield from _command(text)
        case Quote(lines):
            yield from _quote(lines)
        case Rows(rows):
            yield from _rows(rows)
        case Signature(text):
            yield "--"
            yield from _wrapped(text)
        case _:
            assert_never(part)


def _wrapped(text: str, indent: str = "", first: str | None = None) -> list[str]:
    """Words that are longer than a line (a path, an address) stay whole while they fit a mail."""
    given = safe_line(text.replace("\n", " "), 2000)
    return textwrap.wrap(
        given, WIDTH, initial_indent=indent if first is None else first,
        subsequent_indent=indent, break_on_hyphens=False, break_long_words=True,
    )  # fmt: skip


def _command(text: str) -> Iterator[str]:
    """Broken between words by a backslash, so that it still is one command."""
    lines = textwrap.wrap(
        safe_line(text, 2000), WIDTH - 6, break_long_words=False, break_on_hyphens=False
    )
    for number, line in enumerate(lines):
        indent = "      " if number else "    "
        yield indent + line + (" \\" if number < len(lines) - 1 else "")


def _quote(lines: tuple[str, ...]) -> Iterator[str]:
    """A line that is too long goes on below, further in."""
    for line in lines[-_LINES:]:
        given = safe_line(line, 600)
        yield from textwrap.wrap(
            given, WIDTH, initial_indent="  | ", subsequent_indent="  |     ",
            break_on_hyphens=False, drop_whitespace=False, replace_whitespace=False,
        ) or ["  |"]  # fmt: skip


def _rows(rows: tuple[tuple[str, tuple[str, ...]], ...]) -> Iterator[str]:
    words = [safe_line(word, _WORD) for word, _ in rows]
    wide = max(map(len, words), default=0) + 2
    for word, (_, values) in zip(words, rows, strict=True):
        for number, value in enumerate(values):
            yield from _wrapped(value, " " * wide, ("" if number else word).ljust(wide))
