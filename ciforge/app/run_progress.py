"""Prints the events of a run while it runs."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import click

from ciforge.app.session import print_progress
from ciforge.model.event import Event, RunStarted
from ciforge.report.jsonlines import json_line
from ciforge.report.plain_lines import plain


@contextmanager
def reporting(
    expected: Mapping[str, float], at_once: int, *, as_json: bool
) -> Iterator[Callable[[Event], None]]:
    """A function that prints events: JSON lines on standard output, else a table or lines on
    standard error.
    """
    if as_json:
        yield lambda event: click.echo(json_line(event))
    elif sys.stderr.isatty():
        from rich.console import Console

        from ciforge.report.live_table import LiveTable

        with LiveTable(Console(stderr=True), time.monotonic, expected, at_once) as table:
            yield _both(table.handle, _first_line)
    else:
        yield plain_line


def _both(
    first: Callable[[Event], None], other: Callable[[Event], None]
) -> Callable[[Event], None]:
    def handle(event: Event) -> None:
        other(event)
        first(event)

    return handle


def _first_line(event: Event) -> None:
    if isinstance(event, RunStarted):
        plain_line(event)


def plain_line(event: Event) -> None:
    """Prints an event as a line on standard error, if it is of interest."""
    text = plain(event)
    if text is not None:
        print_progress(text)
