"""A run's results and causes as input of the state machine."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from ciforge.model.cause import Cause
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.incident import BranchRef, IncidentLedger, Observation, ObservedRun, RunRef
from ciforge.model.quantities import jobs_text
from ciforge.model.result import Result, Run, SourceUsed, Status
from ciforge.sanitize import safe_line
from ciforge.store.runs.run_reader import moment
from ciforge.timestamp import LEEWAY
from ciforge.transitions.job_state import is_news

_BROKEN = (Status.FAILED, Status.TIMED_OUT)
_TAIL = 30
"""Lines of a log's end that replace a missing finding."""


def observed_run(
    run: Run, at: float, results: Sequence[Result], diagnosis: Diagnosis
) -> ObservedRun:
    """The observations of a run, by branch. `at` is its start in seconds since 1970."""
    causes = {cause.key: cause for cause in diagnosis.causes}
    keys = _keys(diagnosis.causes)
    seen: dict[BranchRef, list[Observation]] = {}
    for result in results:
        if result.proven_by:
            continue  # it did not run: nothing happened in this run
        if result.status in _BROKEN and result.job not in keys:
            unknown = _unknown(result)
            known_cause = causes.get(unknown.key)
            causes[unknown.key] = _joined(known_cause, unknown) if known_cause else unknown
            keys[result.job] = (unknown.key,)
        branch, revision = source_of(run, result)
        point = RunRef(run=run.id, at=at, revision=revision)
        seen.setdefault(branch, []).append(_observation(result, point, keys))
    return ObservedRun(
        point=RunRef(run=run.id, at=at),
        observations={branch: tuple(ones) for branch, ones in seen.items()},
        causes=causes,
    )


def started_at(run: Run, now: float) -> tuple[float, tuple[str, ...]]:
    """Returns when a run started, for display and deadlines, in seconds since 1970; `now`, and a sentence,
    if its time is missing, invalid or in the future."""
    at = moment(run)
    if at and at <= now + LEEWAY:
        return min(at, now), ()
    text = safe_line(run.started, 40)
    return now, (f"run {run.id}: invalid start time {text!r}; using the current time",)


def numbered(observed: ObservedRun, sequence: int) -> ObservedRun:
    """The observed run with its sequence number."""
    observations = {
        branch: tuple(
            attrs.evolve(observation, point=_placed(observation.point, sequence))
            for observation in seen
        )
        for branch, seen in observed.observations.items()
    }
    return attrs.evolve(
        observed, point=_placed(observed.point, sequence), observations=observations
    )  # fmt: skip


def _placed(point: RunRef, sequence: int) -> RunRef:
    return attrs.evolve(point, sequence=sequence)


def ignored_results(ledger: IncidentLedger, observed: ObservedRun) -> tuple[str, ...]:
    """A sentence if results of a run are ignored because newer ones exist; else empty."""
    jobs = [
        observation.job
        for branch, seen in observed.observations.items()
        for observation in seen
        if not is_news(ledger.job_states.get((branch, observation.job)), observation.point)
    ]
    if not jobs:
        return ()
    return (f"run {observed.point.run} is ignored for {jobs_text(jobs)}: a newer result exists",)


def source_of(run: Run, result: Result) -> tuple[BranchRef, str]:
    """The branch and the commit of a result; no commit for a modified source."""
    repo = result.job.partition("/")[0]
    used = next((source for source in run.sources if source.repo == repo), None)
    used = used or result.source or SourceUsed(repo=repo, origin="")
    revision = (result.source.revision if result.source else "") or used.revision
    if used.changes or used.patch:
        revision = ""  # the commit alone does not give that tree
    return BranchRef(repo=repo, branch=used.branch), revision


def _keys(causes: Iterable[Cause]) -> dict[str, tuple[str, ...]]:
    """Jobs to the keys of their causes."""
    keys: dict[str, tuple[str, ...]] = {}
    for cause in causes:
        for job in cause.jobs:
            keys[job] = (*keys.get(job, ()), cause.key)
    return keys


def _observation(result: Result, point: RunRef, keys: Mapping[str, tuple[str, ...]]) -> Observation:
    broken = result.status in _BROKEN
    return Observation(
        job=result.job, status=result.status, causes=keys[result.job] if broken else (),
        point=point, packages=result.packages, allow_failure=result.allow_failure,
        reason=result.reason,
    )  # fmt: skip


def _unknown(result: Result) -> Cause:
    """The cause of an unexplained failure: one for each step, with the end of the log."""
    step = result.failed_step or "job"
    outcome = "timed out" if result.status is Status.TIMED_OUT else "failed"
    tail = result.tail[-_TAIL:]
    finding = Finding(
        kind=FindingKind.OTHER,
        root_line=tail[-1] if tail else result.reason,
        step=step,
        excerpt=tail,
    )
    return Cause(
        key=f"other:{step}:{outcome}"[:200], kind=FindingKind.OTHER, subject=step,
        title=f"{step} {outcome}", findings={result.job: finding},
    )  # fmt: skip


def _joined(first: Cause, other: Cause) -> Cause:
    return attrs.evolve(first, findings={**first.findings, **other.findings})


def with_matrix(
    observed: ObservedRun,
    listed: Iterable[str],
    branch_refs: Iterable[BranchRef],
    followed: Iterable[BranchRef] = (),
) -> ObservedRun:
    """The observed run with the jobs that are listed now, on its branches and for removed repositories.

    Other branches keep all their jobs, since they may list others.
    """
    jobs = frozenset(listed)
    repos = {job.partition("/")[0] for job in jobs}
    branches = [
        *observed.observations,
        *(branch for branch in branch_refs if branch.repo not in repos),
    ]
    matrix = {
        branch: frozenset(job for job in jobs if job.partition("/")[0] == branch.repo)
        for branch in dict.fromkeys(branches)
    }
    return attrs.evolve(observed, matrix=matrix, followed=frozenset(followed))
