"""Outcomes of the proofs: kept as JSON lines, shown as a page without details of the machine."""

import contextlib
import json
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
from markdown_table import table_row
from proof_table import BROKEN, HELD, IMPOSSIBLE, Row

INTRODUCTION = """\
# Proof

Full matrices of real builds, without caches. `make proof` runs them and writes this page; a call
that was interrupted goes on where it ended. Of `.venv/bin/python tools/proof.py`, `--list` shows
what is known, `--only PATTERN` runs some rows, and `--again` runs them anew.
"""


@attrs.frozen(kw_only=True)
class Outcome:
    """The outcome of a row. `tree` names the commit and the differences from it."""

    row: str
    tree: str
    commit: str
    dirty: bool
    date: str
    """When it ended; RFC 3339, UTC."""
    ciforge: str
    engine: str
    command: str
    outcome: str
    seconds: float
    detail: str = ""
    optional: bool = False


def known(file: Path, tree: str) -> dict[str, Outcome]:
    """The last outcome of every row for these very files; a line that was cut off is none."""
    found: dict[str, Outcome] = {}
    for text in file.read_text(errors="replace").splitlines() if file.exists() else ():
        with contextlib.suppress(ValueError, TypeError):
            one = Outcome(**json.loads(text))
            found |= {one.row: one} if one.tree == tree else {}
    return found


def keep(file: Path, outcome: Outcome) -> None:
    """Adds a line, and has it on disk before the next row begins."""
    cut = file.exists() and not file.read_bytes().endswith(b"\n")
    with file.open("a") as stream:
        stream.write(("\n" if cut else "") + json.dumps(attrs.asdict(outcome)) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def clean(text: str, places: Mapping[str, str]) -> str:
    """A reason on one line without addresses, and with `places` of this machine named otherwise."""
    text = " ".join(text.split())
    text = re.sub(r"\blookup \S+?(?: on \S+?)?: ", "lookup: ", text)
    text = re.sub(r"\b[a-z][a-z+]*://[^\s\"')]+", "(address)", text)
    address = r"(?:\b\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f]*:[0-9a-f:]*\])(?::\d+)?"
    text = re.sub(address, "(address)", text)
    for place in sorted(places, key=len, reverse=True):
        if len(place) > 1:
            text = re.sub(rf"(?<![\w.-]){re.escape(place)}(?![\w-])", places[place], text)
    return text


def page(table: Sequence[Row], outcomes: Mapping[str, Outcome]) -> str:
    """The whole page, in Markdown. Raises KeyError unless every row has an outcome."""
    shown = [outcomes[row.name] for row in table]
    parts = [INTRODUCTION, *(f"- {text}" for text in heading(shown)), ""]
    parts += ["| proof | command | must | result | seconds |", "|---|---|---|---|---:|"]
    parts += [line(row, one) for row, one in zip(table, shown, strict=True)]
    return "\n".join(parts) + "\n"


def heading(shown: Sequence[Outcome]) -> list[str]:
    """The head of the page: dates, commit, versions, engines, number of results, total time."""
    last = max(shown, key=lambda one: one.date)
    days = sorted({one.date[:10] for one in shown})
    words = (HELD, BROKEN, IMPOSSIBLE)
    counts = {word: sum(one.outcome == word for one in shown) for word in words}
    dirty = ", with changes that no commit has" if last.dirty else ""
    return [
        f"date: {' to '.join(dict.fromkeys((days[0], days[-1])))}",
        f"commit: {last.commit or 'none'}{dirty}",
        f"ciforge: {', '.join(sorted({one.ciforge for one in shown}))}",
        f"engine: {', '.join(sorted({one.engine for one in shown}))}",
        "results: " + ", ".join(f"{count} {word}" for word, count in counts.items() if count),
        f"time: {sum(one.seconds for one in shown) / 60:.0f} minutes",
    ]


def line(row: Row, outcome: Outcome) -> str:
    """One row of the table."""
    must = f"fail in {row.failed_step}" if row.failed_step else "pass"
    result = ": ".join(filter(None, (outcome.outcome, outcome.detail)))
    cells = (row.name, f"`{outcome.command}`", must, result, f"{outcome.seconds:.0f}")
    return table_row(cells)


def command(words: Sequence[str]) -> str:
    """Returns what a person would type."""
    return shlex.join(["ciforge", *words, "--no-cache"])


def listing(table: Sequence[Row], outcomes: Mapping[str, Outcome]) -> str:
    """One row a line, with what is known of it."""
    said = {name: f"{one.outcome}  {one.seconds:.0f} s" for name, one in outcomes.items()}
    return "\n".join(f"{row.name:<42}{said.get(row.name, 'not run')}" for row in table)
