"""What is built next, and what becomes of commits that are not built."""

import itertools

import attrs
import pytest

from ciforge.model.watch_state import RefKind, WatchOutcome, WatchState
from ciforge.store.documents import dump, from_document, to_document
from ciforge.watch.watch_events import watch_events
from ciforge.watch.watch_queue import (
    ATTEMPTS,
    DAY,
    SEARCHES,
    next_waiting,
    seconds_left,
    with_failure,
    with_interruption,
    with_refs,
    with_result,
    with_search,
    with_start,
    without_others,
)

A, B, C, D = ("a" * 40, "b" * 40, "c" * 40, "d" * 40)
NOW = 1_770_000_000.0
RUN = "20260101T000000Z-aaaaaa"


def polled(state: WatchState, now: float = NOW, **refs: str) -> WatchState:
    """`main=A` is the branch, `v1=B` a tag, `p12=C` a pull request."""
    return with_refs(state, "portable", {_ref(name): at for name, at in refs.items()}, now)


def _ref(name: str) -> str:
    if name[0] == "p" and name[1:].isdigit():
        return f"pull/{name[1:]}/head"
    return f"tags/{name}" if name[0] == "v" else f"heads/{name}"


def waiting(state: WatchState) -> dict[str, str]:
    return {one.ref: one.commit for one in state.waiting}


def decided(state: WatchState) -> list[tuple[str, str, WatchOutcome]]:
    return [(one.ref, one.commit, one.outcome) for one in state.decisions]


def started(state: WatchState, now: float = NOW) -> WatchState:
    one = next_waiting(state, now)
    assert one is not None
    return with_start(state, one, 7, now)


def built(state: WatchState, commit: str, code: int = 0, now: float = NOW) -> WatchState:
    return with_result(started(state, now), commit, RUN, code, now, 10.0)


def test_first_poll_builds_branches_and_only_notes_tags_and_pull_requests() -> None:
    state = polled(WatchState(), main=A, stable=B, v1=C, p12=D)
    assert waiting(state) == {"heads/main": A, "heads/stable": B}
    later = polled(state, main=A, stable=B, v1=C, p12=D, v2=B, p13=C)
    assert waiting(later).keys() - waiting(state).keys() == {"tags/v2", "pull/13/head"}


def test_kind_that_is_followed_later_is_only_noted_at_first() -> None:
    branches = [RefKind.BRANCH]
    state = with_refs(WatchState(), "portable", {"heads/main": A}, NOW, branches)
    for kinds in ([*RefKind], branches, [*RefKind]):  # on, off, and on again
        state = without_others(state, ["portable"], kinds, NOW)
        refs = {"heads/main": A, "tags/v1": B, "pull/12/head": C}
        shown = {ref: at for ref, at in refs.items() if ref == "heads/main" or len(kinds) > 1}
        state = with_refs(state, "portable", shown, NOW, kinds)
    assert waiting(state) == {"heads/main": A}
    state = polled(state, main=A, v1=B, p12=C, v2=D, p13=D)
    assert waiting(state) == {"heads/main": A, "tags/v2": D, "pull/13/head": D}


def test_pull_requests_that_were_never_listed_are_only_noted() -> None:
    state = with_refs(WatchState(), "portable", {}, NOW, [RefKind.BRANCH, RefKind.TAG])
    assert waiting(polled(state, v1=A, p12=C)) == {"tags/v1": A}


def test_state_of_an_older_ciforge_tells_the_kinds_by_its_refs() -> None:
    document = to_document(polled(WatchState(), main=A, v1=B))
    del document["polled"]
    state = from_document(dump(document), WatchState)
    state = without_others(state, ["portable"], RefKind, NOW)
    assert waiting(polled(state, main=A, v1=B, v2=C, p12=D)) == {"heads/main": A, "tags/v2": C}


def test_commit_that_was_seen_is_not_queued_again() -> None:
    state = built(polled(WatchState(), main=A), A)
    assert polled(state, main=A) == state
    assert waiting(state) == {}


def test_newer_commit_supersedes_the_one_that_waits_and_takes_its_place() -> None:
    state = built(polled(WatchState(), main=A), A)
    state = polled(state, NOW + 1, main=B)
    state = polled(state, NOW + 2, main=C)
    assert decided(state)[1:] == [("heads/main", B, WatchOutcome.SUPERSEDED)]
    assert [(one.commit, one.before, one.since) for one in state.waiting] == [(C, B, NOW + 1)]
    assert state.decisions[-1].before == A
    assert "moved on to cccccccccccc" in state.decisions[-1].reason


def test_build_of_a_newer_commit_than_expected_decides_both() -> None:
    state = built(polled(WatchState(), main=A), B)
    assert decided(state) == [
        ("heads/main", A, WatchOutcome.SUPERSEDED),
        ("heads/main", B, WatchOutcome.BUILT),
    ]
    assert state.tips["portable"]["heads/main"] == B
    assert polled(state, main=B) == state


def test_ref_that_waits_longest_is_first_and_branches_are_before_pull_requests() -> None:
    state = built(built(polled(WatchState(), main=A, stable=A), A), A)
    state = polled(state, NOW + 1, main=A, stable=A, p1=D)
    state = polled(state, NOW + 2, main=B, stable=A, p1=D)
    state = polled(state, NOW + 3, main=C, stable=B, p1=D)
    order = []
    while one := next_waiting(state, NOW + 4):
        order.append((one.ref, one.commit))
        state = built(state, one.commit, now=NOW + 4)
    assert order == [("heads/main", C), ("heads/stable", B), ("pull/1/head", D)]


