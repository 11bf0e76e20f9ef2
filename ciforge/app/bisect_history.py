"""Results of a job at commits, built before or now, and the ends of a search that follow from them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from ciforge.app.session import print_progress
from ciforge.bisect.judge import SoughtCause, verdict_of
from ciforge.bisect.search import Verdict
from ciforge.errors import UsageError
from ciforge.model.cause import Cause
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.result import Result, Status
from ciforge.notify.run_diagnosis import diagnose_run
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.run_folder import job_path, read_diagnosis, read_result, read_run, run_path
from ciforge.store.runs.run_index import Index

_FAILED = (Status.FAILED, Status.TIMED_OUT)
OTHER_VERSIONS = "#"
"""Before the versions of packages in the recorded command of a build; for a shell they are a comment."""
_MOST = 500
"""Results of earlier runs that are read, the newest first."""


@attrs.frozen(kw_only=True)
class JudgedResult:
    """The result of the job at one commit, with its causes."""

    revision: str
    result: Result
    causes: tuple[Cause, ...]
    by_search: bool = False
    """Whether `ciforge bisect` built it; such a result is no end of another search."""

    @property
    def failed(self) -> bool:
        return self.result.status in _FAILED

    def verdict(self, sought: SoughtCause, steps: Sequence[str]) -> Verdict:
        """What it says about a cause."""
        keys = [cause.key for cause in self.causes]
        kinds = [cause.kind for cause in self.causes]
        return verdict_of(self.result, keys, kinds, sought, steps)

    def sought(self, number: int) -> SoughtCause:
        """The cause with this number, from 1. Raises UsageError."""
        if not 1 <= number <= len(self.causes):
            listed = "; ".join(f"{at}. {cause.title}" for at, cause in enumerate(self.causes, 1))
            message = f"--cause {number}: the job has {len(self.causes)} at {self.revision[:12]}"
            raise UsageError(message, hint=f"its causes are {listed}")
        cause = self.causes[number - 1]
        finding = cause.findings[self.result.job]
        step = finding.step or self.result.failed_step or ""
        return SoughtCause(key=cause.key, title=cause.title or cause.kind.value, step=step)


def judged(revision: str, result: Result, diagnosis: Diagnosis, *, by_search: bool) -> JudgedResult:
    """A result with the causes that its run has for the job, the most important first."""
    causes = tuple(cause for cause in diagnosis.causes if result.job in cause.findings)
    return JudgedResult(revision=revision, result=result, causes=causes, by_search=by_search)


def past_results(state: Path, job: str) -> list[JudgedResult]:
    """The results of earlier runs at commits, the newest first; runs that cannot be read are left out."""
    with Index.open(state, print_progress) as index:
        index.catch_up()
        rows = index.results_of_commits(job)[:_MOST]
    return list(_read(state, job, [(row.run, row.revision) for row in rows if not row.proven_by]))


def _read(state: Path, job: str, rows: Sequence[tuple[str, str]]) -> Iterator[JudgedResult]:
    for run_id, revision in rows:
        folder = run_path(state, run_id)
        try:
            run, result = read_run(folder), read_result(job_path(folder, job) / "result.json")
            diagnosis = read_diagnosis(folder) or diagnose_run(state, run, [result])
        except HistoryProblem as problem:
            print_progress(f"not used: {problem}")
            continue
        if OTHER_VERSIONS in run.command:
            continue  # it says nothing about the packages of any other run
        yield judged(revision, result, diagnosis, by_search=run.command[1:2] == ("bisect",))
