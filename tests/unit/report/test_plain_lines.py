"""Progress as plain lines."""

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
from ciforge.model.result import Result, SourceUsed, Status
from ciforge.report.plain_lines import plain
from tests.tables import each

RUN, TIME, JOB = "r1", "2026-11-22T14:40:57Z", "portable/debian-13/default"


def step(exit_code: int | None) -> StepEnded:
    return StepEnded(run=RUN, time=TIME, job=JOB, step="build", exit_code=exit_code, seconds=1.23)


def job(status: Status, failed: str | None = None, reason: str = "", log: str = "") -> JobEnded:
    result = Result(job=JOB, status=status, failed_step=failed, reason=reason)
    return JobEnded(
        run=RUN, time=TIME, job=JOB, status=status, seconds=63.21, result=result, log=log
    )


def started(jobs: tuple[str, ...], *sources: SourceUsed) -> RunStarted:
    return RunStarted(run=RUN, time=TIME, jobs=jobs, sources=sources)


TREE = SourceUsed(repo="portable", origin="/src", revision="1f3a9c2b8a10" + "0" * 28, changes=3)
MIRROR = SourceUsed(repo="extras", origin="https://example.org/e.git", patch="fix.diff")


@each(
    ("event", "line"),
    [
        (StepStarted(run=RUN, time=TIME, job=JOB, step="build"), f"..    {JOB}  build"),
        (step(0), f"ok    {JOB}  build  1.2s"),
        (step(2), f"FAIL  {JOB}  build  exit 2"),
        (step(None), f"LOST  {JOB}  build  exit status unknown"),
        (job(Status.PASSED), f"ok    {JOB}  passed  63.2s"),
        (
            job(Status.FAILED, "build", log="/s/log.txt"),
            f"FAIL  {JOB}  failed in build  63.2s  /s/log.txt",
        ),
        (
            job(Status.TIMED_OUT, "check", "after 10 s"),
            f"FAIL  {JOB}  timed-out in check  63.2s  after 10 s",
        ),
        (
            job(Status.INFRASTRUCTURE, reason="no \x1b[1mengine"),
            f"LOST  {JOB}  infrastructure  63.2s  no engine",
        ),
        (job(Status.SKIPPED, reason="no pam"), f"skip  {JOB}  skipped  no pam"),
        (job(Status.CANCELLED), f"--    {JOB}  cancelled  63.2s"),
        (started((JOB,), TREE), f"run r1; portable: /src at 1f3a9c2b8a10, 3 files changed; {JOB}"),
        (
            started((JOB,) * 9, TREE, MIRROR),
            "run r1; portable: /src at 1f3a9c2b8a10, 3 files changed; "
            "extras: https://example.org/e.git, with fix.diff; 9 jobs",
        ),
        (JobStarted(run=RUN, time=TIME, job=JOB), None),
        (OutputLine(run=RUN, time=TIME, job=JOB, step="build", text="cc"), None),
        (RunEnded(run=RUN, time=TIME, seconds=1.0, results=()), None),
    ],
)
def test_plain_line_of_each_event(event: Event, line: str | None) -> None:
    assert plain(event) == line
