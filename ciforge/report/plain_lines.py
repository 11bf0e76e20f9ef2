"""Events as lines of text, for output that is not a terminal."""

from typing import assert_never

from ciforge.model.event import (
    Event,
    JobEnded,
    JobStarted,
    OutputLine,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarted,
)
from ciforge.model.result import Status
from ciforge.report.formatting import NOT_GREEN, outcome, source_line, step_end
from ciforge.sanitize import safe_line

_FEW = 4
"""Jobs that are named in the first line; more are counted."""

_MARKS = {
    Status.PASSED: "ok",
    Status.COMPILED: "ok",
    Status.FLAKY: "ok",
    Status.FAILED: "FAIL",
    Status.TIMED_OUT: "FAIL",
    Status.INFRASTRUCTURE: "LOST",
    Status.CANCELLED: "--",
    Status.SKIPPED: "skip",
}


def plain(event: Event) -> str | None:
    """One event as one line without its end; None for those without a line.

    A step also has a line when it starts, since it may be silent for minutes.
    """
    match event:
        case RunStarted():
            return _run_started(event)
        case StepStarted(job=job, step=step):
            return f"..    {job}  {step}"
        case StepEnded(job=job, step=step, exit_code=0, seconds=seconds):
            return f"ok    {job}  {step}  {seconds:.1f}s"
        case StepEnded(job=job, step=step, exit_code=code):
            return f"{'LOST' if code is None else 'FAIL'}  {job}  {step}  {step_end(code)}"
        case JobEnded():
            return _job_ended(event)
        case JobStarted() | OutputLine() | RunEnded():
            return None
        case _:
            assert_never(event)


def _run_started(event: RunStarted) -> str:
    many = len(event.jobs)
    jobs = f"{many} jobs" if many > _FEW or not many else ", ".join(event.jobs)
    return "; ".join([f"run {event.run}", *map(source_line, event.sources), jobs])


def _job_ended(event: JobEnded) -> str:
    result = event.result
    if result.proven_by:
        return f"{_MARKS[event.status]:4}  {event.job}  {safe_line(result.reason)}"
    fields = [f"{_MARKS[event.status]:4}", event.job, outcome(event)]
    if result.failed_step and not event.status.green:
        fields[-1] += f" in {result.failed_step}"
    if event.status is not Status.SKIPPED:
        fields.append(f"{event.seconds:.1f}s")
    if event.status in NOT_GREEN and event.log:
        fields.append(safe_line(event.log))
    if result.proves and event.status is Status.COMPILED:
        fields.append(safe_line(result.proves))
    if result.reason and (not event.status.green or event.status is Status.FLAKY):
        fields.append(safe_line(result.reason))
    return "  ".join(fields)
