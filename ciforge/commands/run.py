"""`ciforge run`: jobs in local containers, from the sources to the exit code."""

import os
import secrets
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs
import click

from ciforge import __version__
from ciforge.commands import options
from ciforge.commands.carrying import (
    Said,
    carry_all,
    jobs_here,
    tree_here,
    wanted_sources,
)
from ciforge.commands.opening import Opened, open_project, state_folder
from ciforge.commands.scratch import scratch_folder
from ciforge.engines.base import Engine, Stop
from ciforge.errors import CiforgeError
from ciforge.history.index import Index
from ciforge.history.store import RunFolder, new_run_id
from ciforge.model.event import Event, RunEnded, RunStarted
from ciforge.model.job import Job
from ciforge.model.result import Result, Run
from ciforge.plan.select import select
from ciforge.report.jsonlines import json_line
from ciforge.report.plain import plain
from ciforge.report.summary import summary
from ciforge.run.clock import now, stamp
from ciforge.run.job import Archive, Settings
from ciforge.run.outcome import exit_code
from ciforge.run.schedule import run_all
from ciforge.run.share import share


@attrs.frozen(kw_only=True)
class RunOptions:
    """What was typed."""

    selectors: tuple[str, ...]
    file: Path | None
    state_dir: Path | None
    said: Said
    jobs: int | None
    timeout: int
    as_json: bool
    keep: bool
    fail_fast: bool
    unlisted: bool
    ccache: bool


@click.command("run")
@options.SELECTORS
@options.FILE
@click.option("--source", "sources", multiple=True, metavar="REPO=PATH|URL",
              help="Build this folder, archive or git address instead.")  # fmt: skip
@click.option("--rev", "revisions", multiple=True, metavar="[REPO=]REV",
              help="Build this commit, branch, tag or ref (refs/pull/12/head) instead.")  # fmt: skip
@click.option("--patch", default="", metavar="FILE|-",
              help="Apply this diff, or mail with a diff, before the build.")  # fmt: skip
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N",
              help="Jobs at once; else as many as processors and memory allow.")  # fmt: skip
@click.option("--timeout", type=click.IntRange(min=1), default=7200, metavar="SECONDS",
              show_default=True, help="The limit of each job.")  # fmt: skip
@click.option("--keep", is_flag=True, help="Leave the container of a job that did not pass.")
@click.option("--fail-fast", is_flag=True, help="End everything at the first failure.")
@click.option("--no-cache", is_flag=True, help="Reuse nothing but images: no ccache.")
@options.ANY
@options.STATE
@options.JSON
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
    no_cache: bool,
    unlisted: bool,
    state_dir: Path | None,
    as_json: bool,
) -> None:
    """Run jobs in local containers: all that the project lists, or those that are named.

    In a checkout of one of the project's repositories, what lies in this tree is built, with
    everything that is not committed yet; the tree itself is left alone. Elsewhere the project's
    git addresses are.

    \b
      ciforge run debian                     every Debian release that the project lists
      ciforge run 'portable/*/clang'         one variant everywhere
      ciforge run --patch fix.diff           with a patch on top
      ciforge run --rev refs/pull/12/head portable
    """
    ctx.exit(
        run(
            RunOptions(
                selectors=selectors,
                file=file,
                state_dir=state_dir,
                said=Said(sources=sources, revisions=revisions, patch=patch),
                jobs=jobs,
                timeout=timeout,
                as_json=as_json,
                keep=keep,
                fail_fast=fail_fast,
                unlisted=unlisted,
                ccache=not no_cache,
            )
        )
    )


def run(options_: RunOptions) -> int:
    """The whole flow; the exit code."""
    here = Path.cwd().resolve()
    opened = open_project(options_.file, here)
    tree = tree_here(opened, here)
    selected = select(opened.plan, options_.selectors, unlisted=options_.unlisted)
    jobs = jobs_here(selected, tree, options_.said)
    state = state_folder(opened.project.project, options_.state_dir)
    wanted = wanted_sources(opened, jobs, tree, options_.said)
    with scratch_folder(state) as scratch, _stopping() as stop:
        archives = carry_all(wanted, scratch, state / "mirrors", _say)
        with _engine(scratch, stop) as engine:
            return _run_jobs(options_, opened, jobs, archives, engine, state, stop)


def _say(text: str) -> None:
    click.echo(text, err=True)


@contextmanager
def _engine(scratch: Path, stop: Stop) -> Iterator[Engine]:
    """The engine, after what the dead left behind is swept away. Raises EngineUnreachable."""
    from ciforge.engines.docker import DockerEngine

    year, week, _ = now().isocalendar()
    bases = {name: value for name, value in os.environ.items() if name.startswith("CIFORGE_BASE_")}
    engine = DockerEngine(bases=bases, bucket=f"{year}-W{week:02}", scratch=scratch)
    stop.at_once = engine.abandon
    try:
        engine.sweep()
        yield engine
    finally:
        engine.close()


