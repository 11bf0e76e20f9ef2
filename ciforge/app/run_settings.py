"""The options of a run, and the settings of its jobs that follow from them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ciforge.app.session import Session, print_progress
from ciforge.errors import CiforgeError
from ciforge.model.event import Event
from ciforge.model.job import Job
from ciforge.model.result import Run
from ciforge.run.allocation import Share, share
from ciforge.run.job_settings import Settings
from ciforge.store.runs.run_folder import RunFolder
from ciforge.store.runs.run_index import Index

if TYPE_CHECKING:
    from ciforge.run.proven_jobs import ProvenJobs
    from ciforge.run.saved_steps import SavedSteps


@attrs.frozen(kw_only=True)
class RunOptions:
    """The options that decide how jobs are run and reported."""

    jobs: int | None
    timeout: int | None
    as_json: bool
    keep: bool
    fail_fast: bool
    ccache: bool
    notify: bool
    force: bool
    """Run jobs that are proven, too."""
    make_tokens: bool = False
    """Whether make may have more processes while other jobs need fewer."""
    saved_steps: bool = False
    """Use and save what bootstrap and configure made."""
    confirm: bool = True
    """Repeat failures in which the compiler cache had a part without caches."""
    budget: int | None = None
    """Seconds for the whole run; None: no limit."""
    strict: bool = False
    """Whether a flaky job counts as failed."""
    command: tuple[str, ...] = ()
    """The command that the run records; empty: that of this process."""


def run_settings(
    session: Session,
    run_options: RunOptions,
    record: Run,
    folder: RunFolder,
    emit: Callable[[Event], None],
) -> Settings:
    """Returns what the jobs of this run need, with its options."""
    engine = session.engine
    return Settings(
        run=record.id,
        project=record.project,
        engine=engine,
        folder=folder,
        sources=session.archives,
        share=run_share(session, run_options),
        emit=emit,
        stop=session.stop,
        timeout=run_options.timeout,
        keep=run_options.keep,
        ccache=run_options.ccache and session.contains,
        make_tokens=run_options.make_tokens and session.contains,
        verdicts=_verdicts(session, run_options),
        saved_steps=_saved_steps(session, run_options),
        confirms=run_options.confirm,
        on_message=print_progress,
    )


def run_share(session: Session, run_options: RunOptions) -> Share:
    """The number of jobs at once, and what each of them gets."""
    runnable, engine = sum(not job.skipped for job in session.jobs), session.engine
    return share(engine.processors(), engine.memory(), jobs=run_options.jobs, wanted=runnable)


def expected_seconds(state: Path, jobs: Sequence[Job]) -> dict[str, float]:
    """Jobs to the seconds that they usually take, by the history; jobs without one are left out."""
    try:
        with Index.open(state) as index:
            typical = {job.id: index.typical_seconds(job.id) for job in jobs}
    except CiforgeError:
        return {}
    return {job: seconds for job, seconds in typical.items() if seconds is not None}


def _verdicts(session: Session, run_options: RunOptions) -> "ProvenJobs | None":
    """The verdicts of earlier runs; None where a machine is not clean, so that nothing is proven.

    Results that are mailed are those of jobs that ran.
    """
    if not session.contains:
        return None  # without an import of Docker's client, which takes long
    from ciforge.engines.docker import DockerEngine
    from ciforge.run.proven_jobs import ProvenJobs
    from ciforge.store.past_verdicts import PastVerdicts

    if not isinstance(session.engine, DockerEngine):
        return None
    store = PastVerdicts(session.state, print_progress)
    reads = run_options.ccache and not (run_options.force or run_options.notify)
    try:
        return ProvenJobs(store, session.engine, print_progress, reads=reads)
    except OSError as error:
        print_progress(f"no job is proven: the files of ciforge cannot be read ({error})")
        return None


def _saved_steps(session: Session, run_options: RunOptions) -> "SavedSteps | None":
    """The saved steps of the project; None without caches, and where steps are not observed."""
    if not (run_options.saved_steps and run_options.ccache):
        return None  # without an import of Docker's client, which takes long
    from ciforge.engines.docker import DockerEngine
    from ciforge.run.saved_steps import SavedSteps
    from ciforge.store.saved_step_files import SavedStepFiles

    if not isinstance(session.engine, DockerEngine):
        return None
    try:
        files = SavedStepFiles(session.state, print_progress)
        return SavedSteps(files, session.engine, print_progress)
    except OSError as error:
        print_progress(f"no step is saved: the files of ciforge cannot be read ({error})")
        return None
