"""The state of a run from its events: which jobs are waiting, running and finished."""

from collections.abc import Mapping
from typing import assert_never

import attrs

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
from ciforge.report.remaining_time import remaining_seconds
from ciforge.sanitize import safe_line


@attrs.define
class RunningJob:
    """A job that has begun, since `since` on the caller's clock (seconds)."""

    job: str
    since: float
    step: str = ""
    last_line: str = ""


@attrs.define
class Board:
    """The jobs of one run; `ended` has the newest first."""

    title: str = ""
    total: int = 0
    since: float = 0.0
    running: dict[str, RunningJob] = attrs.field(factory=dict)
    ended: list[JobEnded] = attrs.field(factory=list)
    expected: Mapping[str, float] = attrs.field(factory=dict)
    """Jobs to the seconds that they usually take."""
    at_once: int = 1
    """The number of jobs that run at the same time."""
    jobs: tuple[str, ...] = ()

    @property
    def waiting(self) -> int:
        """The number of jobs that have not begun."""
        return max(self.total - len(self.running) - len(self.ended), 0)

    def remaining(self, now: float) -> float | None:
        """Seconds until all jobs have ended; None where it is not known how long one of them takes."""
        ended = {event.job for event in self.ended}
        left = [job for job in self.jobs if job not in ended]
        if not left or not all(job in self.expected for job in left):
            return None
        running = [self.expected[job] - (now - row.since) for job, row in self.running.items()]
        waiting = [self.expected[job] for job in left if job not in self.running]
        return remaining_seconds(running, waiting, self.at_once)

    def handle(self, event: Event, now: float) -> None:
        """Updates the state with an event at `now` on the caller's clock (seconds)."""
        match event:
            case RunStarted():
                self.title, self.total, self.since = f"run {event.run}", len(event.jobs), now
                self.jobs = event.jobs
            case JobStarted(job=job):
                self.running[job] = RunningJob(job, now)
            case StepStarted(job=job, step=step):
                running = self.running.setdefault(job, RunningJob(job, now))
                running.step, running.last_line = step, ""
            case OutputLine(job=job, text=text):
                self._line(job, safe_line(text, 400))
            case JobEnded():
                self.running.pop(event.job, None)
                self.ended.insert(0, event)
            case StepEnded() | RunEnded():
                pass
            case _:
                assert_never(event)

    def _line(self, job: str, text: str) -> None:
        """The last line that is not empty."""
        if job in self.running and text.strip():
            self.running[job].last_line = text
