"""Whose an open incident is, as far as that is known."""

import pytest

from ciforge.model.bisection import Bisection, Outcome
from ciforge.model.cause import Cause, Trouble
from ciforge.model.change import Commit, PackageChange
from ciforge.model.finding import FindingKind
from ciforge.model.incident import BranchRef, Incident, RunRef
from ciforge.model.open_cause import whose

COMMIT = Commit(revision="a" * 40, subject="")
LIBC = PackageChange(name="libc", before="1", after="2")


def incident(
    *packages: PackageChange,
    searched: bool = False,
    cause: Cause | None = None,
    bad: str = "a",
    unchanged: bool = False,
) -> Incident:
    found = Bisection(
        outcome=Outcome.GOOD_SHOWS_IT,
        job="a/b/c",
        at=0.0,
        commits=(COMMIT,),
        packages=packages,
        same_packages=unchanged,
    )
    return Incident(
        id="1", project="mine", branch_ref=BranchRef(repo="daemon"), key="k", cause=cause, bisection=found if searched else None,
        good=RunRef(revision="a" * 40), bad=RunRef(revision=bad * 40), same_packages=unchanged,
    )  # fmt: skip


CHANGED = Cause(key="k", kind=FindingKind.OTHER, findings={}, trouble=Trouble.DISTRIBUTION)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (incident(), "not the source: its commit did not change"),
        (incident(searched=True), "not the source: a commit that was green shows it now"),
        (incident(searched=True, bad="b"), "not the source: a commit that was green shows it now"),
        (incident(LIBC, searched=True), "the distribution's"),
        (incident(cause=CHANGED), "the distribution's"),
        (
            incident(unchanged=True),
            "not the source: its commit did not change; packages unchanged",
        ),
        (
            incident(unchanged=True, searched=True),
            "not the source: a commit that was green shows it now; packages unchanged",
        ),
        (
            incident(unchanged=True, bad="b"),
            "after commit aaaaaaaaaaaa, by bbbbbbbbbbbb at the latest; packages unchanged",
        ),
        (incident(bad="b"), "after commit aaaaaaaaaaaa, by bbbbbbbbbbbb at the latest"),
    ],
)
def test_only_changed_packages_or_the_cause_blame_the_distribution(
    given: Incident, told: str
) -> None:
    assert whose(given) == told
