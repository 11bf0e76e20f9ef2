"""Branches that are no longer followed; otherwise their incidents would stay open for ever."""

from collections.abc import Callable, Iterator

from ciforge.model.incident import BranchRef, IncidentLedger, JobState, RunRef
from ciforge.model.project import Project
from ciforge.notify.deadlines import DAY, followed_branches

FORGOTTEN = 30 * DAY
"""Seconds without a run after which a branch that is not in `branches:` is dropped."""
Deleted = Callable[[RunRef, BranchRef], bool]
"""Whether a branch is known to be deleted since its last run."""


def named_branches(project: Project) -> Iterator[BranchRef]:
    """The branches in `branches:` of all repositories."""
    for repo, what in project.repos.items():
        yield from (BranchRef(repo=repo, branch=branch) for branch in what.branches)


def dropped_branches(
    project: Project, ledger: IncidentLedger, deleted: Deleted, now: float
) -> dict[BranchRef, str]:
    """Branches to drop, each with the reason that mails give."""
    branches: dict[BranchRef, list[JobState]] = {}
    for job_state in ledger.job_states.values():
        if not job_state.retired:
            branches.setdefault(job_state.branch_ref, []).append(job_state)
    found = (
        (branch, _why(project, ledger, branch, job_states, deleted, now))
        for branch, job_states in branches.items()
    )
    return {branch: why for branch, why in found if why}


def _why(
    project: Project,
    ledger: IncidentLedger,
    branch: BranchRef,
    job_states: list[JobState],
    deleted: Deleted,
    now: float,
) -> str:
    """Empty for a branch that is followed, or that was built recently."""
    if branch.repo not in project.repos:
        return f"{branch.repo} is no longer a repository of the project"
    if branch in followed_branches(project, branch.repo, ledger):
        return ""
    name = branch.branch or "a source without a branch"
    if project.repos[branch.repo].branches and any(job_state.followed for job_state in job_states):
        return f"{name} was removed from `branches:`"
    newest = max((job_state.newest for job_state in job_states), key=lambda point: point.sequence)
    if branch.branch and newest.revision and deleted(newest, branch):
        return f"{name} was deleted"
    last_built = max(newest.at, *(job_state.listed for job_state in job_states))
    days = FORGOTTEN / DAY
    return f"{name} has not been built for {days:.0f} days" if now - last_built > FORGOTTEN else ""
