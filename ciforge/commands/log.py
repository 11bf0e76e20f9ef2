"""`ciforge log`: what a job printed."""

import shutil
import sys
from pathlib import Path

import click

from ciforge.commands import options
from ciforge.commands.opening import open_project, state_folder
from ciforge.errors import UsageError, did_you_mean
from ciforge.history.index import Index


@click.command("log")
@options.JOB
@options.FILE
@options.STATE
@click.option("--run", "run_id", metavar="RUN", help="Of this run; else of the newest one.")
@click.option("--path", "only_path", is_flag=True, help="Print where the log lies.")
def command(
    job: str, file: Path | None, state_dir: Path | None, run_id: str | None, only_path: bool
) -> None:
    """Print the log of a JOB (its whole id) as it was written.

    On a terminal control characters are taken out; elsewhere the bytes are as they came.
    """
    project = open_project(file, Path.cwd().resolve()).project.project
    with Index.open(
        state_folder(project, state_dir), lambda text: click.echo(text, err=True)
    ) as index:
        index.catch_up()
        log = index.find_log(job, run_id)
        known = index.known_jobs()
    if log is None:
        where = f" in run {run_id}" if run_id else ""
        raise UsageError(
            f"no log of {job!r}{where}{did_you_mean(job, known)}",
            hint="`ciforge history` lists runs",
        )
    if only_path:
        click.echo(log)
    else:
        _print(log)


def _print(log: Path) -> None:
    from ciforge.report.safe import LineSplitter, safe_line

    with log.open("rb") as data:
        if not sys.stdout.isatty():
            shutil.copyfileobj(data, sys.stdout.buffer)
            return
        splitter = LineSplitter()
        while chunk := data.read(65536):
            for line in splitter.feed(chunk):
                click.echo(safe_line(line))
        for line in splitter.flush():
            click.echo(safe_line(line))
