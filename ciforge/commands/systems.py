"""`ciforge systems`: what the catalogue says of distributions and their releases."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from ciforge.app.project_files import catalogue_here
from ciforge.cli import completers, options
from ciforge.errors import UsageError, did_you_mean
from ciforge.model.distro import Catalogue
from ciforge.report import system_table
from ciforge.report.system_table import SystemRow, details, listing
from ciforge.sanitize import safe_text


@click.command("systems")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completers.systems)
@options.JSON
@options.FILE
def command(names: tuple[str, ...], file: Path | None, as_json: bool) -> None:
    """List the systems of the catalogue, or show the facts about the named ones.

    NAME is a distribution or a release: debian, debian-13. Without a name, each line has a release,
    its support, C library, how its jobs run, and how far it is proven (see `ciforge jobs --help`).
    With names, platforms, image, packages of each dependency, and the source of each fact follow.

    In a project, its own descriptors are included.
    """
    today = datetime.now(UTC).date()
    catalogue = catalogue_here(file, Path.cwd())
    rows = [
        SystemRow(catalogue, distribution, release, today)
        for distribution in catalogue.distributions.values()
        for release in distribution.releases
    ]
    found = _named(rows, names, catalogue) if names else [sorted(rows, key=_order)]
    for place, group in enumerate(found):
        click.echo(safe_text(_text(group, whole=bool(names), as_json=as_json, first=place == 0)))


def _order(row: SystemRow) -> str:
    return row.distribution.distribution


def _text(rows: Sequence[SystemRow], *, whole: bool, as_json: bool, first: bool) -> str:
    if as_json:
        return "\n".join(json.dumps(system_table.as_json(row)) for row in rows)
    lines = details(rows) if whole else listing(rows)
    return ("" if first or not whole else "\n") + "\n".join(lines)


def _named(
    rows: Sequence[SystemRow], names: Sequence[str], catalogue: Catalogue
) -> list[list[SystemRow]]:
    """The rows of each name. Raises UsageError for one that is not known."""
    choices = [*catalogue.distributions, *(row.id for row in rows)]
    groups = []
    for name in names:
        group = [row for row in rows if name in (row.id, row.distribution.distribution)]
        if not group:
            hint = "`ciforge systems` lists them"
            raise UsageError(f"no system {name!r}{did_you_mean(name, choices)}", hint=hint)
        groups.append(group)
    return groups
