"""The search for the commit that brought a cause, over histories made here."""

import math
import random
from collections.abc import Callable, Mapping

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciforge.bisect.commit_graph import CommitGraph
from ciforge.bisect.search import Build, Search, SearchResult, Verdict
from ciforge.model.bisection import Outcome

GOOD, BAD, OTHER, UNCLEAR = Verdict.GOOD, Verdict.BAD, Verdict.OTHER, Verdict.UNCLEAR
Judge = Callable[[Build], Verdict]


def line(length: int) -> CommitGraph:
    """`c1` … `cN` after the good `c0`."""
    parents = {f"c{at}": (f"c{at - 1}",) for at in range(1, length + 1)}
    return CommitGraph(good="c0", bad=f"c{length}", parents=parents)


def with_merges(length: int, chance: random.Random) -> CommitGraph:
    """A main line into which short branches are merged, as pull requests are."""
    parents: dict[str, tuple[str, ...]] = {}
    main = ["c0"]
    while len(parents) < length - 1:
        tip, start = "", chance.choice(main[-4:])
        for _ in range(min(chance.randint(0, 4), length - 2 - len(parents))):
            name = f"c{len(parents) + 1}"
            parents[name] = (tip or start,)
            tip = name
        name = f"c{len(parents) + 1}"
        parents[name] = (main[-1], tip) if tip else (main[-1],)
        main.append(name)
    parents[f"c{length}"] = (main[-1],)
    return CommitGraph(good="c0", bad=f"c{length}", parents=parents)


def showing(graph: CommitGraph, culprit: str) -> set[str]:
    """The culprit and its descendants."""
    bad = {culprit}
    for commit, parents in graph.parents.items():
        if not bad.isdisjoint(parents):
            bad.add(commit)
    return bad


def brought_by(graph: CommitGraph, culprit: str) -> Judge:
    """Every commit with the culprit among its ancestors shows the cause."""
    bad = showing(graph, culprit)
    return lambda build: BAD if build.commit in bad else GOOD


@attrs.frozen
class Done:
    answer: SearchResult
    builds: tuple[Build, ...]


def searched(
    graph: CommitGraph,
    judge: Judge,
    past: Mapping[str, Verdict] | None = None,
    *,
    doubtful: bool = False,
) -> Done:
    search, builds = Search(graph, past or {}, doubtful=doubtful), list[Build]()
    while isinstance(step := search.next(), Build):
        builds.append(step)
        assert len(builds) < 500
        search.record(step, judge(step))
    return Done(step, tuple(builds))


def bound(graph: CommitGraph) -> int:
    return math.ceil(math.log2(len(graph.parents))) + 2


@pytest.mark.parametrize("length", [1, 2, 3, 7, 64, 100])
def test_search_finds_each_commit_of_a_line_within_the_bound(length: int) -> None:
    graph = line(length)
    for culprit, commit in enumerate(graph.parents):
        done = searched(graph, brought_by(graph, commit))
        assert (done.answer.outcome, done.answer.commits) == (Outcome.FOUND, (commit,))
        assert (done.answer.parent, done.answer.confirmed) == (f"c{culprit}", True)
        assert len(done.builds) <= bound(graph)


@given(st.integers(0, 2**32), st.integers(1, 100))
def test_search_finds_each_commit_of_100_with_merges_within_the_bound(seed: int, at: int) -> None:
    graph = with_merges(100, random.Random(seed))
    done = searched(graph, brought_by(graph, f"c{at}"))
    if graph.bad in showing(graph, f"c{at}"):
        assert done.answer.commits == (f"c{at}",) and done.answer.confirmed
        assert len(done.builds) <= bound(graph)


@given(st.sets(st.integers(1, 99), max_size=30), st.integers(1, 100), st.integers(0, 2**32))
def test_commits_broken_for_another_reason_cost_one_build_each(
    broken: set[int], at: int, seed: int
) -> None:
    graph = with_merges(100, random.Random(seed))
    others, culprit = {f"c{one}" for one in broken}, f"c{at}"
    if graph.bad not in showing(graph, culprit):
        return
    truth = brought_by(graph, culprit)
    done = searched(graph, lambda build: OTHER if build.commit in others else truth(build))
    tried = {build.commit for build in done.builds} & others
    assert culprit in done.answer.commits
    assert {*done.answer.commits[:-1]} <= others or len(done.answer.commits) == 1
    assert len(done.builds) <= bound(graph) + len(tried)


def test_answer_is_a_range_if_only_skipped_commits_are_left() -> None:
    graph = line(100)
    judge = brought_by(graph, "c50")
    done = searched(
        graph, lambda build: OTHER if build.commit in ("c48", "c49", "c50") else judge(build)
    )
    assert done.answer.outcome is Outcome.RANGE
    assert done.answer.commits == ("c48", "c49", "c50", "c51")
    assert {*done.answer.skipped} == {"c48", "c49", "c50"}


