"""`ciforge log`: prints the log of a job."""

import shutil
import sys
from pathlib import Path

import click

from ciforge.cli import completers, options
from ciforge.errors import UsageError


@click.command("log")
@options.JOB
@click.option("--run", "run_id", metavar="RUN", shell_complete=completers.runs,
              help="Print the log of this run (the beginning of its id is enough); default: the job's newest.")  # fmt: skip
@click.option("--path", "only_path", is_flag=True, help="Print the path of the log instead.")
@options.FILE
@options.STATE
def command(
    job: str, file: Path | None, state_dir: Path | None, run_id: str | None, only_path: bool
) -> None:
    """Print the log of a JOB: an id, or a selector that matches one job that has run.

    If it matches several, the only one that failed in their newest run is used. On a terminal,
    control characters are removed; otherwise the log is printed unchanged.

    \b
      ciforge log portable/debian-13/default | less
      ciforge log debian-13/default --run 20261122T144057Z-1f3a9c
      cd "$(dirname "$(ciforge log debian-13/default --path)")"      config.log is in artifacts/

    `ciforge history` lists runs.
    """
    log = _find(job, file, state_dir, run_id)
    if only_path:
        click.echo(log)
    else:
        _print(log)


def _find(job: str, file: Path | None, state_dir: Path | None, run_id: str | None) -> Path:
    """The log of the selected job. Raises UsageError."""
    from ciforge.app.resolve import past_job, resolve_run
    from ciforge.app.workspace import open_workspace, state_folder
    from ciforge.store.runs.run_index import Index

    workspace = open_workspace(file, Path.cwd().resolve())
    state = state_folder(workspace.project.project, state_dir)
    with Index.open(state, lambda text: click.echo(text, err=True)) as index:
        index.catch_up()
        run_id = resolve_run(index, run_id) if run_id else None
        job_ids = [row.job for row in index.results_of(run_id)] if run_id else index.known_jobs()
        id_ = past_job(job, job_ids, workspace.plan.names, index, run_id)
        log = index.find_log(id_, run_id)
    if log is None:
        raise UsageError(
            f"no log of {id_!r}: the job was skipped, or never started",
            hint="`ciforge history` lists runs",
        )
    return log


def _print(log: Path) -> None:
    from ciforge.sanitize import LineSplitter, safe_line

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