def test_tag_on_a_commit_that_a_branch_built_is_not_built_again() -> None:
    state = polled(polled(WatchState(), main=A), main=B, v1=B, v2=D)
    assert waiting(state) == {"heads/main": B, "tags/v1": B, "tags/v2": D}
    state = built(state, B, code=1)
    assert waiting(state) == {"tags/v2": D}
    assert decided(state)[-1] == ("tags/v1", B, WatchOutcome.SAME)
    assert (state.decisions[-1].run, state.decisions[-1].exit_code) == (RUN, 1)
    assert waiting(polled(state, main=B, v1=B, v2=D, v3=B)) == {"tags/v2": D}


def test_build_of_a_pull_request_is_no_build_of_the_branch() -> None:
    state = built(polled(WatchState(), main=A), A)
    state = built(polled(state, main=A, p1=B), B)
    state = polled(state, main=B, p1=B, v1=B)
    assert waiting(state) == {"heads/main": B, "tags/v1": B}


def test_deleted_ref_is_decided_and_built_if_it_comes_back() -> None:
    state = polled(WatchState(), main=A, stable=B)
    state = polled(state, main=A)
    assert decided(state) == [("heads/stable", B, WatchOutcome.DELETED)]
    assert waiting(polled(state, main=A, stable=B)) == {"heads/main": A, "heads/stable": B}


def test_refs_that_are_no_longer_followed_are_decided() -> None:
    state = polled(WatchState(), main=A)
    state = polled(state, main=A, v1=B)
    state = without_others(state, ["portable"], [RefKind.BRANCH], NOW)
    assert decided(state) == [("tags/v1", B, WatchOutcome.NOT_FOLLOWED)]
    state = without_others(state, ["other"], [*RefKind], NOW)
    assert (waiting(state), dict(state.tips)) == ({}, {})


def test_commit_that_cannot_be_built_is_tried_less_and_less_often_then_given_up() -> None:
    state, now, delays = polled(WatchState(), main=A), NOW, []
    for _ in range(ATTEMPTS - 1):
        state = with_failure(started(state, now), "no engine", now, 1.0, final=True)
        (one,) = state.waiting
        assert next_waiting(state, one.not_before - 1) is None
        delays.append(one.not_before - now)
        now = one.not_before
    assert delays[:3] == [60, 120, 240]
    assert max(delays) == 3600
    state = with_failure(started(state, now), "no engine", now, 1.0, final=True)
    assert decided(state) == [("heads/main", A, WatchOutcome.GIVEN_UP)]
    assert state.decisions[0].reason == f"no engine; given up after {ATTEMPTS} tries"


def test_commit_is_never_given_up_while_the_engine_fails_nor_held_by_a_clock_that_was_ahead() -> (
    None
):
    state, now = polled(WatchState(), main=A), NOW
    for _ in range(3 * ATTEMPTS):
        state = with_failure(started(state, now), "no engine", now, 1.0, final=False)
        (one,) = state.waiting
        assert next_waiting(state, now + 1) is None
        now = one.not_before
    assert next_waiting(state, now) == one
    assert next_waiting(state, NOW - 10 * DAY) == one


def test_interrupted_build_still_waits_and_counts_as_no_try() -> None:
    state = polled(WatchState(), main=A)
    stopped = with_interruption(started(state), NOW, 5.0)
    assert stopped.started is None
    assert stopped.waiting == state.waiting


def test_budget_is_what_builds_took_in_the_last_day() -> None:
    state = built(polled(WatchState(), main=A), A)
    assert seconds_left(state, None, NOW) is None
    assert seconds_left(state, 15, NOW) == 5
    assert seconds_left(state, 15, NOW + DAY + 1) == 15
    lost = with_interruption(started(polled(state, main=B)), NOW + 10 * DAY, None)
    assert lost.spent[-1].seconds == 3600


def test_pull_requests_that_wait_are_bounded() -> None:
    state = polled(WatchState(), main=A)
    many = {f"p{number}": f"{number:040x}" for number in range(1, 61)}
    state = polled(state, main=A, **many)
    assert len(state.waiting) == 51
    assert {one.outcome for one in state.decisions} == {WatchOutcome.GIVEN_UP}


def test_searches_end_after_some_tries_or_at_once() -> None:
    state = with_search(WatchState(), "x", NOW, 5.0, last=False)
    assert (state.searches["x"], state.spent[0].seconds) == (1, 5.0)
    assert with_search(state, "x", NOW, 5.0, last=True).searches["x"] == SEARCHES


@pytest.mark.parametrize("kept", [0, 999])
def test_every_change_is_an_event_once(kept: int) -> None:
    state = WatchState()
    state = built(polled(state, main=A), A)
    state = attrs.evolve(state, decisions=(state.decisions[0],) * kept)
    states = [state, polled(state, main=B)]
    states.append(started(states[-1]))
    states.append(with_failure(states[-1], "no engine", NOW, 1.0, final=True))
    states.append(started(states[-1], NOW + 60))
    states.append(with_result(states[-1], C, RUN, 1, NOW + 70, 1.0))
    changes = itertools.pairwise(states)
    events = [event for before, after in changes for event in watch_events(before, after)]
    assert [(one["event"], str(one["commit"])[0]) for one in events] == [
        ("seen", "b"), ("begun", "b"), ("failed", "b"), ("begun", "b"), ("superseded", "b"),
        ("built", "c"),
    ]  # fmt: skip
    assert (events[2]["reason"], events[2]["attempts"]) == ("no engine", 1)
    assert (events[-1]["run"], events[-1]["exit_code"]) == (RUN, 1)
