"""`ciforge clean`: what takes room on this machine and is not needed any more."""

import datetime
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import click

from ciforge.commands import options
from ciforge.commands.opening import open_project, state_folder
from ciforge.commands.running import open_engine, stopping
from ciforge.commands.scratch import scratch_folder
from ciforge.errors import UsageError
from ciforge.history.index import Index
from ciforge.run.clock import now

_UNITS = {"h": 1 / 24, "d": 1, "w": 7}


@click.command("clean")
@options.FILE
@options.STATE
@click.option("--older-than", "age", default="30d", show_default=True, metavar="AGE",
              help="Only what is older: 12h, 30d, 8w; 0d for everything.")  # fmt: skip
@click.option("--caches", is_flag=True, help="Remove the compiler caches of this project too.")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def command(
    file: Path | None, state_dir: Path | None, age: str, caches: bool, dry_run: bool
) -> None:
    """Remove old runs of the project, boxes that were kept, and images that no job needs.

    Never removed: the last green run of each job, and base images. What is still needed is made
    again by the next run.
    """
    project = open_project(file, Path.cwd().resolve()).project.project
    state = state_folder(project, state_dir)
    before = now() - datetime.timedelta(days=_days(age))
    with scratch_folder(state) as scratch, stopping() as stop, open_engine(scratch, stop) as engine:
        for line in engine.clean(project, before.timestamp(), caches=caches, only_say=dry_run):
            click.echo(line)
    for folder in _old_runs(state, before):
        click.echo(f"run {folder.name}")
        if not dry_run:
            shutil.rmtree(folder)
    with Index.open(state) as index:
        index.catch_up()


def _days(text: str) -> float:
    found = re.fullmatch(r"(\d{1,5})([hdw])", text)
    if not found:
        raise UsageError(f"--older-than {text!r} is no age", hint="write 12h, 30d or 8w")
    return int(found[1]) * _UNITS[found[2]]


def _old_runs(state: Path, before: datetime.datetime) -> Iterator[Path]:
    """Folders of runs that began before then, but for the last green run of every job."""
    with Index.open(state) as index:
        index.catch_up()
        greens = {green.run for job in index.known_jobs() if (green := index.last_green(job))}
        old = [run.id for run in index.runs(None) if _began(run.started) < before]
    for run in old:
        if run not in greens:
            yield state / "runs" / run


def _began(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)
