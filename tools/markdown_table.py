"""Rows of the tables in docs/proof."""

import re
from collections.abc import Iterable

_HOST = re.compile(r"\bhttps?://[^/\s]+/")


def table_row(cells: Iterable[object]) -> str:
    """One row, without the end of the line; `|` and ends of lines in a cell are taken care of."""
    texts = (str(cell).replace("|", r"\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(texts)} |"


def without_hosts(text: str) -> str:
    """The text of a package manager without the host of its mirror, which is that of this machine."""
    return _HOST.sub("", text)
