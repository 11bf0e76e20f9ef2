"""A run's results and causes as the state machine takes them in."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from ciforge.model.cause import Cause
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.incident import BranchRef, IncidentLedger, Observation, ObservedRun, RunRef
from ciforge.model.result import Result, Run, SourceUsed, Status
from ciforge.sanitize import safe_line
from ciforge.store.runs.run_reader import moment
from ciforge.timestamp import LEEWAY
from ciforge.transitions.job_state import is_news

_BROKEN = (Status.FAILED, Status.TIMED_OUT)
_TAIL = 30
"""Lines of a log's end that stand for a finding where there is none."""


def taking_of(run: Run, at: float, results: Sequence[Result], diagnosis: Diagnosis) -> ObservedRun:
    """What the run says, by line. `at` is its start in seconds since 1970."""
    causes = {cause.key: cause for cause in diagnosis.causes}
    keys = _keys(diagnosis.causes)
    seen: dict[BranchRef, list[Observation]] = {}
    for result in results:
        if result.status in _BROKEN and result.job not in keys:
            unknown = _unknown(result)
            known = causes.get(unknown.key)
            causes[unknown.key] = _joined(known, unknown) if known else unknown
            keys[result.job] = (unknown.key,)
        line, revision = source_of(run, result)
        point = RunRef(run=run.id, at=at, revision=revision)
        seen.setdefault(line, []).append(_observation(result, point, keys))
    return ObservedRun(
        point=RunRef(run=run.id, at=at),
        observations={line: tuple(ones) for line, ones in seen.items()},
        causes=causes,
    )


def started_at(run: Run, now: float) -> tuple[float, tuple[str, ...]]:
    """When a run started, for display and deadlines, in seconds since 1970; and a sentence where it
    names no time, or one that has not come yet: then it is `now`."""
    at = moment(run)
    if at and at <= now + LEEWAY:
        return min(at, now), ()
    said = safe_line(run.started, 40)
    return now, (f"run {run.id} says that it started at {said!r}: it counts as of now",)


def numbered(taking: ObservedRun, sequence: int) -> ObservedRun:
    """The same, as the run of that place in the order."""
    observations = {
        line: tuple(attrs.evolve(one, point=_placed(one.point, sequence)) for one in seen)
        for line, seen in taking.observations.items()
    }
    return attrs.evolve(
        taking, point=_placed(taking.point, sequence), observations=observations
    )  # fmt: skip


def _placed(point: RunRef, sequence: int) -> RunRef:
    return attrs.evolve(point, sequence=sequence)


def passed_over(book: IncidentLedger, taking: ObservedRun) -> tuple[str, ...]:
    """A sentence where results of a run change nothing, since newer ones are known."""
    jobs = [
        one.job
        for line, seen in taking.observations.items()
        for one in seen
        if not is_news(book.standings.get((line, one.job)), one.point)
    ]
    if not jobs:
        return ()
    what = jobs[0] if len(jobs) == 1 else f"{len(jobs)} jobs"
    return (f"run {taking.point.run} is older than what is known of {what}, and changes nothing",)


def source_of(run: Run, result: Result) -> tuple[BranchRef, str]:
    """The line that a result belongs to, and the commit that was built; empty where it was edited."""
    repo = result.job.partition("/")[0]
    used = next((one for one in run.sources if one.repo == repo), None)
    used = used or result.source or SourceUsed(repo=repo, origin="")
    revision = (result.source.revision if result.source else "") or used.revision
    if used.changes or used.patch:
        revision = ""  # nobody gets that tree by the commit's name
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
    """A failure that nothing explains is one cause for each step, with the end of its log."""
    step = result.failed_step or "job"
    words = "timed out" if result.status is Status.TIMED_OUT else "failed"
    tail = result.tail[-_TAIL:]
    finding = Finding(
        kind=FindingKind.OTHER,
        root_line=tail[-1] if tail else result.reason,
        step=step,
        excerpt=tail,
    )
    return Cause(
        key=f"other:{step}:{words}"[:200], kind=FindingKind.OTHER, subject=step,
        title=f"{step} {words}", findings={result.job: finding},
    )  # fmt: skip


def _joined(known: Cause, more: Cause) -> Cause:
    return attrs.evolve(known, findings={**known.findings, **more.findings})


def with_matrix(
    taking: ObservedRun,
    listed: Iterable[str],
    known: Iterable[BranchRef],
    followed: Iterable[BranchRef] = (),
) -> ObservedRun:
    """The same with the jobs that are listed now: of its own lines, and of repositories that left.

    Other branches keep all their jobs, for they may list others.
    """
    jobs = frozenset(listed)
    repos = {job.partition("/")[0] for job in jobs}
    lines = [*taking.observations, *(line for line in known if line.repo not in repos)]
    matrix = {
        line: frozenset(job for job in jobs if job.partition("/")[0] == line.repo)
        for line in dict.fromkeys(lines)
    }
    return attrs.evolve(taking, matrix=matrix, followed=frozenset(followed))
