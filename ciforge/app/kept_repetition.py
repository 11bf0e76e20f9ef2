"""Jobs that can go on in their kept containers, and what changed since."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import attrs

from ciforge.app.session import Session, print_progress
from ciforge.model.job import Job
from ciforge.model.kept_state import KeptState
from ciforge.model.trust_domain import cache_volume
from ciforge.run.kept_engine import KeptContainer, newest_kept
from ciforge.run.kept_source import (
    changed_paths,
    first_step,
    in_between,
    kept_state,
    obstacle,
    write_changes,
)
from ciforge.sources.tar_reader import TarError
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.run_folder import RunFolder, job_path, read_kept, run_path

if TYPE_CHECKING:
    from ciforge.engines.docker import DockerEngine


@attrs.frozen(kw_only=True)
class Repetition:
    """A job that goes on in its kept container."""

    job: Job
    """With the steps that are run."""
    run: str
    """The run that kept the container."""
    archive: Path
    """The files that changed since."""
    kept: KeptContainer
    state: KeptState
    """What the container has when its source was changed."""


def repetitions_of(session: Session, failed: Sequence[str]) -> Iterator[Repetition]:
    """What can go on in a kept container; says why a job cannot."""
    for job in session.jobs:
        if job.id in failed and not job.skipped:
            reason = "no container of it was kept"
            with suppress(OSError, TarError, HistoryProblem):
                found = _repetition(session, job)
                if isinstance(found, Repetition):
                    yield found
                    continue
                reason = found
            print_progress(f"{job.id} runs from its beginning: {reason}")


def _repetition(session: Session, job: Job) -> Repetition | str:
    """The job in its kept container, or why it has to run from its beginning."""
    engine, runs = cast("DockerEngine", session.engine), session.state
    rows = engine.kept(job.project, job.id)
    newest = newest_kept(rows, lambda run: _has_kept(runs, run, job.id))
    old = read_kept(run_path(runs, newest[1]), job.id) if newest else None
    if newest is None or old is None:
        return "no container of it was kept"
    archive, image = session.archives[job.repo], engine.existing_image(job)
    cache = cache_volume(job, archive.domain) if job.ccache else ""
    if image is None:
        return "its image has to be built"
    if reason := obstacle(old, image=image.id, cache=cache):
        return reason
    new = kept_state(job, archive.file, first=old.first, image=image.id, cache=old.cache)
    return _with_changes(
        session, job, KeptContainer(container=newest[0], image=image), newest[1], old, new
    )


def _with_changes(
    session: Session, job: Job, kept: KeptContainer, run: str, old: KeptState, new: KeptState
) -> Repetition | str:
    """The job with what has to be laid into its container, or why it has to run from its beginning."""
    first = first_step(job, old, new)
    if first is None:
        return f"it has no step {old.first}"
    changed, removed = changed_paths(old, new)
    file = session.scratch / f"changes-{job_path(session.scratch, job.id).name}.tar"
    if not write_changes(session.archives[job.repo].file, changed, file, int(time.time())):
        return "a file that changed is of another kind than a file, a link or a folder"
    print_progress(
        f"{job.id} goes on at {job.steps[first].name} in the container of run {run}: {len(changed)} files changed, {len(removed)} replaced or removed"
    )
    folder, between = RunFolder(run_path(session.state, run)), in_between(old, new)
    return Repetition(
        job=attrs.evolve(job, steps=job.steps[first:]), run=run, archive=file, state=new,
        kept=attrs.evolve(
            kept, removed=removed, replacing=lambda: folder.write_kept(job.id, between)
        ),
    )  # fmt: skip


def _has_kept(state: Path, run_id: str, job: str) -> bool:
    try:
        return read_kept(run_path(state, run_id), job) is not None
    except HistoryProblem:
        return False
