"""One job of a run, from its start to its written result."""

import time
from contextlib import suppress

import attrs

from ciforge.errors import CiforgeError
from ciforge.model.event import JobEnded, JobStarted
from ciforge.model.job import Job
from ciforge.model.result import Result, Status
from ciforge.run.clock import stamp
from ciforge.run.job_execution import JobExecution
from ciforge.run.job_settings import Settings
from ciforge.run.log_file import LogFile
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.run_folder import job_path


def run_job(job: Job, settings: Settings) -> Result:
    """Runs a job and writes its log, result and artifacts. Never raises for a failed job."""
    if job.skipped or settings.stop.asked:
        return _result_without_start(job, settings)
    if settings.installs:
        reason, needed = settings.installs.reason_against(job, settings.stop)
        if reason:
            return _not_tried(job, reason, needed, settings)
    # A verdict says nothing about what is installed, and hands nothing on.
    if settings.installs and settings.installs.concerns(job):
        settings = attrs.evolve(settings, verdicts=None)
    if settings.verdicts and (proven := settings.verdicts.find(job, settings)):
        return _without_run(proven, settings)
    settings.emit(JobStarted(run=settings.run, time=stamp(), job=job.id))
    began, result = time.monotonic(), None
    try:
        folder = settings.folder.job_folder(job.id)
        (folder / "artifacts").mkdir(exist_ok=True)
        with LogFile(folder / "log.txt") as log:
            execution = JobExecution(job, settings, log, folder)
            result = execution.result()
        settings.folder.write_result(result)
        if settings.verdicts:
            settings.verdicts.record(job, result, settings, proves=execution.proves)
    except (CiforgeError, OSError) as error:
        result = _result_without_record(job, result, error, time.monotonic() - began)
    _emit_end(result, settings, str(job_path(settings.folder.path, job.id) / "log.txt"))
    return result


def _result_without_record(
    job: Job, result: Result | None, error: Exception, seconds: float
) -> Result:
    """The result of a job whose record cannot be written: its own result is lost."""
    result = result or Result(job=job.id, status=Status.INFRASTRUCTURE, seconds=round(seconds, 3))
    return attrs.evolve(
        result, status=Status.INFRASTRUCTURE, reason=f"its result cannot be written: {error}",
        limit=None, signal=None, allow_failure=job.allow_failure,
    )  # fmt: skip


def _result_without_start(job: Job, settings: Settings) -> Result:
    """The result of a job that never started: it cannot run here, or a stop was requested first."""
    status = Status.SKIPPED if job.skipped else Status.CANCELLED
    result = Result(
        job=job.id, status=status, reason=job.skipped or settings.stop.reason,
        signal=None if job.skipped else settings.stop.signal, allow_failure=job.allow_failure,
    )  # fmt: skip
    return _without_run(result, settings)


def _not_tried(job: Job, reason: str, needed: str, settings: Settings) -> Result:
    """The result of a job whose needed job did not pass: nothing is known about it."""
    signal = settings.stop.signal if settings.stop.asked else None
    result = Result(
        job=job.id, status=Status.CANCELLED, reason=reason, signal=signal,
        allow_failure=job.allow_failure, not_tried_for=needed,
    )  # fmt: skip
    return _without_run(result, settings)


def _without_run(result: Result, settings: Settings) -> Result:
    """Records and reports the result of a job that was not run."""
    with suppress(HistoryProblem):
        settings.folder.write_result(result)
    _emit_end(result, settings, "")
    return result


def _emit_end(result: Result, settings: Settings, log: str) -> None:
    settings.emit(
        JobEnded(
            run=settings.run,
            time=stamp(),
            job=result.job,
            status=result.status,
            seconds=result.seconds,
            result=result,
            log=log,
        )
    )
