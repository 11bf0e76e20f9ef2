"""The log, the events and the results of the steps of one job."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ciforge.model.event import OutputLine, StepEnded, StepStarted
from ciforge.model.log_marks import LONGEST_FACT, MOST_FACTS, built_with, mark, step_mark
from ciforge.model.result import StepResult
from ciforge.run.clock import stamp
from ciforge.run.job_settings import Settings
from ciforge.run.log_file import LogFile
from ciforge.run.output_lines import Lines
from ciforge.sanitize import safe_line


class StepRecord:
    """Records what the steps of a job print, and how they end; `first` is the name of the first step."""

    def __init__(self, job: str, settings: Settings, log: LogFile, first: str) -> None:
        self._job = job
        self._settings = settings
        self._log = log
        self._lines = Lines(self.show)
        self.step = first
        """The step that runs, or that ran last."""
        self.tail: tuple[str, ...] = ()
        """The last lines of the step that ended last, safe to print."""
        self.steps: list[StepResult] = []
        self.built_with: tuple[str, ...] = ()
        """What its checks say of the compiler, the libc and linked libraries."""

    @contextmanager
    def timed(self, name: str) -> Iterator[Callable[[int | None], None]]:
        """Emits the events around a step; the exit code stays None unless it is given."""
        self.step, self._lines, self.tail = name, Lines(self.show), ()
        run = self._settings.run
        began, started = time.monotonic(), stamp()
        codes: list[int | None] = []
        self._settings.emit(StepStarted(run=run, time=started, job=self._job, step=name))
        self._log.write(f"{step_mark(name)}\n".encode())
        try:
            yield codes.append
        finally:
            self.tail = self._lines.end()
            seconds = round(time.monotonic() - began, 3)
            code = codes[-1] if codes else None
            self.steps.append(
                StepResult(name=name, exit_code=code, seconds=seconds, started=started)
            )
            self._settings.emit(
                StepEnded(
                    run=run, time=stamp(), job=self._job, step=name, exit_code=code, seconds=seconds
                )
            )

    def on_output(self, data: bytes) -> None:
        """Takes output of the step, which may end anywhere."""
        self._log.write(data)
        if self._log.full:
            self._lines.mute()
        self._lines.feed(data)

    def show(self, text: str) -> None:
        """Emits a line that is safe to print."""
        fact = safe_line(built_with(self.step, text), LONGEST_FACT)
        if fact and fact not in self.built_with and len(self.built_with) < MOST_FACTS:
            self.built_with += (fact,)
        self._settings.emit(
            OutputLine(
                run=self._settings.run, time=stamp(), job=self._job, step=self.step, text=text
            )
        )

    def note(self, text: str) -> None:
        """Adds a line of ciforge to the log."""
        self._log.write(f"{mark(safe_line(text, 300))}\n".encode())

    def discard_steps(self, text: str) -> None:
        """Discards the results of the steps but the first, and says why; the log stays."""
        self._log.write(f"{text}\n".encode())
        self.show(text)
        self.steps = self.steps[:1]
        self.built_with = ()
