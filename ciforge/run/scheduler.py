"""Runs several jobs at once on one engine."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

import attrs

from ciforge.model.event import Event, JobEnded, RunEnded
from ciforge.model.job import Job
from ciforge.model.result import Result, Status
from ciforge.run.clock import stamp
from ciforge.run.job_runner import run_job
from ciforge.run.job_settings import Settings
from ciforge.run.longest_first import longest_first
from ciforge.run.needed_installs import NeededInstalls

_TICK = 0.5
BAD = (Status.FAILED, Status.TIMED_OUT, Status.INFRASTRUCTURE)


def run_all(jobs: Sequence[Job], settings: Settings, *, fail_fast: bool = False) -> RunEnded:
    """Runs every job, the longest expected one first; all results, in the order of the jobs.

    With `fail_fast`, a failure that is not allowed cancels the other jobs. If `emit` raises, jobs
    are cancelled too, and its error is raised afterwards.
    """
    began = time.monotonic()
    emitter = _SerialEmitter(settings)
    inner = attrs.evolve(settings, emit=emitter.emit, installs=_installs(jobs, settings))

    def run_one(job: Job) -> Result:
        try:
            result = run_job(job, inner)
        except BaseException:
            # A job that needs this one would wait for its end: the stop ends the wait.
            settings.stop.ask(f"{job.id} ended by a mistake of ciforge")
            raise
        if inner.installs:
            inner.installs.end(result)
        if fail_fast and result.status in BAD and not result.allow_failure:
            settings.stop.ask(f"{job.id} {result.status.value}, and --fail-fast is set")
        return result

    with ThreadPoolExecutor(settings.share.jobs, thread_name_prefix="job") as pool:
        # A job that waits for another one is started after it: so one of them can always go on.
        order = sorted(longest_first(jobs, settings.expected), key=lambda job: len(job.needs))
        futures = [pool.submit(run_one, job) for job in order]
        for future in futures:
            # Waits are short, because a signal may arrive in a thread that does not wake this one.
            while not wait([future], timeout=_TICK).done:
                pass
            future.result()
    ended = RunEnded(
        run=settings.run,
        time=stamp(),
        seconds=round(time.monotonic() - began, 3),
        results=tuple(emitter.ends[job.id] for job in jobs),
    )
    emitter.emit(ended)
    if emitter.trouble:
        raise emitter.trouble
    return ended


def _installs(jobs: Sequence[Job], settings: Settings) -> NeededInstalls | None:
    """What jobs hand on to each other, beside the sources of the run; None if no job needs an install."""
    if not any(job.needs for job in jobs):
        return None
    return NeededInstalls(jobs, settings.sources[jobs[0].repo].file.parent / "installs")


class _SerialEmitter:
    """Emits events one at a time, and keeps the results of jobs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self.ends: dict[str, JobEnded] = {}
        self.trouble: OSError | None = None

    def emit(self, event: Event) -> None:
        """Emits one event. An error of a listener must not fail the job."""
        with self._lock:
            if isinstance(event, JobEnded):
                self.ends[event.job] = event
            if self.trouble is None:
                self._emit(event)

    def _emit(self, event: Event) -> None:
        try:
            self._settings.emit(event)
        except OSError as error:
            self.trouble = error
            reason = error.strerror or str(error)
            self._settings.stop.ask(f"progress can no longer be reported: {reason}")
