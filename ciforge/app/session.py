"""The session of a command that starts containers: engine, signals, temporary folder, jobs and sources."""

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
    archive_sources,
    current_checkout,
    jobs_of_checkout,
    source_specs,
)
from ciforge.app.trust_domains import within_domains
from ciforge.app.workspace import Workspace, open_selected, open_whole, state_folder
from ciforge.engines.protocol import Stop
from ciforge.model.job import Job
from ciforge.model.result import StopSignal
from ciforge.plan.machine_jobs import served
from ciforge.plan.selection import with_needed
from ciforge.run.clock import now
from ciforge.run.job_settings import Archive
from ciforge.sanitize import safe_text
from ciforge.store.atomic import abandon_writes
from ciforge.store.runs.run_folder import run_path

if TYPE_CHECKING:
    from ciforge.engines.docker import DockerEngine
    from ciforge.engines.host_engine import HostEngine
    from ciforge.run.kept_engine import KeptEngine

DOCKER = "docker"
"""The name of the default engine."""


@attrs.frozen(kw_only=True)
class Request:
    """The arguments that select jobs and sources."""

    selectors: tuple[str, ...] = ()
    file: Path | None = None
    state_dir: Path | None = None
    source_options: SourceOptions = attrs.field(factory=SourceOptions)
    unlisted: bool = False
    engine: str = DOCKER
    """`docker`, `ssh` or `local`."""

    def repeat_options(self) -> list[str]:
        """The options that repeat this request."""
        options = self.job_options()
        for option, values in (
            ("--source", self.source_options.sources),
            ("--rev", self.source_options.revisions),
        ):
            for value in values:
                options += [option, value]
        return options + (
            ["--patch", self.source_options.patch] if self.source_options.patch else []
        )

    def job_options(self) -> list[str]:
        """The options that select the same jobs, without those that select sources."""
        options = project_options(self.file, self.state_dir)
        options += ["--engine", self.engine] if self.engine != DOCKER else []
        return options + (["--any"] if self.unlisted else [])


class ListsKeptMachines(Protocol):
    """An engine that lists the machines that were kept."""

    def kept(self, project: str, job: str) -> list[tuple[str, str, float]]: ...


def project_options(file: Path | None, state_dir: Path | None) -> list[str]:
    """The options that select the project and its state folder."""
    options = ["--file", str(file)] if file else []
    return options + (["--state-dir", str(state_dir)] if state_dir else [])


@attrs.frozen(kw_only=True)
class Session:
    """An open engine, and everything that jobs need to run on it."""

    workspace: Workspace
    """Its plan may have the jobs of the selected systems alone."""
    jobs: Sequence[Job]
    archives: Mapping[str, Archive]
    engine: "DockerEngine | HostEngine | KeptEngine"
    state: Path
    scratch: Path
    stop: Stop
    contains: bool = True
    """Whether jobs run in containers, which can have caches and be entered."""


def print_progress(text: str) -> None:
    """Prints a line to standard error; a closed standard error is ignored."""
    with suppress(OSError):
        click.echo(safe_text(text), err=True)


@contextmanager
def open_session(request: Request, *, whole: bool = False) -> Iterator[Session]:
    """Checks the input, archives the sources and opens the engine.

    With `whole`, the plan has all jobs of the project."""
    here = Path.cwd().resolve()
    opened = open_whole if whole else open_selected
    workspace, selected = opened(request.file, here, request.selectors, unlisted=request.unlisted)
    checkout = current_checkout(workspace, here)
    jobs = jobs_of_checkout(selected, checkout, request.source_options)
    jobs = with_needed(workspace.plan, jobs)
    state = state_folder(workspace.project.project, request.state_dir)
    specs = source_specs(workspace, _served(request, jobs), checkout, request.source_options)
    with scratch_folder(state) as scratch, stopping() as stop:
        archived = archive_sources(specs, scratch, state / "mirrors", print_progress)
        archives = within_domains(archived, specs, workspace, state)
        with _engine_of(request, jobs, archives, scratch, stop) as (engine, placed):
            yield Session(
                workspace=workspace, jobs=placed, archives=archives, engine=engine, state=state,
                scratch=scratch, stop=stop, contains=request.engine == DOCKER,
            )  # fmt: skip


