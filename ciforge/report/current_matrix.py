"""The current state of each job on each branch, from the ledger: what a status page and badges show."""

from collections.abc import Iterator, Mapping, Sequence

import attrs

from ciforge.model.incident import (
    BranchRef,
    Incident,
    IncidentKind,
    IncidentLedger,
    JobDeadline,
    JobState,
)
from ciforge.model.job import Job
from ciforge.model.quantities import plural
from ciforge.model.result import Status
from ciforge.report.formatting import outcome_text
from ciforge.timestamp import minute_text

SKIPPED, NO_RESULT, STALE, INFRASTRUCTURE = "skipped", "no result", "stale", "infrastructure"
_WORST_FIRST = (
    "failed", "timed-out", INFRASTRUCTURE, STALE, NO_RESULT, "failed (allowed)",
    "timed-out (allowed)", Status.FLAKY.value, Status.COMPILED.value, Status.PASSED.value,
)  # fmt: skip
_RANKS = {word: rank for rank, word in enumerate(_WORST_FIRST)}


@attrs.frozen(kw_only=True)
class CurrentResult:
    """One job on one branch."""

    job: str
    distribution: str
    word: str
    """`passed`, `failed (allowed)`, and so on; `passed` only while the last result is not overdue."""
    since: float = 0.0
    """In seconds since 1970; 0 where nothing is known."""
    commit: str = ""
    detail: str = ""
    """Why it is skipped, stale or without a verdict of the source; may be empty."""


@attrs.frozen(kw_only=True)
class BranchMatrix:
    """All listed jobs of one repository on one branch, and the open causes of its failures."""

    branch: BranchRef
    """Without a branch where no result of the repository is known."""
    results: tuple[CurrentResult, ...]
    incidents: tuple[Incident, ...] = ()


def branch_matrices(
    jobs: Sequence[Job],
    ledger: IncidentLedger,
    followed: Sequence[BranchRef],
    deadlines: Sequence[JobDeadline],
    now: float,
) -> Iterator[BranchMatrix]:
    """By repository in the order of the jobs; followed branches first, then other known ones by name."""
    branches = sorted(
        {state.branch_ref for state in ledger.job_states.values() if not state.retired},
        key=lambda line: line.branch,
    )
    limits = {(deadline.branch_ref, deadline.job): deadline.deadline for deadline in deadlines}
    for repo in dict.fromkeys(job.repo for job in jobs):
        lines = [line for line in dict.fromkeys((*followed, *branches)) if line.repo == repo]
        for line in lines or [BranchRef(repo=repo)]:
            incidents = [
                incident
                for incident in ledger.incidents.values()
                if incident.open and incident.branch_ref == line
            ]
            yield BranchMatrix(
                branch=line,
                results=tuple(
                    _result(
                        job, _state(ledger, line, job), limits.get((line, job.id), 0.0), now,
                        late=any(_reports_late(incident, job) for incident in incidents),
                    )
                    for job in jobs
                    if job.repo == repo
                ),
                incidents=tuple(incident for incident in incidents if incident.kind is IncidentKind.CAUSE),
            )  # fmt: skip


def _reports_late(incident: Incident, job: Job) -> bool:
    return incident.kind is IncidentKind.STALE and job.id in incident.broken


def _state(ledger: IncidentLedger, line: BranchRef, job: Job) -> JobState | None:
    state = ledger.job_states.get((line, job.id))
    return None if state is None or state.retired else state


def _result(
    job: Job, state: JobState | None, limit: float, now: float, *, late: bool
) -> CurrentResult:
    empty = CurrentResult(job=job.id, distribution=job.system, word=NO_RESULT)
    if job.skipped:
        return attrs.evolve(empty, word=SKIPPED, detail=job.skipped)
    if state is None:
        return empty
    if state.troubles:
        runs = plural(state.troubles, "run")
        detail = f"{runs}: {state.trouble}".rstrip(": ")
        return attrs.evolve(
            empty, word=INFRASTRUCTURE, since=state.troubled, detail=f"{detail}{_before(state)}"
        )
    if state.last is None:
        return empty
    if late or (limit and state.waiting(now) > limit):
        last = state.last.point
        detail = f"no result since {minute_text(last.at)}{_before(state)}"
        return attrs.evolve(empty, word=STALE, since=last.at, commit=last.revision, detail=detail)
    allowed = job.allow_failure or state.last.allow_failure
    return attrs.evolve(
        empty, word=outcome_text(state.last.status, allowed=allowed), since=state.since.at,
        commit=state.since.revision,
    )  # fmt: skip


def _before(state: JobState) -> str:
    return f"; before: {state.last.status.value}" if state.last else ""


def overall(verdicts: Sequence[str]) -> tuple[str, str]:
    """The worst outcome of several jobs, and it in words: `failed`, `2 of 13 failed`.

    Skipped jobs do not count; it is `passed` only if all others passed.
    """
    counted = [word for word in verdicts if word != SKIPPED]
    if not counted:
        return SKIPPED, SKIPPED
    worst = min(counted, key=lambda word: _RANKS.get(word, _RANKS[NO_RESULT]))
    if worst == "passed" or len(counted) == 1:
        return worst, worst
    text = "without result" if worst == NO_RESULT else worst
    return worst, f"{counted.count(worst)} of {len(counted)} {text}"


def by_distribution(results: Sequence[CurrentResult]) -> Mapping[str, tuple[CurrentResult, ...]]:
    """The results of each distribution, in their order."""
    names = dict.fromkeys(result.distribution for result in results)
    return {
        name: tuple(result for result in results if result.distribution == name) for name in names
    }
