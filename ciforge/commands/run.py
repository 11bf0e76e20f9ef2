"""`ciforge run`: jobs in local containers, from the sources to the exit code."""

import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from ciforge import __version__
from ciforge.app.reproduce import command_line, print_summary
from ciforge.app.scratch import begin_run
from ciforge.app.session import Request, Session, kept_box, print_progress, session
from ciforge.app.source_options import SourceOptions
from ciforge.cli import options
from ciforge.errors import CiforgeError, EngineError
from ciforge.model.event import Event, RunEnded, RunStarted
from ciforge.model.result import Result, Run
from ciforge.private import masked_word
from ciforge.report.failures import Commands
from ciforge.report.jsonlines import json_line
from ciforge.report.plain_lines import plain
from ciforge.run.allocation import share
from ciforge.run.clock import now, stamp
from ciforge.run.exit_status import exit_code, nothing_ran, worst
from ciforge.run.job_runner import Settings
from ciforge.run.scheduler import run_all
from ciforge.store.runs.run_folder import RunFolder, new_run_id
from ciforge.store.runs.run_index import Index
from ciforge.store.sequence import next_sequence

if TYPE_CHECKING:
    from ciforge.model.diagnosis import Diagnosis


@attrs.frozen(kw_only=True)
class RunOptions:
    """How the chosen jobs are run and reported."""

    jobs: int | None
    timeout: int
    as_json: bool
    keep: bool
    fail_fast: bool
    ccache: bool
    notify: bool


@click.command("run")
@options.SELECTORS
@options.SOURCE
@options.REV
@options.PATCH
@click.option("--keep", is_flag=True,
              help="Keep the container of a job that did not pass; `ciforge shell JOB` enters it.")  # fmt: skip
@click.option("--fail-fast", is_flag=True, help="Cancel all other jobs at the first failure.")
@click.option("-j", "--jobs", type=options.count, metavar="N",
              help="Run at most N jobs at once; default: as many as processors and memory allow.")  # fmt: skip
@click.option("--timeout", type=options.seconds, default="2h", metavar="TIME", show_default=True,
              help="Time limit of each job: 90s, 10m, 3h; at most 24h.")  # fmt: skip
@click.option("--notify", is_flag=True,
              help="Update incidents, and mail what changed; not with uncommitted changes.")  # fmt: skip
@click.option(
    "--no-cache", is_flag=True, help="Use no cache: no ccache, no earlier results of configure."
)
@options.ANY
@options.JSON
@options.FILE
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    selectors: tuple[str, ...],
    file: Path | None,
    sources: tuple[str, ...],
    revisions: tuple[str, ...],
    patch: str,
    jobs: int | None,
    timeout: int,
    keep: bool,
    fail_fast: bool,
    notify: bool,
    no_cache: bool,
    unlisted: bool,
    state_dir: Path | None,
    as_json: bool,
) -> None:
    """Run jobs in local containers: the selected jobs, by default all that the project lists.

    In a checkout of one of the project's repositories, the working tree is built, uncommitted
    changes included; the tree itself is not changed. Elsewhere, all repositories are fetched from
    their git addresses.

    \b
      ciforge run debian                     every Debian release that the project lists
      ciforge run debian-13/default          one of them, in one variant
      ciforge run 'portable/*/clang'         one variant everywhere
      ciforge run --patch fix.diff           with a patch on top
      ciforge run --rev refs/pull/12/head portable
      ciforge run --keep debian-13/default; ciforge shell debian-13/default

    `ciforge jobs` lists the jobs, and `ciforge jobs --help` explains SELECTOR. The summary at the
    end lists each cause of failure once, with its jobs, the relevant lines of the log, a suggested
    fix, and the commands that repeat the job or open a shell in it. `ciforge report` saves it to a
    file.

    With --notify, incidents are updated, and the resulting mail is queued and delivered. The working
    tree must have no uncommitted changes. Run `ciforge notify` from cron for reminders and retries.

    Exits 0 if all jobs passed or may fail, 1 if a job failed or all were skipped, 3 if the engine or
    the network failed, 4 if mail was not delivered.
    """
    chosen = Request(
        selectors=selectors,
        file=file,
        state_dir=state_dir,
        said=SourceOptions(sources=sources, revisions=revisions, patch=patch),
        unlisted=unlisted,
    )
    how = RunOptions(
        jobs=jobs, timeout=timeout, as_json=as_json, keep=keep, fail_fast=fail_fast,
        ccache=not no_cache, notify=notify,
    )  # fmt: skip
    try:
        with session(chosen) as ready:
            ctx.exit(run(ready, chosen, how))
    except EngineError as error:
        if notify:
            _tell_lost(chosen, error)
        raise


def run(ready: Session, chosen: Request, how: RunOptions) -> int:
    """Runs the jobs, keeps the run, reports it; the exit code."""
    began = time.monotonic()
    record = _record(ready)
    if how.notify:
        _announce(ready, record)
    _index(ready.state)
    begin_run(ready.scratch, record.id)
    folder = RunFolder.create(ready.state, record)
    _index(ready.state, record)
    with _reporting(how) as emit:
        emit(
            RunStarted(run=record.id, time=record.started, jobs=record.jobs, sources=record.sources)
        )
        settings = _settings(ready, how, record, folder, emit)
        ended = run_all(ready.jobs, settings, fail_fast=how.fail_fast)
    results = [one.result for one in ended.results]
    code = exit_code(results, interrupted=ready.stop.signal is not None)
    seconds = round(time.monotonic() - began, 3)
    record = attrs.evolve(record, ended=stamp(), seconds=seconds, exit_code=code)
    folder.finish(record)
    _index(ready.state, record, results)
    why = _diagnosis(ready, folder, record, results)
    if not how.as_json:
        print_summary(ended, why, _commands(ready, chosen, ended))
    if nothing_ran(results):
        print_progress("no job ran: all were skipped, so nothing was checked")
    return _follow(ready, record, code) if how.notify else code


