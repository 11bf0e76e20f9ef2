"""`ciforge notify`: sends everything that is due."""

import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from ciforge.app.session import print_progress
from ciforge.app.workspace import open_workspace, state_folder
from ciforge.cli import completers, options
from ciforge.errors import UsageError, did_you_mean
from ciforge.model.message import Message
from ciforge.notify.pipeline import PipelineContext, import_announced, import_run, process_due
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.incident_errors import FILE_NAME
from ciforge.store.runs.run_folder import read_run, run_path
from ciforge.store.runs.run_reader import moment, run_folders

_BEFORE = 10
"""Number of earlier runs that a replay imports first, to know what was broken."""


@click.command("notify")
@click.option("--dry-run", is_flag=True, help="Print the mail that is due, and send nothing.")
@click.option("--replay", is_flag=True,
              help="Print the mail of the RUNs, composed again from the history; send nothing.")  # fmt: skip
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=completers.runs)
@options.FILE
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    runs: tuple[str, ...],
    dry_run: bool,
    replay: bool,
    file: Path | None,
    state_dir: Path | None,
) -> None:
    """Process everything that is due: reminders, late jobs, digests, queued mail. For cron.

    Runs of `ciforge run --notify` that were interrupted before they updated incidents are processed
    first. A reminder is sent 1, 3 and 7 days after the first mail of an incident; after that, the
    incident is listed in a weekly digest. A job without a result for longer than its deadline is
    reported as stale. Mail that was not delivered is retried.

    \b
      ciforge notify                   every 15 minutes, from cron
      ciforge notify --dry-run         print the mail that would be sent now
      ciforge notify --replay RUN      print the mail of a run, whether or not it was sent

    Exits 0 if all mail that was due is delivered, 4 if not, 2 if $CIFORGE_MAIL is invalid.
    """
    from ciforge.app.notification import pipeline_context, process_runs

    if bool(runs) != replay:
        raise UsageError(
            "--replay and RUN must be used together", hint="`ciforge history` lists runs"
        )
    workspace = open_workspace(file, Path.cwd().resolve())
    context = pipeline_context(workspace, state_folder(workspace.project.project, state_dir))
    if replay:
        _print(_replayed(context, runs))
    elif dry_run:
        _print(_due(context))
    else:
        ctx.exit(process_runs(context, (), "no mail is due"))


def _due(context: PipelineContext) -> list[Message]:
    """The mail that would be sent now, computed on a copy of the state."""
    from ciforge.app.notification import job_deadlines

    with _copy_of_incidents(context.state) as incidents:
        now = time.time()
        import_announced(context, incidents, now)
        process_due(context, incidents, job_deadlines(context, incidents), now)
        return [queued.message for queued in incidents.outbox.due(now)]


def _replayed(context: PipelineContext, runs: Sequence[str]) -> list[Message]:
    """The mail of these runs, computed in an empty database after a few earlier runs."""
    run_ids = [folder.name for folder in run_folders(context.state)]
    positions = {
        run: _position(context.state, run) for run in {_resolve(run, run_ids) for run in runs}
    }
    resolved = sorted(positions, key=lambda run: positions[run])
    imported = {
        run: _position(context.state, run)
        for run in _imported_or_announced(context.state)
        if run in run_ids
    }
    earlier = [run for run, position in imported.items() if position < positions[resolved[0]]]
    before = sorted(earlier, key=lambda run: imported[run])
    for run in resolved:
        _warn_if_uncommitted(context.state, run)
    with tempfile.TemporaryDirectory() as folder, Incidents.open(Path(folder)) as incidents:
        for run in before[-_BEFORE:]:
            _import_earlier(context, incidents, run)
        return [
            message
            for run in resolved
            for message in import_run(
                context, incidents, run, _end_time(context.state, run)
            ).messages
        ]


def _imported_or_announced(state: Path) -> list[str]:
    """The runs that incidents have imported or will import."""
    if not (state / FILE_NAME).exists():
        return []
    with Incidents.open(state) as incidents:
        return [*incidents.taken(), *(run for run, _ in incidents.announced())]


def _position(state: Path, run: str) -> tuple[int, float, str]:
    """The position of a run in the order of runs; first if its record cannot be read."""
    try:
        record = read_run(run_path(state, run))
    except HistoryProblem:
        return 0, 0.0, run
    return record.sequence, moment(record), run


def _import_earlier(context: PipelineContext, incidents: Incidents, run: str) -> None:
    try:
        import_run(context, incidents, run, _end_time(context.state, run))
    except HistoryProblem as problem:
        print_progress(f"run {run} is skipped: {problem}")


def _warn_if_uncommitted(state: Path, run: str) -> None:
    """Prints a warning if the run was not of a commit, so that it never sent mail."""
    from ciforge.app.notification import uncommitted_reason

    for used in read_run(run_path(state, run)).sources:
        if reason := uncommitted_reason(used):
            print_progress(f"run {run} would have been refused with --notify: {reason}")


def _resolve(text: str, run_ids: Iterable[str]) -> str:
    found = [run for run in run_ids if run.startswith(text)]
    if len(found) == 1 or text in found:
        return text if text in found else found[0]
    reason = "no run" if not found else f"{len(found)} runs"
    raise UsageError(
        f"{text!r} matches {reason}{did_you_mean(text, run_ids)}",
        hint="`ciforge history` lists runs",
    )


def _end_time(state: Path, run: str) -> float:
    """The time at which the mail of a run is composed, in seconds since 1970."""
    record = read_run(run_path(state, run))
    return moment(record) + record.seconds


@contextmanager
def _copy_of_incidents(state: Path) -> Iterator[Incidents]:
    """A copy of the database, for writing."""
    with tempfile.TemporaryDirectory() as folder:
        if (state / FILE_NAME).exists():
            with Incidents.open(state) as real:
                real.copy(Path(folder) / FILE_NAME)
        with Incidents.open(Path(folder)) as incidents:
            yield incidents


def _print(messages: Sequence[Message]) -> None:
    for message in messages:
        click.echo(f"To: {', '.join(message.to)}")
        click.echo(f"Subject: {message.subject}\n")
        click.echo(message.text.rstrip("\n"))
        click.echo("\n" + "-" * 72)
    if not messages:
        click.echo("no mail is due", err=True)