def _served(request: Request, jobs: Sequence[Job]) -> Sequence[Job]:
    """The jobs with the reasons to skip them that hold for the engine of the request."""
    if request.engine == DOCKER:
        return jobs
    return tuple(map(served, jobs))


@contextmanager
def _engine_of(
    request: Request,
    jobs: Sequence[Job],
    archives: Mapping[str, Archive],
    scratch: Path,
    stop: Stop,
) -> Iterator[tuple["DockerEngine | HostEngine", Sequence[Job]]]:
    """The engine of the request, and the jobs with what it cannot run skipped."""
    if request.engine == DOCKER:
        with open_engine(scratch, stop) as engine:
            yield engine, jobs
        return
    from ciforge.app.host_machines import guest_folder, machines_of, open_host_engine, placed

    machines = machines_of(request.engine, jobs)
    domains = {repo: archive.domain for repo, archive in archives.items()}
    chosen, allowed = placed(jobs, machines, domains)
    own = guest_folder(request.state_dir)
    with open_host_engine(machines, allowed, own=own, scratch=scratch, stop=stop) as hosts:
        yield hosts, chosen


@contextmanager
def open_engine(scratch: Path, stop: Stop) -> Iterator["DockerEngine"]:
    """The engine, after leftovers of ended processes are removed. Raises EngineUnreachable."""
    from ciforge.engines.docker import DockerEngine
    from ciforge.render.dockerfile import dockerfile

    year, week, _ = now().isocalendar()
    bases = {name: value for name, value in os.environ.items() if name.startswith("CIFORGE_BASE_")}
    certificates = os.environ.get("PIP_CERT")
    engine = DockerEngine(
        dockerfile=dockerfile, bases=bases, bucket=f"{year}-W{week:02}", scratch=scratch,
        certificates=Path(certificates) if certificates else None,
    )  # fmt: skip
    stop.at_once = engine.abandon
    try:
        engine.sweep()
        yield engine
    finally:
        engine.close()


def kept_machine(
    engine: ListsKeptMachines, project: str, job: str, state: Path
) -> tuple[str, str, float] | None:
    """The newest kept machine of a job: its id, its run, when it was created in seconds since 1970.

    Machines of another project with the same name are ignored.
    """
    kept = engine.kept(project, job)
    return next((row for row in kept if row[1] and run_path(state, row[1]).is_dir()), None)


def is_disconnected(descriptor: int) -> bool:
    """Whether this is a terminal that was closed."""
    try:
        termios.tcgetattr(descriptor)
    except termios.error as error:
        return bool(error.args[0] == errno.EIO)
    return False


def detach_terminal() -> None:
    """Redirects output of a closed terminal to /dev/null, so that later messages do not fail."""
    for descriptor in (1, 2):
        if is_disconnected(descriptor):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stopping() -> Iterator[Stop]:
    """A Stop that Ctrl-C, SIGTERM and SIGHUP request; a second signal removes the containers and
    exits.

    After a request, a signal that arrives after the block ends the process with 130.
    """
    stop = Stop()

    def request_stop(number: int, _frame: object) -> None:
        detach_terminal()
        if stop.asked:
            stop.at_once()
            _end(number, None)
        print_progress("\nstopping; interrupt again to end at once")
        name = signal.Signals(number).name
        stop.ask(f"interrupted by {name}", StopSignal(name))

    # Signals that nohup or a background shell ignores stay ignored.
    handled = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, request_stop) for number in handled}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, _end if stop.asked else handler)
        if stop.asked:
            atexit.register(_ignore_signals)


def _end(_number: int, _frame: object) -> None:
    """Exits at once, after removing files that are not complete."""
    abandon_writes()
    os._exit(130)


def _ignore_signals() -> None:
    """Ignores signals while Python exits, when its handlers no longer run."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
