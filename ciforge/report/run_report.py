"""The input of all report formats."""

from collections.abc import Mapping
from pathlib import Path

import attrs

from ciforge.model.cause import Cause
from ciforge.model.diagnosis import Diagnosis, Warned
from ciforge.model.finding import Finding, Severity
from ciforge.model.result import Result, Run, Status
from ciforge.report.formatting import NOT_GREEN, counts_text, outcome_counts, result_outcome


@attrs.frozen(kw_only=True)
class RunReport:
    """One run with its results and their diagnosis."""

    run: Run
    results: tuple[Result, ...]
    """In the order of the run's jobs; jobs without a result are missing."""
    why: Diagnosis
    """The diagnosis of the run."""
    logs: Mapping[str, Path] = attrs.field(factory=dict)
    artifacts: Mapping[str, tuple[Path, ...]] = attrs.field(factory=dict)
    repeats: Mapping[str, str] = attrs.field(factory=dict)
    """By job: the command that repeats it."""
    bisections: Mapping[str, str] = attrs.field(factory=dict)
    """By the key of a cause: which commit brought it, a sentence."""

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes of failure, the most important first."""
        return self.why.causes

    @property
    def unknown(self) -> tuple[str, ...]:
        """Jobs of the run without a result."""
        ids = {result.job for result in self.results}
        return tuple(job for job in self.run.jobs if job not in ids)

    @property
    def unexplained(self) -> tuple[Result, ...]:
        """Results that are not green and have no cause."""
        explained = {job for cause in self.causes for job in cause.findings}
        bad = (*NOT_GREEN, Status.INFRASTRUCTURE)
        return tuple(r for r in self.results if r.status in bad and r.job not in explained)

    def causes_of(self, job: str) -> tuple[tuple[int, Cause], ...]:
        """The causes of one job, each with its number in the report."""
        return tuple(
            (at, cause) for at, cause in enumerate(self.causes, 1) if job in cause.findings
        )

    def findings(self, job: str) -> tuple[Finding, ...]:
        """The findings that explain a failure, the root cause first."""
        found = self.why.findings.get(job, ())
        return tuple(finding for finding in found if finding.severity is Severity.ERROR)

    def warned(self, job: str) -> tuple[Warned, ...]:
        """Warnings of a job that are new, or that become errors."""
        return self.why.warnings.get(job, ())

    def drifted(self, job: str) -> tuple[str, ...]:
        """Drift of a job that passed, a sentence each."""
        return tuple(drift.sentence for drift in self.why.drift.get(job, ()))


def became(result: Result) -> str:
    """`passed`, `proven`, `timed-out`, `failed (allowed)`."""
    return result_outcome(result)


def proofs(report: RunReport) -> tuple[tuple[str, str], ...]:
    """The cross checks that compiled, each with its statement."""
    compiled = (result for result in report.results if result.status is Status.COMPILED)
    return tuple((outcome.job, outcome.proves) for outcome in compiled if outcome.proves)


def counts(report: RunReport) -> dict[str, int]:
    """The number of jobs with each outcome; `unknown` for those without a result."""
    outcomes = [became(result) for result in report.results] + ["unknown"] * len(report.unknown)
    return outcome_counts(outcomes)


def counted(report: RunReport) -> str:
    """`4 passed, 1 failed`."""
    return counts_text(counts(report)) or "no jobs"


def warning_words(warned: Warned) -> str:
    """The reason why a warning is listed: `new since the last green run, an error with gcc 14`."""
    parts = ["new since the last green run"] * warned.new + [warned.fatal] * bool(warned.fatal)
    return ", ".join(parts) or "a warning"
