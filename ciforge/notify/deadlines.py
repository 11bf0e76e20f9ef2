"""The time that a job may go without a definitive result before a mail reports it."""

from collections.abc import Iterable, Iterator

from ciforge.model.incident import BranchRef, IncidentLedger, JobDeadline
from ciforge.model.job import Job
from ciforge.model.project import Project

DAY = 86400.0
SCHEDULED = {"daily": 3 * DAY, "weekly": 10 * DAY, "monthly": 40 * DAY}
"""Seconds by schedule: one missed run is reported before the next but one; a weekend is not."""
UNSCHEDULED = 14 * DAY
"""Default for jobs without a schedule; `mail: {stale: …}` overrides it."""


def expected(
    project: Project, jobs: Iterable[Job], ledger: IncidentLedger
) -> tuple[JobDeadline, ...]:
    """The deadlines of the listed jobs that can run, on followed branches."""
    branches = {repo: tuple(followed_branches(project, repo, ledger)) for repo in project.repos}
    return tuple(
        JobDeadline(branch_ref=branch, job=job.id, deadline=limit)
        for job in jobs
        if not job.skipped and (limit := _limit(project, job.schedule))
        for branch in branches[job.repo]
    )


def followed_branches(project: Project, repo: str, ledger: IncidentLedger) -> Iterator[BranchRef]:
    """The branches in `branches:` that ran, always with the first; without `branches:` the oldest known."""
    first_seen = _first_seen(repo, ledger)
    branches = project.repos[repo].branches
    if branches:
        ours = [BranchRef(repo=repo, branch=branch) for branch in branches]
        yield from (branch for branch in ours if branch is ours[0] or branch in first_seen)
    elif first_seen:
        yield min(first_seen, key=lambda branch: first_seen[branch])


def default_branch(project: Project, repo: str, ledger: IncidentLedger) -> BranchRef:
    """The branch that a run builds by default; `HEAD` if unknown."""
    return next(followed_branches(project, repo, ledger), BranchRef(repo=repo, branch="HEAD"))


def _first_seen(repo: str, ledger: IncidentLedger) -> dict[BranchRef, float]:
    """The repository's branches, and when each was first seen, in seconds since 1970."""
    first_seen: dict[BranchRef, float] = {}
    for (branch, _), job_state in ledger.job_states.items():
        if branch.repo == repo:
            first_seen[branch] = min(job_state.listed, first_seen.get(branch, job_state.listed))
    return first_seen


def _limit(project: Project, schedule: str) -> float:
    """Seconds; 0 for never."""
    if schedule in SCHEDULED:
        return SCHEDULED[schedule]
    if schedule:
        return _cron(schedule.split())
    stale = project.mail.stale if project.mail else None
    return UNSCHEDULED if stale is None else float(stale)


def _cron(fields: list[str]) -> float:
    """The interval of a schedule of five fields, by the widest field that is set: days of the month, else days of the week; 0 for a month."""
    if len(fields) != 5 or fields[3] != "*":
        return 0.0
    if fields[2] != "*":
        return SCHEDULED["monthly"]
    return SCHEDULED["weekly"] if fields[4] != "*" else SCHEDULED["daily"]