@contextmanager
def _stopping() -> Iterator[Stop]:
    """A Stop that Ctrl-C, SIGTERM and SIGHUP ask; the second time boxes go and we end at once."""
    stop = Stop()

    def ask(number: int, _frame: object) -> None:
        if stop.asked:
            stop.at_once()
            os._exit(130)
        _say("\nstopping; once more to end at once")
        stop.ask(f"interrupted by {signal.Signals(number).name}")

    before = {number: signal.signal(number, ask) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _run_jobs(
    options_: RunOptions,
    opened: Opened,
    jobs: Sequence[Job],
    archives: Mapping[str, Archive],
    engine: Engine,
    state: Path,
    stop: Stop,
) -> int:
    began = time.monotonic()
    record = _record(opened, jobs, archives)
    _index(state)
    folder = RunFolder.create(state, record)
    _index(state, record)
    runnable = sum(not job.skipped for job in jobs)
    with _reporting(options_) as emit:
        emit(
            RunStarted(run=record.id, time=record.started, jobs=record.jobs, sources=record.sources)
        )
        settings = Settings(
            run=record.id,
            project=record.project,
            engine=engine,
            folder=folder,
            sources=archives,
            share=share(engine.processors(), engine.memory(), jobs=options_.jobs, wanted=runnable),
            emit=emit,
            stop=stop,
            timeout=options_.timeout,
            keep=options_.keep,
            ccache=options_.ccache,
        )
        ended = run_all(jobs, settings, fail_fast=options_.fail_fast)
    results = [one.result for one in ended.results]
    code = exit_code(results, interrupted=stop.reason.startswith("interrupted"))
    seconds = round(time.monotonic() - began, 3)
    record = attrs.evolve(record, ended=stamp(), seconds=seconds, exit_code=code)
    folder.finish(record)
    _index(state, record, results)
    if not options_.as_json:
        _print_summary(options_, ended)
    return code


def _record(opened: Opened, jobs: Sequence[Job], archives: Mapping[str, Archive]) -> Run:
    return Run(
        id=new_run_id(now(), secrets.token_hex(3)),
        project=opened.project.project,
        started=stamp(),
        version=__version__,
        command=("ciforge", *sys.argv[1:]),
        sources=tuple(archive.used for archive in archives.values()),
        jobs=tuple(job.id for job in jobs),
    )


def _index(state: Path, record: Run | None = None, results: Sequence[Result] = ()) -> None:
    """The index is an aid: what it cannot take in now, a rebuild finds on disk."""
    try:
        with Index.open(state, _say) as index:
            if record:
                index.record(record, results)
    except CiforgeError as error:
        _say(f"the history's index was not written: {error}")


@contextmanager
def _reporting(options_: RunOptions) -> Iterator[Callable[[Event], None]]:
    """Events to JSON lines on standard output, else to a table or lines on standard error."""
    if options_.as_json:
        yield lambda event: click.echo(json_line(event))
    elif sys.stderr.isatty():
        from rich.console import Console

        from ciforge.report.live import LiveTable

        with LiveTable(Console(stderr=True), time.monotonic) as table:
            yield _both(table.hear, _first_line)
    else:
        yield _plain_line


def _both(one: Callable[[Event], None], other: Callable[[Event], None]) -> Callable[[Event], None]:
    def hear(event: Event) -> None:
        other(event)
        one(event)

    return hear


def _first_line(event: Event) -> None:
    if isinstance(event, RunStarted):
        _plain_line(event)


def _plain_line(event: Event) -> None:
    text = plain(event)
    if text is not None:
        click.echo(text, err=True)


def _print_summary(options_: RunOptions, ended: RunEnded) -> None:
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    boxes = {one.job: one.result.box for one in ended.results}
    words = _source_words(options_)

    def commands(job: str) -> tuple[str, str]:
        again = ["ciforge", "run", job, *words]
        if boxes.get(job):
            return shlex.join(again), f"docker exec -it -u ciforge -w /ciforge/src {boxes[job]} sh"
        return shlex.join(again), shlex.join([*again, "--keep"])

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(summary(ended, commands, color=color, width=width))


def _source_words(options_: RunOptions) -> list[str]:
    """What of the command line a repetition needs."""
    words = ["--file", str(options_.file)] if options_.file else []
    for option, values in (("--source", options_.said.sources), ("--rev", options_.said.revisions)):
        for value in values:
            words += [option, value]
    words += ["--patch", options_.said.patch] if options_.said.patch else []
    words += ["--any"] if options_.unlisted else []
    return words
