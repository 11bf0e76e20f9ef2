"""What commands that open boxes share: the engine, signals, scratch space, the jobs and their sources."""

import atexit
import errno
import os
import signal
import termios
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import attrs
import click

from ciforge.app.scratch import scratch_folder
from ciforge.app.source_options import (
    SourceOptions,
    carry_all,
    jobs_here,
    tree_here,
    wanted_sources,
)
from ciforge.app.trust_domains import within_domains
from ciforge.app.workspace import Workspace, open_workspace, state_folder
from ciforge.engines.protocol import Stop
from ciforge.model.job import Job
from ciforge.model.result import StopSignal
from ciforge.plan.selection import select
from ciforge.run.clock import now
from ciforge.run.job_runner import Archive
from ciforge.sanitize import safe_text
from ciforge.store.atomic import abandon_writes
from ciforge.store.runs.run_folder import run_path

if TYPE_CHECKING:
    from ciforge.engines.docker import DockerEngine


@attrs.frozen(kw_only=True)
class Request:
    """What was typed about which jobs and which sources."""

    selectors: tuple[str, ...] = ()
    file: Path | None = None
    state_dir: Path | None = None
    said: SourceOptions = attrs.field(factory=SourceOptions)
    unlisted: bool = False

    def words(self) -> list[str]:
        """The options that a repetition needs."""
        words = self.project_words()
        for option, values in (("--source", self.said.sources), ("--rev", self.said.revisions)):
            for value in values:
                words += [option, value]
        return words + (["--patch", self.said.patch] if self.said.patch else [])

    def project_words(self) -> list[str]:
        """The options that name the same job again, whatever it is built from."""
        words = place_words(self.file, self.state_dir)
        return words + (["--any"] if self.unlisted else [])


class HasKept(Protocol):
    """An engine that knows which boxes were kept."""

    def kept(self, project: str, job: str) -> list[tuple[str, str, float]]: ...


def place_words(file: Path | None, state_dir: Path | None) -> list[str]:
    """The options that name the project and its history."""
    words = ["--file", str(file)] if file else []
    return words + (["--state-dir", str(state_dir)] if state_dir else [])


@attrs.frozen(kw_only=True)
class Session:
    """An open engine, and everything that jobs need to run on it."""

    opened: Workspace
    jobs: Sequence[Job]
    archives: Mapping[str, Archive]
    engine: "DockerEngine"
    state: Path
    scratch: Path
    stop: Stop


def print_progress(text: str) -> None:
    """A sentence for the person, on standard error; nobody may be there any more to hear it."""
    with suppress(OSError):
        click.echo(safe_text(text), err=True)


@contextmanager
def session(chosen: Request) -> Iterator[Session]:
    """Everything up to the first box: input is checked and sources are carried before it opens."""
    here = Path.cwd().resolve()
    opened = open_workspace(chosen.file, here)
    tree = tree_here(opened, here)
    selected = select(opened.plan, chosen.selectors, unlisted=chosen.unlisted)
    jobs = jobs_here(selected, tree, chosen.said)
    state = state_folder(opened.project.project, chosen.state_dir)
    wanted = wanted_sources(opened, jobs, tree, chosen.said)
    with scratch_folder(state) as scratch, stopping() as stop:
        carried = carry_all(wanted, scratch, state / "mirrors", print_progress)
        archives = within_domains(carried, wanted, opened, state)
        with open_engine(scratch, stop) as engine:
            yield Session(
                opened=opened, jobs=jobs, archives=archives, engine=engine, state=state,
                scratch=scratch, stop=stop,
            )  # fmt: skip


@contextmanager
def open_engine(scratch: Path, stop: Stop) -> Iterator["DockerEngine"]:
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


def kept_box(engine: HasKept, project: str, job: str, state: Path) -> tuple[str, str, float] | None:
    """The newest box of a job that a run of ours left: its id, the run, seconds since 1970.

    A project of the same name may have others here, in another folder."""
    kept = engine.kept(project, job)
    return next((one for one in kept if one[1] and run_path(state, one[1]).is_dir()), None)


def is_cut_off(descriptor: int) -> bool:
    """Whether this is a terminal that nobody sits at any more."""
    try:
        termios.tcgetattr(descriptor)
    except termios.error as error:
        return bool(error.args[0] == errno.EIO)
    return False


def let_go() -> None:
    """Output for a terminal that went away goes nowhere, so that nobody's goodbye fails."""
    for descriptor in (1, 2):
        if is_cut_off(descriptor):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stopping() -> Iterator[Stop]:
    """A Stop that Ctrl-C, SIGTERM and SIGHUP ask; the second time boxes go and we end at once.

    Whoever was asked is about to end: one more signal after the block ends the process with 130.
    """
    stop = Stop()

    def ask(number: int, _frame: object) -> None:
        let_go()
        if stop.asked:
            stop.at_once()
            _end(number, None)
        print_progress("\nstopping; interrupt again to end at once")
        name = signal.Signals(number).name
        stop.ask(f"interrupted by {name}", StopSignal(name))

    # What nohup or a background shell has us ignore stays ignored.
    heeded = [one for one in SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]
    before = {number: signal.signal(number, ask) for number in heeded}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, _end if stop.asked else handler)
        if stop.asked:
            atexit.register(_end_in_peace)


def _end(_number: int, _frame: object) -> None:
    """Ends at once, and leaves nothing half written."""
    abandon_writes()
    os._exit(130)


def _end_in_peace() -> None:
    """From here on Python would take its handlers away, and a signal would be what we died of."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
