"""Steps over versions of packages, and the search over them."""

import math

import pytest

from ciforge.bisect.search import Build, Search, SearchResult, Verdict
from ciforge.bisect.version_chain import VersionChain, version_chain
from ciforge.model.bisection import Outcome
from ciforge.model.change import PackageChange


def change(name: str, before: str, after: str) -> PackageChange:
    return PackageChange(name=name, before=before, after=after)


LISTED = [str(version) for version in range(1, 9)]


def test_packages_with_the_same_versions_change_together() -> None:
    chain = version_chain(
        [change("a", "1", "2"), change("a-dev", "1", "2"), change("b", "5", "7")],
        {"a": LISTED, "a-dev": LISTED, "b": LISTED},
    )
    assert [step.title for step in chain.steps] == ["a, a-dev 1 -> 2", "b 5 -> 6", "b 6 -> 7"]
    assert chain.at(0) == {"a": "1", "a-dev": "1", "b": "5"}
    assert chain.at(2) == {"a": "2", "a-dev": "2", "b": "6"}


@pytest.mark.parametrize(
    ("one", "listed", "path"),
    [
        (change("a", "0", "3"), LISTED[1:], ["2", "3"]),  # the version of the green build is gone
        (change("a", "7", "5"), LISTED, ["7", "6", "5"]),  # an older version came back
        (change("a", "1", "9"), LISTED, []),  # what is installed is in no index
        (change("a", "0", "1"), LISTED, []),  # no earlier version is left
        (change("a", "", "3"), LISTED, []),  # a package that was added
        (change("a", "3", ""), LISTED, []),
    ],
)
def test_steps_are_those_of_versions_that_can_be_had(
    one: PackageChange, listed: list[str], path: list[str]
) -> None:
    chain = version_chain([one], {"a": listed})
    assert [step.before for step in chain.steps] + path[-1:] == path


def searched(
    chain: VersionChain, culprit: int, uninstallable: tuple[int, ...] = ()
) -> tuple[SearchResult, int]:
    """The result, and how many builds it took without that of now."""
    graph = chain.graph()
    search, builds = Search(graph, {}, doubtful=True), 0
    search.record(Build(graph.bad, cold=True), Verdict.BAD)
    while not isinstance(step := search.next(), SearchResult):
        state, builds = int(step.commit), builds + 1
        verdict = Verdict.BAD if state >= culprit else Verdict.GOOD
        search.record(
            Build(step.commit, cold=True), Verdict.OTHER if state in uninstallable else verdict
        )
    return step, builds


@pytest.mark.parametrize("many", [1, 2, 3, 7, 10, 33])
def test_search_over_versions_takes_few_builds_with_both_ends(many: int) -> None:
    listed = [str(version) for version in range(many + 1)]
    chain = version_chain([change("a", "0", str(many))], {"a": listed})
    for culprit in range(1, many + 1):
        found, builds = searched(chain, culprit)
        assert (found.outcome, found.commits, found.confirmed) == (
            Outcome.FOUND, (str(culprit),), True,
        )  # fmt: skip
        assert builds + 1 <= math.ceil(math.log2(many)) + 2


def test_search_over_versions_leaves_out_what_does_not_install() -> None:
    chain = version_chain([change("a", "1", "8")], {"a": LISTED})
    found, _ = searched(chain, 4, uninstallable=(4,))
    assert (found.outcome, found.commits) == (Outcome.RANGE, ("4", "5"))


def test_search_over_versions_ends_if_the_earliest_ones_show_the_cause() -> None:
    chain = version_chain([change("a", "1", "8")], {"a": LISTED})
    found, builds = searched(chain, 0)
    assert (found.outcome, builds) == (Outcome.GOOD_SHOWS_IT, 1)
