"""Everything that the renderers of a finished run are given."""

from collections.abc import Mapping
from pathlib import Path

import attrs

from ciforge.model.cause import Cause
from ciforge.model.diagnosis import Diagnosis, Warned
from ciforge.model.finding import Finding, Severity
from ciforge.model.result import Result, Run, Status
from ciforge.report.formatting import NOT_GREEN, ORDER


@attrs.frozen(kw_only=True)
class RunReport:
    """One run with its results, and what is known about why they are so."""

    run: Run
    results: tuple[Result, ...]
    """In the order of the run's jobs; a job that left no result has none."""
    why: Diagnosis
    """What their logs say."""
    logs: Mapping[str, Path] = attrs.field(factory=dict)
    artifacts: Mapping[str, tuple[Path, ...]] = attrs.field(factory=dict)
    repeats: Mapping[str, str] = attrs.field(factory=dict)
    """By job: the command that repeats it."""

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What to mend, the weightiest first."""
        return self.why.causes

    @property
    def unknown(self) -> tuple[str, ...]:
        """Jobs of the run that left no result."""
        known = {result.job for result in self.results}
        return tuple(job for job in self.run.jobs if job not in known)

    @property
    def unexplained(self) -> tuple[Result, ...]:
        """Jobs that are not green and have no cause."""
        explained = {job for cause in self.causes for job in cause.findings}
        bad = (*NOT_GREEN, Status.INFRASTRUCTURE)
        return tuple(r for r in self.results if r.status in bad and r.job not in explained)

    def causes_of(self, job: str) -> tuple[tuple[int, Cause], ...]:
        """The causes of one job, each with its number in the report."""
        return tuple(
            (at, cause) for at, cause in enumerate(self.causes, 1) if job in cause.findings
        )

    def findings(self, job: str) -> tuple[Finding, ...]:
        """What explains that a job failed, the root first."""
        found = self.why.findings.get(job, ())
        return tuple(one for one in found if one.severity is Severity.ERROR)

    def warned(self, job: str) -> tuple[Warned, ...]:
        """Warnings of a job that are new, or that become errors."""
        return self.why.warnings.get(job, ())

    def drifted(self, job: str) -> tuple[str, ...]:
        """What a green job has lost, a sentence each."""
        return tuple(one.sentence for one in self.why.drift.get(job, ()))


def became(result: Result) -> str:
    """`passed`, `timed-out`, `failed (allowed)`."""
    word = result.status.value
    return f"{word} (allowed)" if result.allow_failure and result.status in NOT_GREEN else word


def counts(report: RunReport) -> dict[str, int]:
    """How many jobs became what, in one order; `unknown` for those without result."""
    words = [became(result) for result in report.results] + ["unknown"] * len(report.unknown)
    rank = [f"{one.value}{end}" for one in ORDER for end in ("", " (allowed)")] + ["unknown"]
    return {word: words.count(word) for word in rank if word in words}


def counted(report: RunReport) -> str:
    """`4 passed, 1 failed`."""
    return ", ".join(f"{many} {word}" for word, many in counts(report).items()) or "no jobs"


def warning_words(warned: Warned) -> str:
    """Why a warning is told: `new since the last green run, an error with gcc 14`."""
    parts = ["new since the last green run"] * warned.new + [warned.fatal] * bool(warned.fatal)
    return ", ".join(parts) or "a warning"
