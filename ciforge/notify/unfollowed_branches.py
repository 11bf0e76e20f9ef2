"""Branches that nobody follows any more: their incidents would be open, and reminded of, for ever."""

from collections.abc import Callable, Iterator

from ciforge.model.incident import BranchRef, IncidentLedger, JobState, RunRef
from ciforge.model.project import Project
from ciforge.notify.deadlines import DAY, followed_lines

FORGOTTEN = 30 * DAY
"""Seconds without a run after which a branch that the project does not name is given up."""
Deleted = Callable[[RunRef, BranchRef], bool]
"""Whether a line is known to be gone since its last run."""


def named_lines(project: Project) -> Iterator[BranchRef]:
    """What `branches:` names."""
    for repo, what in project.repos.items():
        yield from (BranchRef(repo=repo, branch=branch) for branch in what.branches)


def left_lines(
    project: Project, book: IncidentLedger, deleted: Deleted, now: float
) -> dict[BranchRef, str]:
    """Lines whose jobs are retired, and why, in words for a mail."""
    lines: dict[BranchRef, list[JobState]] = {}
    for standing in book.standings.values():
        if not standing.retired:
            lines.setdefault(standing.line, []).append(standing)
    found = (
        (line, _why(project, book, line, known, deleted, now)) for line, known in lines.items()
    )
    return {line: why for line, why in found if why}


def _why(
    project: Project,
    book: IncidentLedger,
    line: BranchRef,
    known: list[JobState],
    deleted: Deleted,
    now: float,
) -> str:
    """Empty for a line that is followed, or that somebody builds now and then."""
    if line.repo not in project.repos:
        return f"{line.repo} is no repository of the project any more"
    if line in followed_lines(project, line.repo, book):
        return ""
    name = line.branch or "what has no branch"
    if project.repos[line.repo].branches and any(standing.followed for standing in known):
        return f"the project does not name {name} any more"
    newest = max((standing.newest for standing in known), key=lambda point: point.sequence)
    if line.branch and newest.revision and deleted(newest, line):
        return f"{name} was deleted"
    heard = max(newest.at, *(standing.listed for standing in known))
    days = FORGOTTEN / DAY
    return f"nobody has built {name} for {days:.0f} days" if now - heard > FORGOTTEN else ""
