"""`ciforge lint`: lists the mistakes in project files and descriptors."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from ciforge.app.generation import template_problems
from ciforge.app.project_files import catalogue_folders, find_project, read_catalogue
from ciforge.app.workspace import check_project, open_workspace, project_warnings
from ciforge.errors import InputError
from ciforge.load.catalogue import catalogue_problems, lint_file
from ciforge.load.text_file import read_text
from ciforge.sanitize import safe_text


@click.command("lint")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """List errors in project files and descriptors, each as FILE:LINE:COL: MESSAGE.

    Without FILE, the project file found from the current folder and all descriptors are checked.
    Prints nothing and exits 0 if there are no errors, else exits 1, for use in hooks. Releases that
    are past their end of life, or reach it within 30 days, and `flaky:`, `compiler:` and `sources:` that
    change no listed job are warnings on standard error.

    \b
      ciforge lint ciforge.yml && git commit
    """
    problems = list(_all_problems() if not files else _problems_of(files))
    for problem in dict.fromkeys(problems):
        click.echo(safe_text(problem))
    if not problems:
        for warning in _warnings(files):
            click.echo(safe_text(warning), err=True)
    ctx.exit(1 if problems else 0)


def _all_problems() -> Iterator[str]:
    file = find_project(Path.cwd())
    try:
        folders = list(catalogue_folders(file))
    except InputError as error:
        yield from error.problems
        return
    yield from catalogue_problems(folders)
    yield from _project_problems(file)


def _problems_of(files: tuple[Path, ...]) -> Iterator[str]:
    for file in files:
        found = lint_file(file)
        yield from found
        if not found and _is_project(file):
            yield from _project_problems(file)


def _warnings(files: tuple[Path, ...]) -> Iterator[str]:
    today = datetime.now(UTC).date()
    for file in files or (find_project(Path.cwd()),):
        if _is_project(file):
            yield from project_warnings(file, today)


def _is_project(file: Path) -> bool:
    """Whether the top-level keys are those of a project file, as `lint_file` decides."""
    return re.search(r"^project:", read_text(file), re.MULTILINE) is not None


def _project_problems(file: Path) -> list[str]:
    try:
        found = check_project(file, read_catalogue(file))[0]
        return found or template_problems(open_workspace(file, file.parent))
    except InputError as error:
        return list(error.problems)