@given(st.sets(st.integers(1, 99), max_size=10), st.integers(1, 100))
def test_unclear_commits_are_built_again_and_cost_two_builds_at_most(
    flaky: set[int], at: int
) -> None:
    graph, seen = line(100), set[str]()
    truth, flaky_ones = brought_by(graph, f"c{at}"), {f"c{one}" for one in flaky}

    def judge(build: Build) -> Verdict:
        first = build.commit not in seen
        seen.add(build.commit)
        return UNCLEAR if first and build.commit in flaky_ones else truth(build)

    done = searched(graph, judge)
    assert done.answer.commits == (f"c{at}",)
    met = flaky_ones & seen
    assert {*done.answer.flaky} == met
    assert len(done.builds) <= bound(graph) + 2 * len(met)


def test_commit_that_stays_unclear_is_skipped() -> None:
    graph = line(2)
    done = searched(graph, lambda build: UNCLEAR if build.commit == "c1" else BAD)
    assert [build.commit for build in done.builds] == ["c1", "c1"]
    assert (done.answer.outcome, done.answer.commits) == (Outcome.RANGE, ("c1", "c2"))


@given(st.integers(1, 100), st.integers(1, 100))
def test_wrong_verdict_of_a_build_with_caches_does_not_become_the_answer(
    liar: int, at: int
) -> None:
    graph = line(100)
    truth = brought_by(graph, f"c{at}")

    def judge(build: Build) -> Verdict:
        lies = not build.cold and build.commit == f"c{liar}"
        return {GOOD: BAD, BAD: GOOD}[truth(build)] if lies else truth(build)

    done = searched(graph, judge)
    assert (done.answer.commits, done.answer.confirmed) == ((f"c{at}",), True)
    assert len(done.builds) <= 2 * bound(graph)


def test_second_cause_is_found_among_commits_that_show_the_first() -> None:
    graph = line(100)
    first, second = brought_by(graph, "c20"), brought_by(graph, "c70")
    assert searched(graph, first).answer.commits == ("c20",)
    # The first one hides the second from c30 to c40.
    hidden = {f"c{at}" for at in range(30, 41)}
    done = searched(graph, lambda build: OTHER if build.commit in hidden else second(build))
    assert done.answer.commits == ("c70",)


def test_runs_of_history_are_not_built_again() -> None:
    graph = line(100)
    past = {f"c{at}": BAD if at >= 42 else GOOD for at in range(0, 101, 2)} | {"c41": BAD}
    done = searched(graph, brought_by(graph, "c41"), past)
    assert done.answer.commits == ("c41",)
    assert done.builds == (Build("c41", cold=True), Build("c40", cold=True))


def test_history_that_a_build_contradicts_is_dropped() -> None:
    graph = line(100)
    past = {"c60": BAD, "c59": GOOD}
    done = searched(graph, brought_by(graph, "c80"), past)
    assert done.answer.commits == ("c80",) and done.answer.confirmed


def test_good_end_that_shows_the_cause_now_is_the_answer() -> None:
    graph = line(100)
    done = searched(graph, lambda build: BAD)
    assert (done.answer.outcome, done.answer.commits) == (Outcome.GOOD_SHOWS_IT, ("c0",))
    early = searched(graph, lambda build: BAD, doubtful=True)
    assert early.answer == done.answer
    assert early.builds == (Build("c0", cold=True),)


def test_bad_end_that_lacks_the_cause_now_is_the_answer() -> None:
    graph = line(4)
    done = searched(graph, lambda build: GOOD)
    assert (done.answer.outcome, done.answer.commits) == (Outcome.BAD_LACKS_IT, ("c4",))


def test_bad_end_that_once_passed_is_built_before_it_is_called_good() -> None:
    graph = line(4)
    past = {"c3": GOOD, "c4": GOOD}
    done = searched(graph, brought_by(graph, "c4"), past)
    assert (done.answer.commits, done.answer.confirmed) == (("c4",), True)
    gone = searched(graph, lambda build: GOOD, past)
    assert gone.answer.outcome is Outcome.BAD_LACKS_IT
    assert gone.builds == (Build("c4", cold=True),)


@pytest.mark.parametrize("parent", [OTHER, UNCLEAR])
def test_parent_that_cannot_be_judged_is_not_said_to_lack_the_cause(parent: Verdict) -> None:
    past = {"c1": GOOD, "c2": BAD}
    done = searched(line(2), lambda build: parent if build.commit == "c1" else BAD, past)
    assert (done.answer.outcome, done.answer.commits) == (Outcome.FOUND, ("c2",))
    assert (done.answer.parent, done.answer.confirmed) == ("", False)


def test_doubtful_search_whose_bad_end_once_passed_says_what_is_left() -> None:
    search = Search(line(2), {"c2": GOOD}, doubtful=True)
    assert search.unfinished().commits == ("c1", "c2")


def test_answer_that_cannot_be_built_without_caches_is_not_confirmed() -> None:
    graph, past = line(2), {"c1": BAD, "c2": BAD}
    done = searched(graph, lambda build: OTHER, past)
    assert done.answer.commits == ("c1",)
    assert not done.answer.confirmed


def test_search_that_ends_early_says_what_is_left() -> None:
    search = Search(line(8), {})
    step = search.next()
    assert isinstance(step, Build)
    search.record(step, BAD)
    assert search.unfinished().commits == ("c1", "c2", "c3", "c4")


def test_graph_without_its_bad_commit_is_refused() -> None:
    with pytest.raises(ValueError, match="bad commit"):
        CommitGraph(good="c0", bad="c9", parents={"c1": ("c0",)})
