"""How long a job may be without a definitive result before somebody is told."""

from collections.abc import Iterable, Iterator

from ciforge.model.incident import BranchRef, IncidentLedger, JobDeadline
from ciforge.model.job import Job
from ciforge.model.project import Project

DAY = 86400.0
SCHEDULED = {"daily": 3 * DAY, "weekly": 10 * DAY, "monthly": 40 * DAY}
"""A time that was missed once is told when the next one is near; a weekend alone is none."""
UNSCHEDULED = 14 * DAY
"""For jobs that run with every commit, where `mail: {stale: …}` does not say otherwise."""


def expected(
    project: Project, jobs: Iterable[Job], book: IncidentLedger
) -> tuple[JobDeadline, ...]:
    """What must have results: the listed jobs that can run, on the branches that are followed."""
    lines = {repo: tuple(followed_lines(project, repo, book)) for repo in project.repos}
    return tuple(
        JobDeadline(line=line, job=job.id, deadline=limit)
        for job in jobs
        if not job.skipped and (limit := _limit(project, job.schedule))
        for line in lines[job.repo]
    )


def followed_lines(project: Project, repo: str, book: IncidentLedger) -> Iterator[BranchRef]:
    """The branches that the project names and that ran, the first in any case; else the oldest known."""
    known = _first_heard(repo, book)
    branches = project.repos[repo].branches
    if branches:
        ours = [BranchRef(repo=repo, branch=branch) for branch in branches]
        yield from (line for line in ours if line is ours[0] or line in known)
    elif known:
        yield min(known, key=lambda line: known[line])


def usual_line(project: Project, repo: str, book: IncidentLedger) -> BranchRef:
    """The branch that a run without further words builds, as far as one knows."""
    return next(followed_lines(project, repo, book), BranchRef(repo=repo, branch="HEAD"))


def _first_heard(repo: str, book: IncidentLedger) -> dict[BranchRef, float]:
    """The repository's lines, and when each was first heard of in seconds since 1970."""
    heard: dict[BranchRef, float] = {}
    for (line, _), standing in book.standings.items():
        if line.repo == repo:
            heard[line] = min(standing.listed, heard.get(line, standing.listed))
    return heard


def _limit(project: Project, schedule: str) -> float:
    """Seconds; 0 for never."""
    if schedule in SCHEDULED:
        return SCHEDULED[schedule]
    if schedule:
        return _cron(schedule.split())
    stale = project.mail.stale if project.mail else None
    return UNSCHEDULED if stale is None else float(stale)


def _cron(fields: list[str]) -> float:
    """Of five fields, by the widest that is bound: a month or its days, else days of the week."""
    if len(fields) != 5 or fields[3] != "*":
        return 0.0
    if fields[2] != "*":
        return SCHEDULED["monthly"]
    return SCHEDULED["weekly"] if fields[4] != "*" else SCHEDULED["daily"]
