"""Repeats jobs that failed last: first in their kept containers, then in clean ones."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import attrs
import click

from ciforge.app.kept_repetition import Repetition, repetitions_of
from ciforge.app.local_run import finished_run, print_results
from ciforge.app.run_settings import RunOptions
from ciforge.app.session import Request, Session, open_session, print_progress
from ciforge.app.workspace import open_workspace, state_folder
from ciforge.errors import CiforgeError, UsageError
from ciforge.file_lock import locked
from ciforge.model.job import Job
from ciforge.model.result import Result, Status
from ciforge.plan.selection import select, with_needed
from ciforge.report.jsonlines import VERSION
from ciforge.run.clock import stamp
from ciforge.run.exit_status import INTERRUPTED, PASSED, exit_code, worst
from ciforge.run.kept_engine import KeptEngine
from ciforge.store.runs.run_folder import RunFolder, run_path
from ciforge.store.runs.run_index import Index

if TYPE_CHECKING:
    from ciforge.engines.docker import DockerEngine

FOLDER = "retry"
"""Below the state folder: logs of the last repetition in kept containers. It is no run of history."""
_FAILED = (Status.FAILED, Status.TIMED_OUT, Status.INFRASTRUCTURE)


def retry_request(request: Request, run_options: RunOptions) -> int:
    """Repeats what failed last; the exit status is that of a run. Raises UsageError, EngineError."""
    workspace = open_workspace(request.file, Path.cwd().resolve(), request.selectors)
    state = state_folder(workspace.project.project, request.state_dir)
    selected = select(workspace.plan, request.selectors, unlisted=request.unlisted)
    failed = failed_jobs(selected, state)
    if not failed:
        raise UsageError(
            "no selected job failed in its last run",
            hint="`ciforge run` runs jobs that did not fail",
        )
    request = attrs.evolve(request, selectors=tuple(failed))
    with open_session(request) as session, _alone(session.state):
        return _retry(session, request, run_options, failed)


def failed_jobs(jobs: Iterable[Job], state: Path) -> list[str]:
    """Returns the ids of jobs whose last result is a failure."""
    with Index.open(state, print_progress) as index:
        index.catch_up()
        last = {job.id: index.last_result(job.id) for job in jobs}
    return [job for job, result in last.items() if result and result.status in _FAILED]


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Holds the lock of repetitions: two in one container would end each other's processes."""
    folder = state / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(folder / "lock", between_tries=_refuse):
        yield


def _refuse() -> None:
    raise UsageError("another `ciforge retry` of this project runs", hint="wait for its end")


def _retry(
    session: Session, request: Request, run_options: RunOptions, failed: Sequence[str]
) -> int:
    repetitions = list(repetitions_of(session, failed))
    results = _repeat(session, request, run_options, repetitions) if repetitions else {}
    red = [
        job for job, result in results.items() if result.status in (Status.FAILED, Status.TIMED_OUT)
    ]
    if session.stop.asked:
        return INTERRUPTED
    kept_code = _code_of_failures([results[job] for job in red], run_options)
    left = [job for job in session.jobs if job.id in failed and job.id not in red]
    if not left:
        return kept_code
    if results:
        print_progress("what passed in a kept container is confirmed in a clean one:")
    clean = attrs.evolve(session, jobs=with_needed(session.workspace.plan, left))
    finished = finished_run(clean, run_options)
    print_results(clean, request, run_options, finished)
    _discard_confirmed(session, repetitions, finished.results)
    return worst(finished.code, kept_code)


def _code_of_failures(failures: Sequence[Result], run_options: RunOptions) -> int:
    """The exit status of failures in kept containers, as that of a run; 0 if there are none."""
    strict = run_options.strict
    return exit_code(failures, interrupted=False, strict=strict) if failures else PASSED


def _repeat(
    session: Session,
    request: Request,
    run_options: RunOptions,
    repetitions: Sequence[Repetition],
) -> Mapping[str, Result]:
    """Runs the steps in the kept containers; results by job. They are not recorded in history."""
    place = session.state / FOLDER
    shutil.rmtree(place / "runs", ignore_errors=True)
    archives = dict(session.archives)
    results: dict[str, Result] = {}
    for each in repetitions:  # jobs of one repository have other changes each
        archives[each.job.repo] = attrs.evolve(session.archives[each.job.repo], file=each.archive)
        engine = KeptEngine(cast("DockerEngine", session.engine), {each.job.id: each.kept})
        inner = attrs.evolve(
            session, jobs=(each.job,), archives=archives, engine=engine, state=place
        )
        options = attrs.evolve(run_options, keep=False, ccache=False)
        finished = finished_run(inner, options)
        (result,) = finished.results
        results[each.job.id] = result
        if result.status is not Status.CANCELLED:
            _record_state(session, each, result)
        if not result.status.green:
            print_results(inner, request, options, finished)
            print_progress(
                f"{each.job.id}: unconfirmed, for its container was used before; `ciforge run` starts with a clean one"
            )
    if run_options.as_json:
        green = {job: result.status.green for job, result in results.items()}
        line = {"v": VERSION, "event": "retried", "time": stamp(), "passed": green}
        click.echo(json.dumps(line))
    return results


def _record_state(session: Session, repetition: Repetition, result: Result) -> None:
    """Records what the container has now, and where the next repetition begins."""
    first = result.failed_step or repetition.job.steps[0].name
    if first not in {step.name for step in repetition.job.steps}:
        return  # nothing was laid in for certain: it stays recorded as unknown
    with suppress(CiforgeError):
        folder = RunFolder(run_path(session.state, repetition.run))
        folder.write_kept(repetition.job.id, attrs.evolve(repetition.state, first=first))


def _discard_confirmed(
    session: Session, repetitions: Sequence[Repetition], results: Iterable[Result]
) -> None:
    """Removes the kept containers of jobs that passed in a clean one."""
    green = {result.job for result in results if result.status.green}
    for each in repetitions:
        if each.job.id in green:
            cast("DockerEngine", session.engine).discard(each.kept.container)
