"""`ciforge shell`: a look around in the box of a job."""

import secrets
from collections.abc import Callable
from pathlib import Path

import attrs
import click

from ciforge import __version__
from ciforge.commands import options
from ciforge.commands.carrying import Said
from ciforge.commands.opening import open_project, state_folder
from ciforge.commands.run import plain_line
from ciforge.commands.running import Chosen, Session, open_engine, say, session, stopping
from ciforge.commands.scratch import scratch_folder
from ciforge.engines.base import Box
from ciforge.errors import UsageError
from ciforge.history.store import RunFolder, new_run_id
from ciforge.model.job import Job
from ciforge.model.result import Run
from ciforge.run.clock import now, stamp
from ciforge.run.job import Settings, run_job
from ciforge.run.share import share


@click.command("shell")
@options.JOB
@options.FILE
@options.SOURCE
@options.REV
@options.PATCH
@click.option("--after", metavar="STEP", help="Run the steps up to this one, then open the shell.")
@click.option("--root", is_flag=True, help="As root, rather than as the user who builds.")
@click.option("--fresh", is_flag=True, help="Never into a box that was kept.")
@options.ANY
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    job: str,
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
    """Open a shell in the box of a JOB, in the source that is built there.

    A box that `ciforge run --keep` left is taken as it is. Else the job runs in a new box, and the
    shell opens where it failed, or after its last step; that box goes when the shell ends.
    """
    user = "root" if root else "ciforge"
    said = Said(sources=sources, revisions=revisions, patch=patch)
    chosen = Chosen(selectors=(job,), file=file, state_dir=state_dir, said=said, unlisted=unlisted)
    kept = not fresh and not after and said == Said()
    code = _into_kept(chosen, user) if kept else None
    ctx.exit(_into_new(chosen, user, after) if code is None else code)


def _into_kept(chosen: Chosen, user: str) -> int | None:
    """The exit code of a shell in the newest box that was kept; None where there is none."""
    project = open_project(chosen.file, Path.cwd().resolve()).project.project
    state = state_folder(project, chosen.state_dir)
    with scratch_folder(state) as scratch, stopping() as stop, open_engine(scratch, stop) as engine:
        box = engine.kept(project, chosen.selectors[0])
        if box is None:
            return None
        say(f"box {box[:12]}, kept by an earlier run; it stays: docker rm -f {box[:12]} removes it")
        return engine.converse(box, ["sh"], user)


def _into_new(chosen: Chosen, user: str, after: str | None) -> int:
    with session(chosen) as ready:
        if len(ready.jobs) != 1:
            names = ", ".join(job.id for job in ready.jobs[:5])
            raise UsageError(f"{chosen.selectors[0]!r} names several jobs: {names}")
        job = _cut(ready.jobs[0], after)
        codes: list[int] = []

        def visit(box: Box) -> None:
            say("a shell in the source that is built; the box goes when it ends")
            codes.append(ready.engine.converse(box.id, ["sh"], user))

        result = run_job(job, _settings(ready, visit))
    if not codes:
        say(f"{result.job}: {result.status.value}: {result.reason}")
    return codes[0] if codes else 3


def _cut(job: Job, after: str | None) -> Job:
    """The job up to and with the step `after`."""
    if after is None:
        return job
    names = [step.name for step in job.steps]
    if after not in names:
        raise UsageError(f"{job.id} has no step {after!r} (there are {', '.join(names)})")
    return attrs.evolve(job, steps=job.steps[: names.index(after) + 1])


def _settings(ready: Session, visit: Callable[[Box], None]) -> Settings:
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