def _tell_lost(chosen: Request, error: EngineError) -> None:
    from ciforge.app.failed_start import record_failed_start

    record_failed_start(chosen, error)


def _announce(ready: Session, record: Run) -> None:
    """From now on the run is not forgotten, whatever ends us. Raises UsageError."""
    from ciforge.app.notification import refuse_edited, refuse_wrong_way
    from ciforge.store.incidents.incident_database import Incidents

    refuse_edited(record.sources)
    refuse_wrong_way(ready.state)
    with Incidents.open(ready.state) as incidents:
        incidents.announce(record.id, now().timestamp())


def _follow(ready: Session, record: Run, code: int) -> int:
    """The exit code, after the run has told whom it concerns."""
    from ciforge.app.notification import flow_of, follow

    try:
        mailed = follow(flow_of(ready.opened, ready.state), [record.id])
    except CiforgeError as error:
        print_progress(f"incidents were not updated: {error}")
        print_progress(f"hint: {error.hint or '`ciforge notify` tries again'}")
        mailed = error.exit_code
    return worst(code, mailed)


def _diagnosis(
    ready: Session, folder: RunFolder, record: Run, results: Sequence[Result]
) -> "Diagnosis":
    """Why jobs failed, also kept beside the run; whoever cannot keep it still hears it."""
    from ciforge.notify.run_diagnosis import diagnose_run

    why = diagnose_run(ready.state, record, results, ready.jobs)
    try:
        folder.write_diagnosis(why)
    except CiforgeError as error:
        print_progress(f"the diagnosis was not saved: {error}")
    return why


def _settings(
    ready: Session,
    how: RunOptions,
    record: Run,
    folder: RunFolder,
    emit: Callable[[Event], None],
) -> Settings:
    runnable = sum(not job.skipped for job in ready.jobs)
    engine = ready.engine
    return Settings(
        run=record.id,
        project=record.project,
        engine=engine,
        folder=folder,
        sources=ready.archives,
        share=share(engine.processors(), engine.memory(), jobs=how.jobs, wanted=runnable),
        emit=emit,
        stop=ready.stop,
        timeout=how.timeout,
        keep=how.keep,
        ccache=how.ccache,
    )


def _record(ready: Session) -> Run:
    return Run(
        id=new_run_id(now(), secrets.token_hex(3)),
        project=ready.opened.project.project,
        started=stamp(),
        version=__version__,
        command=("ciforge", *map(masked_word, sys.argv[1:])),
        sources=tuple(archive.used for archive in ready.archives.values()),
        jobs=tuple(job.id for job in ready.jobs),
        sequence=next_sequence(ready.state),
    )


def _index(state: Path, record: Run | None = None, results: Sequence[Result] = ()) -> None:
    """The index is an aid: what it cannot take in now, a rebuild finds on disk."""
    try:
        with Index.open(state, print_progress) as index:
            if record:
                index.record(record, results)
    except CiforgeError as error:
        print_progress(f"the history index was not updated: {error}")


@contextmanager
def _reporting(how: RunOptions) -> Iterator[Callable[[Event], None]]:
    """Events to JSON lines on standard output, else to a table or lines on standard error."""
    if how.as_json:
        yield lambda event: click.echo(json_line(event))
    elif sys.stderr.isatty():
        from rich.console import Console

        from ciforge.report.live_table import LiveTable

        with LiveTable(Console(stderr=True), time.monotonic) as table:
            yield _both(table.hear, _first_line)
    else:
        yield plain_line


def _both(one: Callable[[Event], None], other: Callable[[Event], None]) -> Callable[[Event], None]:
    def hear(event: Event) -> None:
        other(event)
        one(event)

    return hear


def _first_line(event: Event) -> None:
    if isinstance(event, RunStarted):
        plain_line(event)


def plain_line(event: Event) -> None:
    """One line on standard error for what a person would want to know."""
    text = plain(event)
    if text is not None:
        print_progress(text)


def _commands(ready: Session, chosen: Request, ended: RunEnded) -> Commands:
    """Those that repeat a job and that open a shell where it failed now, not in an older box."""
    kept = {one.job for one in ended.results if one.result.box}

    def commands(job: str) -> tuple[str, str]:
        again = chosen.words()
        fresh = ["--fresh"] if again == chosen.project_words() and _has_box(ready, job) else []
        shell = chosen.project_words() if job in kept else [*again, *fresh]
        return command_line("run", job, again), command_line("shell", job, shell)

    return commands


def _has_box(ready: Session, job: str) -> bool:
    """Whether `ciforge shell` would open one that an earlier run kept."""
    try:
        return bool(kept_box(ready.engine, ready.opened.project.project, job, ready.state))
    except EngineError:
        return False
