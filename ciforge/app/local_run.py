"""A run on the local engine: runs, stores and reports the jobs of a request."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ciforge.app.reproduce import command_line, print_summary
from ciforge.app.run_progress import reporting
from ciforge.app.run_record import new_run
from ciforge.app.run_settings import RunOptions, expected_seconds, run_settings, run_share
from ciforge.app.scratch import begin_run
from ciforge.app.session import Request, Session, kept_machine, open_session, print_progress
from ciforge.errors import CiforgeError, EngineError
from ciforge.model.event import Event, JobStarted, RunEnded, RunStarted
from ciforge.model.job import Job
from ciforge.model.result import Result, Run, Status
from ciforge.report.failures import Commands
from ciforge.run.budget import time_budget
from ciforge.run.clock import now, stamp
from ciforge.run.exit_status import exit_code, nothing_ran, worst
from ciforge.run.scheduler import run_all
from ciforge.store.runs.run_folder import RunFolder, run_path
from ciforge.store.runs.run_index import Index

if TYPE_CHECKING:
    from ciforge.model.diagnosis import Diagnosis


@attrs.frozen(kw_only=True)
class FinishedRun:
    """A run that was stored and diagnosed."""

    record: Run
    ended: RunEnded
    diagnosis: "Diagnosis"
    code: int
    """Its exit status, without that of mail."""

    @property
    def results(self) -> list[Result]:
        """The results, in the order of the jobs."""
        return [job.result for job in self.ended.results]


def run_request(request: Request, run_options: RunOptions) -> int:
    """Runs the selected jobs; the exit status. Raises UsageError and EngineError."""
    began = time.monotonic()
    try:
        with open_session(request, whole=run_options.notify) as session:
            ordered = session if run_options.budget is None else _most_telling_first(session)
            return run(ordered, request, run_options, time.monotonic() - began)
    except EngineError as error:
        if run_options.notify:
            _record_failed_start(request, error)
        raise


def _most_telling_first(session: Session) -> Session:
    """The session with its jobs in the order in which a budget is best spent."""
    from ciforge.run.telling_order import telling_order

    failed = set[str]()
    with Index.open(session.state, print_progress) as index:
        index.catch_up()
        for job in session.jobs:
            last = index.last_verdict(job.id)
            if last and last.status in (Status.FAILED, Status.TIMED_OUT):
                failed.add(job.id)
    ordered = telling_order(session.jobs, failed, session.engine.platform())
    return attrs.evolve(session, jobs=ordered)


def run(session: Session, request: Request, run_options: RunOptions, spent: float) -> int:
    """Runs the jobs, stores and reports the run; the exit status.

    `spent` are the seconds of the budget that are gone.
    """
    finished = finished_run(session, run_options, spent)
    print_results(session, request, run_options, finished)
    code = finished.code
    return _notify(session, finished.record, code) if run_options.notify else code


def print_results(
    session: Session, request: Request, run_options: RunOptions, finished: FinishedRun
) -> None:
    """Prints the summary of a run, what was not tried, and whether nothing ran."""
    results = finished.results
    if not run_options.as_json:
        commands = _commands(session, request, finished.ended)
        print_summary(finished.ended, finished.diagnosis, commands)
    budget = run_options.budget is not None
    cut_short = [r for r in results if budget and r.status is Status.CANCELLED]
    if untried := [r.job for r in cut_short if not r.unconfirmed_step]:
        print_progress(f"not tried: {', '.join(untried)}")
    if doubted := [r.job for r in cut_short if r.unconfirmed_step]:
        print_progress(f"failed with a cache, and not repeated to the end: {', '.join(doubted)}")
    if nothing_ran(results):
        print_progress("no job ran: all were skipped, so nothing was checked")


def finished_run(session: Session, run_options: RunOptions, spent: float = 0.0) -> FinishedRun:
    """Runs the jobs, and stores and diagnoses the run; events are printed, the summary is not."""
    began = time.monotonic()
    used = (archive.used for archive in session.archives.values())
    project = session.workspace.project.project
    record = new_run(project, session.jobs, used, session.state, run_options.command)
    if run_options.notify:
        _announce(session, record)
    index_run(session.state)
    begin_run(session.scratch, record.id)
    folder = RunFolder.create(session.state, record)
    index_run(session.state, record)
    if standing_in := sorted({job.release_id for job in session.jobs if _stands_in(job)}):
        print_progress(
            f"no engine runs {', '.join(standing_in)}: cross checks compile and link, and run nothing there"
        )
    expected = expected_seconds(session.state, session.jobs)
    at_once = run_share(session, run_options).jobs
    with reporting(expected, at_once, as_json=run_options.as_json) as emit:
        emit(
            RunStarted(run=record.id, time=record.started, jobs=record.jobs, sources=record.sources)
        )
        settings = run_settings(session, run_options, record, folder, _preparing(emit))
        if run_options.budget is None:  # else the order is that of the most telling ones
            settings = attrs.evolve(settings, expected=expected)
        with time_budget(session.stop, run_options.budget, spent):
            ended = run_all(session.jobs, settings, fail_fast=run_options.fail_fast)
    results = [ended_job.result for ended_job in ended.results]
    interrupted, budget = session.stop.signal is not None, run_options.budget is not None
    code = exit_code(results, interrupted=interrupted, budget=budget, strict=run_options.strict)
    seconds = round(time.monotonic() - began, 3)
    record = attrs.evolve(record, ended=stamp(), seconds=seconds, exit_code=code)
    folder.finish(record)
    index_run(session.state, record, results)
    diagnosis = _diagnosis(session, folder, record, results)
    return FinishedRun(record=record, ended=ended, diagnosis=diagnosis, code=code)


def is_proven(session: Session, run_options: RunOptions) -> bool:
    """Whether a run with these options would take the only job of the session from an earlier run."""
    (job,) = session.jobs
    record = new_run(session.workspace.project.project, session.jobs)
    folder = RunFolder(run_path(session.state, record.id))  # is not created
    settings = run_settings(session, run_options, record, folder, lambda _: None)
    return bool(settings.verdicts and settings.verdicts.find(job, settings))


def _stands_in(job: Job) -> bool:
    return job.cross is not None and job.cross.stands_in


def _record_failed_start(request: Request, error: EngineError) -> None:
    from ciforge.app.failed_start import record_failed_start

    record_failed_start(request, error)


def _announce(session: Session, record: Run) -> None:
    """Announces the run, so that it is imported even if this process is killed. Raises UsageError."""
    from ciforge.app.notification import check_transport, require_commits
    from ciforge.store.incidents.incident_database import Incidents

    require_commits(record.sources)
    check_transport(session.state)
    with Incidents.open(session.state) as incidents:
        incidents.announce(record.id, now().timestamp())


def _notify(session: Session, record: Run, code: int) -> int:
    """Updates incidents and sends mail; the exit status."""
    from ciforge.app.notification import pipeline_context, process_runs

    try:
        mailed = process_runs(pipeline_context(session.workspace, session.state), [record.id])
    except CiforgeError as error:
        print_progress(f"incidents were not updated: {error}")
        print_progress(f"hint: {error.hint or '`ciforge notify` tries again'}")
        mailed = error.exit_code
    return worst(code, mailed)


def _diagnosis(
    session: Session, folder: RunFolder, record: Run, results: Sequence[Result]
) -> "Diagnosis":
    """The causes of failures, which are also saved; a failure to save them is reported only."""
    diagnosis = _diagnosed(session, record, results)
    try:
        folder.write_diagnosis(diagnosis)
    except CiforgeError as error:
        print_progress(f"the diagnosis was not saved: {error}")
    return diagnosis


def _diagnosed(session: Session, record: Run, results: Sequence[Result]) -> "Diagnosis":
    """The causes of failures; without the rules, which take long to import, where nothing ran."""
    if all(result.proven_by or result.status is Status.SKIPPED for result in results):
        from ciforge.model.diagnosis import Diagnosis

        return Diagnosis(run=record.id)
    return _diagnose()(session.state, record, results, session.jobs)


def index_run(state: Path, record: Run | None = None, results: Sequence[Result] = ()) -> None:
    """Adds the run to the index; a failure is reported only, because the index can be rebuilt."""
    try:
        with Index.open(state, print_progress) as index:
            if record:
                index.record(record, results)
    except CiforgeError as error:
        print_progress(f"the history index was not updated: {error}")


def _preparing(emit: Callable[[Event], None]) -> Callable[[Event], None]:
    """The same; while the first machine starts, it imports the rules that every run ends with."""
    begun = threading.Event()

    def handle(event: Event) -> None:
        if isinstance(event, JobStarted) and not begun.is_set():
            begun.set()
            threading.Thread(target=_diagnose, daemon=True).start()
        emit(event)

    return handle


def _diagnose() -> "Callable[..., Diagnosis]":
    """The function that diagnoses a run; its rules take long to import."""
    from ciforge.notify.run_diagnosis import diagnose_run

    return diagnose_run


def _commands(session: Session, request: Request, ended: RunEnded) -> Commands:
    """The commands that repeat a job, in its kept container if it has one, and that open a shell there."""
    kept = {ended_job.job for ended_job in ended.results if ended_job.result.kept_machine}

    def commands(job: str) -> tuple[str, str]:
        repeat = request.repeat_options()
        fresh_option = (
            ["--fresh"] if repeat == request.job_options() and _is_kept(session, job) else []
        )
        shell = request.job_options() if job in kept else [*repeat, *fresh_option]
        entered = command_line("shell", job, shell) if session.contains else ""
        return command_line("retry" if job in kept else "run", job, repeat), entered

    return commands


def _is_kept(session: Session, job: str) -> bool:
    """Whether an earlier run kept a container of this job, which `ciforge shell` would enter."""
    try:
        from ciforge.engines.docker import DockerEngine

        return isinstance(session.engine, DockerEngine) and bool(
            kept_machine(session.engine, session.workspace.project.project, job, session.state)
        )
    except EngineError:
        return False
