"""`ciforge notify`: what is due by time, and every mail that waits."""

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
from ciforge.notify.pipeline import PipelineContext, import_run, look_after, take_in_announced
from ciforge.store.documents import HistoryProblem
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.incident_errors import FILE_NAME
from ciforge.store.runs.run_folder import read_run, run_path
from ciforge.store.runs.run_reader import moment, run_folders

_BEFORE = 10
"""Earlier runs that a replay takes in first, of those that count, so that it knows what was broken."""


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
    from ciforge.app.notification import flow_of, follow

    if bool(runs) != replay:
        raise UsageError(
            "--replay and RUN must be used together", hint="`ciforge history` lists runs"
        )
    opened = open_workspace(file, Path.cwd().resolve())
    flow = flow_of(opened, state_folder(opened.project.project, state_dir))
    if replay:
        _print(_replayed(flow, runs))
    elif dry_run:
        _print(_due(flow))
    else:
        ctx.exit(follow(flow, (), "no mail is due"))


def _due(flow: PipelineContext) -> list[Message]:
    """What would be sent now; done on a copy."""
    from ciforge.app.notification import expected_of

    with _copied(flow.state) as incidents:
        now = time.time()
        take_in_announced(flow, incidents, now)
        look_after(flow, incidents, expected_of(flow, incidents), now)
        return [one.message for one in incidents.outbox.due(now)]


def _replayed(flow: PipelineContext, runs: Sequence[str]) -> list[Message]:
    """The mails of these runs, after those before them that count; done in an empty database."""
    known = [folder.name for folder in run_folders(flow.state)]
    places = {run: _place(flow.state, run) for run in {_meant(run, known) for run in runs}}
    meant = sorted(places, key=lambda run: places[run])
    counted = {run: _place(flow.state, run) for run in _counted(flow.state) if run in known}
    earlier = [run for run, place in counted.items() if place < places[meant[0]]]
    before = sorted(earlier, key=lambda run: counted[run])
    for run in meant:
        _tell_edited(flow.state, run)
    with tempfile.TemporaryDirectory() as folder, Incidents.open(Path(folder)) as incidents:
        for run in before[-_BEFORE:]:
            _take_before(flow, incidents, run)
        return [
            message
            for run in meant
            for message in import_run(flow, incidents, run, _ended(flow.state, run)).messages
        ]


def _counted(state: Path) -> list[str]:
    """The runs that incidents know, or will."""
    if not (state / FILE_NAME).exists():
        return []
    with Incidents.open(state) as incidents:
        return [*incidents.taken(), *(run for run, _ in incidents.announced())]


def _place(state: Path, run: str) -> tuple[int, float, str]:
    """Where a run stands in the order; first, where its record cannot be read."""
    try:
        record = read_run(run_path(state, run))
    except HistoryProblem:
        return 0, 0.0, run
    return record.sequence, moment(record), run


def _take_before(flow: PipelineContext, incidents: Incidents, run: str) -> None:
    try:
        import_run(flow, incidents, run, _ended(flow.state, run))
    except HistoryProblem as problem:
        print_progress(f"run {run} is skipped: {problem}")


def _tell_edited(state: Path, run: str) -> None:
    """Whoever looks at what a run would have been mailed must know that it would not have been."""
    from ciforge.app.notification import no_commit

    for used in read_run(run_path(state, run)).sources:
        if what := no_commit(used):
            print_progress(f"run {run} would have been refused with --notify: {what}")


def _meant(text: str, known: Iterable[str]) -> str:
    found = [run for run in known if run.startswith(text)]
    if len(found) == 1 or text in found:
        return text if text in found else found[0]
    what = "no run" if not found else f"{len(found)} runs"
    raise UsageError(
        f"{text!r} matches {what}{did_you_mean(text, known)}", hint="`ciforge history` lists runs"
    )


def _ended(state: Path, run: str) -> float:
    """When its mails would have been written, in seconds since 1970."""
    record = read_run(run_path(state, run))
    return moment(record) + record.seconds


@contextmanager
def _copied(state: Path) -> Iterator[Incidents]:
    """A copy of the database that may be written to."""
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
