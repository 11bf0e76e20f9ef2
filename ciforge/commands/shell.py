"""`ciforge shell`: a look around in the box of a job."""

import datetime
import secrets
import signal
import termios
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from ciforge import __version__
from ciforge.app.resolve import resolve_job
from ciforge.app.scratch import scratch_folder
from ciforge.app.session import (
    SIGNALS,
    Request,
    Session,
    is_cut_off,
    kept_box,
    let_go,
    open_engine,
    print_progress,
    session,
    stopping,
)
from ciforge.app.source_options import SourceOptions
from ciforge.app.workspace import open_workspace, state_folder
from ciforge.cli import completers, options
from ciforge.commands.run import plain_line
from ciforge.engines.protocol import Machine, Stop, Stopped
from ciforge.errors import EngineError, UsageError, did_you_mean
from ciforge.model.job import Job
from ciforge.model.result import Result, Run, Status, StopSignal
from ciforge.run.allocation import share
from ciforge.run.clock import now, stamp
from ciforge.run.exit_status import INTERRUPTED, exit_code
from ciforge.run.job_runner import PREPARE, Settings, run_job
from ciforge.store.runs.run_folder import RunFolder, new_run_id

if TYPE_CHECKING:
    from ciforge.engines.docker import DockerEngine


@click.command("shell")
@options.JOB
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
@options.SOURCE
@options.REV
@options.PATCH
@click.option("--after", metavar="STEP", shell_complete=completers.steps,
              help="Run the steps up to STEP in a new container, then open the shell; prepare: build nothing.")  # fmt: skip
@click.option("--root", is_flag=True, help="Be root instead of the user who builds.")
@click.option("--fresh", is_flag=True, help="Do not enter a kept container.")
@options.ANY
@options.FILE
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    job: str,
    words: tuple[str, ...],
    file: Path | None,
    sources: tuple[str, ...],
    revisions: tuple[str, ...],
    patch: str,
    after: str | None,
    root: bool,
    fresh: bool,
    unlisted: bool,
    state_dir: Path | None,
) -> None:
    """Open a shell in the container of a JOB, in the source tree.

    JOB is an id, or a selector that matches one job, or several of which one failed last. A
    container kept by `ciforge run --keep` is entered as it is, unless an option selects another
    source. Otherwise the job runs in a new container. The shell opens where the job fails, or after
    its last step, and the container is removed when the shell ends.

    \b
      ciforge shell debian-13/default                  where the job fails
      ciforge shell debian-13/default --after configure
      ciforge shell debian-13/default --after prepare  nothing is built yet
      ciforge shell debian-13/default -- make -k     a command instead of a shell
      echo 'cat config.log' | ciforge shell debian-13/default

    In the container, `sh -e /ciforge/steps/build.sh` repeats the step build. The exit status is that
    of the shell or command; if it could not be started, that of `ciforge run`.
    """
    user = "root" if root else "ciforge"
    said = SourceOptions(sources=sources, revisions=revisions, patch=patch)
    opened = open_workspace(file, Path.cwd().resolve())
    state = state_folder(opened.project.project, state_dir)
    meant = _cut(resolve_job(opened.plan, job, state, unlisted=unlisted), after)
    chosen = Request(
        selectors=(meant.id,), file=file, state_dir=state_dir, said=said, unlisted=unlisted
    )
    kept = not fresh and not after and said == SourceOptions()
    command = ["sh", "-c", 'exec "$@"', "sh", *words] if words else ["sh"]
    code = _into_kept(meant, chosen, user, command) if kept else None
    ctx.exit(_into_new(meant, chosen, user, command) if code is None else code)


def _into_kept(job: Job, chosen: Request, user: str, command: list[str]) -> int | None:
    """The exit code of a shell in the newest box that was kept; None where there is none."""
    state = state_folder(job.project, chosen.state_dir)
    with scratch_folder(state) as scratch, stopping() as stop, open_engine(scratch, stop) as engine:
        found = kept_box(engine, job.project, job.id, state)
        if found is None:
            return None
        box, run, made = found
        when = datetime.datetime.fromtimestamp(made, datetime.UTC)
        print_progress(
            f"container {box[:12]} of {job.id}, kept by run {run}, created {when:%Y-%m-%d %H:%M} UTC"
        )
        print_progress("it contains what was built then; --fresh builds the current source")
        print_progress("it is kept when the shell ends; `ciforge clean --kept` removes it")
        try:
            return _talk(engine, box, user, stop, command)
        except Stopped:
            return INTERRUPTED


def _into_new(job: Job, chosen: Request, user: str, command: list[str]) -> int:
    with session(chosen) as ready:
        codes: list[int] = []

        def visit(box: Machine) -> None:
            if command == ["sh"]:
                print_progress(
                    "shell in the source tree; the container is removed when it ends (exit, or Ctrl-D)"
                )
            codes.append(_talk(ready.engine, box.id, user, ready.stop, command))

        result = run_job(job, _settings(ready, visit))
    return codes[0] if codes else _no_shell(result, ready.stop)


def _talk(engine: "DockerEngine", box: str, user: str, stop: Stop, command: list[str]) -> int:
    """The exit code of a shell, or another command, in the box. Raises Stopped where we are told to end, or nobody is
    there any more: the shell itself would not notice."""

    def end(number: int, _frame: object) -> None:
        let_go()
        name = signal.Signals(number).name
        stop.ask(f"interrupted by {name}", StopSignal(name))
        raise Stopped

    before = {number: signal.signal(number, end) for number in SIGNALS}
    try:
        return engine.converse(box, command, user)
    except (EngineError, termios.error):
        if not (stop.asked or is_cut_off(0)):
            raise
        let_go()
        stop.ask("interrupted: the terminal was closed", StopSignal.HANGUP)
        raise Stopped from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _no_shell(result: Result, stop: Stop) -> int:
    """The exit code where no box came to the point; the job's own line has said why."""
    passed = [step.name for step in result.steps if step.exit_code == 0]
    if passed and result.status in (Status.FAILED, Status.TIMED_OUT):
        print_progress(f"hint: ciforge shell {result.job} --after {passed[-1]}")
    if result.status is Status.SKIPPED:
        return 2
    return exit_code([attrs.evolve(result, allow_failure=False)], interrupted=stop.asked)


def _cut(job: Job, after: str | None) -> Job:
    """The job up to and with the step `after`."""
    if after is None:
        return job
    names = [PREPARE, *(step.name for step in job.steps)]
    if after not in names:
        near = did_you_mean(after, names)
        raise UsageError(f"{job.id} has no step {after!r}{near}", hint=f"it has {', '.join(names)}")
    return attrs.evolve(job, steps=job.steps[: names.index(after)])


def _settings(ready: Session, visit: Callable[[Machine], None]) -> Settings:
    """A run whose record goes with the scratch folder: looking around makes no history."""
    run = Run(
        id=new_run_id(now(), secrets.token_hex(3)), project=ready.opened.project.project,
        started=stamp(), version=__version__, jobs=tuple(job.id for job in ready.jobs),
    )  # fmt: skip
    engine = ready.engine
    return Settings(
        run=run.id, project=run.project, engine=engine,
        folder=RunFolder.create(ready.scratch, run), sources=ready.archives,
        share=share(engine.processors(), engine.memory(), jobs=1, wanted=1),
        emit=plain_line, stop=ready.stop, timeout=24 * 3600, visit=visit,
    )  # fmt: skip
