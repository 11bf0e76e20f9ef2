"""A shell in the container of a job: a kept container, or a new one."""

import datetime
import signal
import termios
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import attrs

from ciforge.app.resolve import resolve_job
from ciforge.app.run_progress import plain_line
from ciforge.app.run_record import new_run
from ciforge.app.scratch import scratch_folder
from ciforge.app.session import (
    SIGNALS,
    Request,
    Session,
    detach_terminal,
    is_disconnected,
    kept_machine,
    open_engine,
    open_session,
    print_progress,
    stopping,
)
from ciforge.app.source_options import SourceOptions
from ciforge.app.workspace import open_workspace, state_folder
from ciforge.engines.protocol import Machine, Stop, Stopped
from ciforge.errors import EngineError, UsageError, did_you_mean
from ciforge.model.job import Job
from ciforge.model.result import Result, Status, StopSignal
from ciforge.plan.needed_repos import refuse_needs
from ciforge.run.allocation import share
from ciforge.run.exit_status import INTERRUPTED, exit_code
from ciforge.run.job_execution import PREPARE
from ciforge.run.job_runner import run_job
from ciforge.run.job_settings import Settings
from ciforge.store.runs.run_folder import RunFolder

if TYPE_CHECKING:
    from ciforge.engines.docker import DockerEngine


@attrs.frozen(kw_only=True)
class ShellOptions:
    """The options of `ciforge shell`; an empty command opens an interactive shell."""

    command: tuple[str, ...]
    after: str | None
    root: bool
    fresh: bool


def open_shell(request: Request, shell_options: ShellOptions) -> int:
    """Opens a shell for the job that the only selector of the request selects; the exit status.
    Raises UsageError and EngineError.
    """
    user = "root" if shell_options.root else "ciforge"
    after, arguments = shell_options.after, shell_options.command
    workspace = open_workspace(request.file, Path.cwd().resolve(), request.selectors)
    state = state_folder(workspace.project.project, request.state_dir)
    (job,) = request.selectors
    selected = _cut_after(resolve_job(workspace.plan, job, state, unlisted=request.unlisted), after)
    request = attrs.evolve(request, selectors=(selected.id,))
    kept = not shell_options.fresh and not after and request.source_options == SourceOptions()
    command = ["sh", "-c", 'exec "$@"', "sh", *arguments] if arguments else ["sh"]
    code = _enter_kept(selected, request, user, command) if kept else None
    if code is None:
        refuse_needs([selected], "a new shell", f"`ciforge run --keep {selected.id}` keeps one")
    return _enter_new(selected, request, user, command) if code is None else code


def _enter_kept(job: Job, request: Request, user: str, command: list[str]) -> int | None:
    """The exit status of a shell in the newest kept container; None if there is none."""
    state = state_folder(job.project, request.state_dir)
    with scratch_folder(state) as scratch, stopping() as stop, open_engine(scratch, stop) as engine:
        found = kept_machine(engine, job.project, job.id, state)
        if found is None:
            return None
        machine, run, created = found
        when = datetime.datetime.fromtimestamp(created, datetime.UTC)
        print_progress(
            f"container {machine[:12]} of {job.id}, kept by run {run}, created {when:%Y-%m-%d %H:%M} UTC"
        )
        print_progress("it contains what was built then; --fresh builds the current source")
        print_progress("it is kept when the shell ends; `ciforge clean --kept` removes it")
        try:
            return _converse(engine, machine, user, stop, command)
        except Stopped:
            return INTERRUPTED


def _enter_new(job: Job, request: Request, user: str, command: list[str]) -> int:
    with open_session(request) as session:
        codes: list[int] = []

        def visit(machine: Machine) -> None:
            if command == ["sh"]:
                print_progress(
                    "shell in the source tree; the container is removed when it ends (exit, or Ctrl-D)"
                )
            # A request that names no engine has Docker.
            engine = cast("DockerEngine", session.engine)
            codes.append(_converse(engine, machine.id, user, session.stop, command))

        result = run_job(job, _settings(session, visit))
    return codes[0] if codes else _exit_code_without_shell(result, session.stop)


def _converse(
    engine: "DockerEngine", machine: str, user: str, stop: Stop, command: list[str]
) -> int:
    """The exit status of a shell or command. Raises Stopped after a signal, or if the terminal was
    closed, because the shell itself does not notice.
    """

    def stop_shell(number: int, _frame: object) -> None:
        detach_terminal()
        name = signal.Signals(number).name
        stop.ask(f"interrupted by {name}", StopSignal(name))
        raise Stopped

    before = {number: signal.signal(number, stop_shell) for number in SIGNALS}
    try:
        return engine.converse(machine, command, user)
    except (EngineError, termios.error):
        if not (stop.asked or is_disconnected(0)):
            raise
        detach_terminal()
        stop.ask("interrupted: the terminal was closed", StopSignal.HANGUP)
        raise Stopped from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit_code_without_shell(result: Result, stop: Stop) -> int:
    """The exit status if no container reached the step; the job's own line has the reason."""
    passed = [step.name for step in result.steps if step.exit_code == 0]
    if passed and result.status in (Status.FAILED, Status.TIMED_OUT):
        print_progress(f"hint: ciforge shell {result.job} --after {passed[-1]}")
    if result.status is Status.SKIPPED:
        return 2
    return exit_code([attrs.evolve(result, allow_failure=False)], interrupted=stop.asked)


def _cut_after(job: Job, after: str | None) -> Job:
    """The job up to and including the step `after`."""
    if after is None:
        return job
    names = [PREPARE, *(step.name for step in job.steps)]
    if after not in names:
        near = did_you_mean(after, names)
        raise UsageError(f"{job.id} has no step {after!r}{near}", hint=f"it has {', '.join(names)}")
    return attrs.evolve(job, steps=job.steps[: names.index(after)])


def _settings(session: Session, visit: Callable[[Machine], None]) -> Settings:
    """Settings of a run whose record is temporary: `ciforge shell` does not appear in the history."""
    run = new_run(session.workspace.project.project, session.jobs)
    engine = session.engine
    return Settings(
        run=run.id, project=run.project, engine=engine,
        folder=RunFolder.create(session.scratch, run), sources=session.archives,
        share=share(engine.processors(), engine.memory(), jobs=1, wanted=1),
        emit=plain_line, stop=session.stop, timeout=24 * 3600, visit=visit,
        confirms=False,  # the shell is for looking at what failed
    )  # fmt: skip
