"""A page as plain text: at most 72 columns and 30,000 bytes."""

import textwrap
from collections.abc import Iterator
from typing import assert_never

from ciforge.mail.blocks import Command, Heading, Page, Paragraph, Part, Quote, Rows, Signature
from ciforge.sanitize import safe_line

WIDTH = 72
LARGEST = 30_000
"""Bytes of UTF-8."""
_LINES = 30
"""Lines of one quote."""
_LABEL = 32
"""Characters of a row's label, which may be the name of any package."""
_SIGNATURE = "-- "
"""The line above a signature, by which mail readers know it (RFC 3676, 4.3); quoted-printable keeps the space."""
_CUT = "(truncated: see the log for the rest)"


def plain(page: Page) -> str:
    """The whole text, ending with a line end."""
    text = ""
    for part in page:
        block = "\n".join(line if line == _SIGNATURE else line.rstrip() for line in _part(part))
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
            yield _SIGNATURE
            yield from _wrapped(text)
        case _:
            assert_never(part)


def _wrapped(text: str, indent: str = "", first: str | None = None) -> list[str]:
    """Text wrapped at spaces; a word longer than a line is split."""
    given = safe_line(text.replace("\n", " "), 2000)
    return textwrap.wrap(
        given, WIDTH, initial_indent=indent if first is None else first,
        subsequent_indent=indent, break_on_hyphens=False, break_long_words=True,
    )  # fmt: skip


def _command(text: str) -> Iterator[str]:
    """Continued with backslashes, so that it stays one command."""
    lines = textwrap.wrap(
        safe_line(text, 2000), WIDTH - 6, break_long_words=False, break_on_hyphens=False
    )
    for number, line in enumerate(lines):
        indent = "      " if number else "    "
        yield indent + line + (" \\" if number < len(lines) - 1 else "")


def _quote(lines: tuple[str, ...]) -> Iterator[str]:
    """Long lines are continued below with more indentation."""
    for line in lines[-_LINES:]:
        given = safe_line(line, 600)
        yield from textwrap.wrap(
            given, WIDTH, initial_indent="  | ", subsequent_indent="  |     ",
            break_on_hyphens=False, drop_whitespace=False, replace_whitespace=False,
        ) or ["  |"]  # fmt: skip


def _rows(rows: tuple[tuple[str, tuple[str, ...]], ...]) -> Iterator[str]:
    labels = [safe_line(label, _LABEL) for label, _ in rows]
    wide = max(map(len, labels), default=0) + 2
    for label, (_, values) in zip(labels, rows, strict=True):
        for number, value in enumerate(values):
            yield from _wrapped(value, " " * wide, ("" if number else label).ljust(wide))
