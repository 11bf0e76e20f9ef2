"""The answer of a search: what is kept and printed, and the exit status."""

import time
from pathlib import Path

import attrs

from ciforge.app.bisect_build import Bisecting
from ciforge.bisect.judge import SoughtCause
from ciforge.bisect.search import SearchResult
from ciforge.model.bisection import Bisection, Outcome
from ciforge.model.change import Commit
from ciforge.model.job import Job
from ciforge.run.exit_status import INTERRUPTED
from ciforge.sources.commit_range import described
from ciforge.sources.git import Repository

_LISTED = 20
"""Commits of a range that an answer names."""


@attrs.frozen(kw_only=True)
class Bisected:
    """A search that ended, as it is printed."""

    job: Job
    project: str
    state: Path
    repository: Repository
    sought: SoughtCause
    good: str
    bad: str
    bisection: Bisection
    builds: int
    skipped: int
    flaky: int
    interrupted: bool


def bisection_of(work: Bisecting, answer: SearchResult) -> Bisection:
    commits = answer.commits[:_LISTED]
    described_commits = {commit.revision: commit for commit in described(work.repository, commits)}
    return Bisection(
        outcome=answer.outcome, job=work.job.id, at=time.time(),
        commits=tuple(described_commits.get(commit, Commit(revision=commit, subject="")) for commit in commits),
        more=len(answer.commits) - len(commits), parent=answer.parent, confirmed=answer.confirmed,
    )  # fmt: skip


def bisected_of(
    work: Bisecting, sought: SoughtCause, ends: tuple[str, str], bisection: Bisection, answer: SearchResult
) -> Bisected:  # fmt: skip
    return Bisected(
        job=work.job, project=work.project, state=work.state, repository=work.repository, sought=sought,
        good=ends[0], bad=ends[1], bisection=bisection, builds=work.builds, skipped=len(answer.skipped),
        flaky=len(answer.flaky), interrupted=work.interrupted,
    )  # fmt: skip


def exit_code_of(bisected: Bisected) -> int:
    """0 for a certain answer, 1 for one that was not confirmed, a range or none, 130 if interrupted."""
    if bisected.interrupted:
        return INTERRUPTED
    found = bisected.bisection
    certain = (
        found.confirmed
        if found.outcome is Outcome.FOUND
        else found.outcome is Outcome.GOOD_SHOWS_IT
    )
    return 0 if certain else 1
