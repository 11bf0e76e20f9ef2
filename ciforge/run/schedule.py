"""Many jobs on one engine, several at once."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import attrs

from ciforge.model.event import Event, JobEnded, RunEnded
from ciforge.model.job import Job
from ciforge.model.result import Result, Status
from ciforge.run.clock import stamp
from ciforge.run.job import Settings, run_job

BAD = (Status.FAILED, Status.TIMED_OUT, Status.INFRASTRUCTURE)


def run_all(jobs: Sequence[Job], settings: Settings, *, fail_fast: bool = False) -> RunEnded:
    """Runs every job and returns what became of all, in their order.

    `fail_fast` ends the others after the first failure that is not allowed.
    """
    began = time.monotonic()
    ends: dict[str, JobEnded] = {}
    inner = attrs.evolve(settings, emit=_collecting(ends, settings.emit))

    def one(job: Job) -> Result:
        result = run_job(job, inner)
        if fail_fast and result.status in BAD and not result.allow_failure:
            settings.stop.ask(f"{job.id} {result.status.value}, and --fail-fast was asked for")
        return result

    with ThreadPoolExecutor(settings.share.jobs, thread_name_prefix="job") as pool:
        futures = [pool.submit(one, job) for job in jobs]
        for future in futures:
            future.result()
    ended = RunEnded(
        run=settings.run,
        time=stamp(),
        seconds=round(time.monotonic() - began, 3),
        results=tuple(ends[job.id] for job in jobs),
    )
    settings.emit(ended)
    return ended


def _collecting(
    ends: dict[str, JobEnded], emit: Callable[[Event], None]
) -> Callable[[Event], None]:
    """Hands events on one at a time, and remembers how jobs ended."""
    lock = threading.Lock()

    def collect(event: Event) -> None:
        with lock:
            if isinstance(event, JobEnded):
                ends[event.job] = event
            emit(event)

    return collect
