"""Templates to pages: every value is made printable and escaped, and a page may load nothing."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ciforge.model.quantities import duration
from ciforge.report.formatting import marked
from ciforge.report.html import views
from ciforge.report.html.palette import DARK, LIGHT, variables
from ciforge.report.run_report import warning_words
from ciforge.sanitize import safe_line
from ciforge.timestamp import minute_text, rfc3339

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"


def write_page(template: str, file: Path, **values: Any) -> None:
    """Write a page piece by piece, so that a long one does not have to fit into memory."""
    stream = _environment().get_template(template).stream(**values)
    stream.enable_buffering(200)
    with file.open("wb") as out:
        stream.dump(out, encoding="utf-8")


def page_bytes(template: str, **values: Any) -> bytes:
    """A small page, or an image, as a whole."""
    return _environment().get_template(template).render(**values).encode()


@cache
def _environment() -> "Environment":
    """Sanitizes and escapes every value in a template automatically."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def harmless(value: Any) -> Any:
        if isinstance(value, str) and not isinstance(value, Markup):
            return safe_line(value)
        return value

    made = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
        finalize=harmless, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    style = style_sheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    made.globals |= {"style": Markup(style), "policy": policy}  # noqa: S704 - our own text
    made.filters |= {
        "duration": duration,
        "marked": marked,
        "minute": minute_text,
        "moment": _moment,
        "rfc3339": rfc3339,
        "warning_words": warning_words,
        "place": views.place,
        "page": views.page,
    }
    return made


def _moment(time: str) -> str:
    """`2026-11-22 14:40:57`."""
    return time[:19].replace("T", " ")


def style_sheet() -> str:
    """The style of every page, with both palettes."""
    text = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
    return text.replace("/* LIGHT */", variables(LIGHT)).replace("/* DARK */", variables(DARK))
