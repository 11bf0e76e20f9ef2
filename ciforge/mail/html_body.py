"""A page as HTML, for `format: html`: no style sheet, no images, nothing to load."""

from collections.abc import Iterator
from html import escape
from typing import assert_never

from ciforge.mail.blocks import Command, Heading, Page, Paragraph, Part, Quote, Rows, Signature
from ciforge.sanitize import safe_line

_MONO = "font-family:ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere"


def html(title: str, page: Page) -> str:
    """A complete document; all text is escaped."""
    body = "\n".join(line for part in page for line in _part(part))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{_text(title)}</title></head>\n"
        f'<body style="max-width:45em;line-height:1.4">\n{body}\n</body></html>\n'
    )


def _part(part: Part) -> Iterator[str]:
    match part:
        case Paragraph(text):
            yield f"<p>{_text(text)}</p>"
        case Heading(text):
            yield f'<h2 style="font-size:1em">{_text(text)}</h2>'
        case Command(text):
            yield f'<p><code style="{_MONO}">{_text(text)}</code></p>'
        case Quote(lines, root):
            marked = (_line(line, root) for line in lines)
            yield f'<pre style="{_MONO};border-left:3px solid #999;padding-left:1em">'
            yield "\n".join(marked) + "</pre>"
        case Rows(rows):
            yield "<table>"
            yield from (_row(label, values) for label, values in rows)
            yield "</table>"
        case Signature(text):
            yield f"<hr><p>{_text(text)}</p>"
        case _:
            assert_never(part)


def _line(line: str, root: str) -> str:
    return f"<b>{_text(line)}</b>" if root and line == root else _text(line)


def _row(label: str, values: tuple[str, ...]) -> str:
    cells = "<br>".join(_text(value) for value in values)
    return (
        '<tr><th scope="row" style="text-align:left;vertical-align:top;padding-right:1em">'
        f"{_text(label)}</th><td>{cells}</td></tr>"
    )


def _text(text: str) -> str:
    return escape(safe_line(text.replace("\n", " "), 2000))
