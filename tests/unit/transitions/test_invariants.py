"""Whatever happens in whatever order: every breakage is told, none twice, and fixed means green."""

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from incident_story import DAY, HOUR, Story

from ciforge.model.incident import IncidentKind, IncidentStatus, Routing, Transition, TransitionKind
from examples import examples

pytestmark = pytest.mark.slow

JOBS = ("a", "b", "c")
WORDS = ("ok", "ok", "K", "L", "K+L", "infra", "cancelled")
MAILED = (Routing.ROOT, Routing.REPLY)


@attrs.frozen
class Run:
    """One run of some jobs."""

    new_commit: bool
    words: dict[str, str]
    hours: int


RUNS = st.lists(
    st.builds(
        Run,
        st.booleans(),
        st.dictionaries(st.sampled_from(JOBS), st.sampled_from(WORDS), min_size=1),
        st.integers(1, 80),
    ),
    max_size=12,
)
Seen = dict[str, tuple[str, frozenset[str]]]
"""Jobs to the commit and causes of their last definitive result."""


def shown(word: str) -> frozenset[str] | None:
    """The causes that a word means; None where it says nothing."""
    if word in ("infra", "cancelled"):
        return None
    return frozenset() if word == "ok" else frozenset(word.split("+"))


class Replay:
    """A story with a model of its own: what each job showed last."""

    def __init__(self) -> None:
        self.story = Story()
        self.seen: Seen = {}
        self.commit = 0

    def play(self, run: Run) -> tuple[Seen, tuple[Transition, ...]]:
        """What was seen before, and the changes."""
        self.commit += run.new_commit
        before = dict(self.seen)
        commit = f"c{self.commit}"
        self.story.run(commit, after=run.hours * HOUR, **run.words)
        for job, word in run.words.items():
            causes = shown(word)
            if causes is not None:
                self.seen[job] = (commit, causes)
        return before, self.story.changes


@given(RUNS)
@settings(max_examples=examples(150), deadline=None)
def test_new_breakage_is_recorded_and_mailed_at_a_new_commit(runs: list[Run]) -> None:
    replay = Replay()
    for run in runs:
        before, changes = replay.play(run)
        for job, word in run.words.items():
            commit, old = before.get(job, ("", frozenset()))
            for key in (shown(word) or frozenset()) - old:
                ways = {c.routing for c in changes if c.incident.key == key and job in c.jobs}
                assert ways & {Routing.ROOT, Routing.REPLY, Routing.DIGEST}
                assert commit == f"c{replay.commit}" or ways & set(MAILED)


@given(RUNS)
@settings(max_examples=examples(150), deadline=None)
def test_open_cause_is_not_mailed_twice(runs: list[Run]) -> None:
    replay = Replay()
    for run in runs:
        open_before = {i.key: i for i in replay.story.open() if i.kind is IncidentKind.CAUSE}
        before, changes = replay.play(run)
        for change in changes:
            known = open_before.get(change.incident.key)
            if change.incident.kind is not IncidentKind.CAUSE or change.routing is not Routing.ROOT:
                continue
            assert known is None or not known.root_mailed
        new = {
            key
            for job, word in run.words.items()
            for key in (shown(word) or frozenset()) - before.get(job, ("", frozenset()))[1]
        }
        grown = {
            c.incident.key
            for c in changes
            if c.kind in (TransitionKind.BROKEN, TransitionKind.SPREAD)
        }
        assert grown <= new | {key for key, known in open_before.items() if not known.root_mailed}


@given(RUNS)
@settings(max_examples=examples(150), deadline=None)
def test_run_records_each_transition_of_an_incident_once(runs: list[Run]) -> None:
    replay = Replay()
    for run in runs:
        _, changes = replay.play(run)
        said = [(change.incident.id, change.kind, change.jobs) for change in changes]
        assert len(said) == len(set(said))
        mailed = [(c.incident.id, c.kind) for c in changes if c.routing in MAILED]
        assert len(mailed) == len(set(mailed))


@given(RUNS)
@settings(max_examples=examples(150), deadline=None)
def test_fixed_is_recorded_if_and_only_if_all_jobs_pass(runs: list[Run]) -> None:
    replay = Replay()
    for run in runs:
        _, changes = replay.play(run)
        for change in changes:
            if change.kind is TransitionKind.FIXED:
                assert all(replay.seen[job][1] == frozenset() for job in change.incident.jobs)
        if all(causes == frozenset() for _, causes in replay.seen.values()):
            assert [i for i in replay.story.open() if i.kind is IncidentKind.CAUSE] == []


@given(RUNS)
@settings(max_examples=examples(150), deadline=None)
def test_open_incident_names_exactly_the_jobs_that_show_its_cause(runs: list[Run]) -> None:
    replay = Replay()
    for run in runs:
        replay.play(run)
        found = {i.key: set(i.broken) for i in replay.story.open() if i.kind is IncidentKind.CAUSE}
        shows: dict[str, set[str]] = {}
        for job, (_, causes) in replay.seen.items():
            for key in causes:
                shows.setdefault(key, set()).add(job)
        assert found == shows


@given(RUNS)
@settings(max_examples=examples(150), deadline=None)
def test_repeated_run_mails_nothing(runs: list[Run]) -> None:
    replay = Replay()
    for run in runs:
        replay.play(run)
    words = {job: "+".join(sorted(causes)) or "ok" for job, (_, causes) in replay.seen.items()}
    if words:
        replay.play(Run(True, words, 1))
        _, changes = replay.play(Run(True, words, 1))
        assert {change.routing for change in changes} <= {Routing.SILENT}


@given(RUNS)
@settings(max_examples=examples(100), deadline=None)
def test_infrastructure_changes_nothing_about_causes(runs: list[Run]) -> None:
    with_trouble, without = Replay(), Replay()
    for run in runs:
        calm = {job: word for job, word in run.words.items() if word not in ("infra", "cancelled")}
        with_trouble.play(run)
        without.play(attrs.evolve(run, words=calm))

    def causes(replay: Replay) -> list[tuple[str, IncidentStatus, tuple[str, ...]]]:
        known = replay.story.ledger.incidents.values()
        return [(i.key, i.status, i.broken) for i in known if i.kind is IncidentKind.CAUSE]

    assert causes(with_trouble) == causes(without)


@given(RUNS, st.lists(st.integers(1, 20), max_size=10))
@settings(max_examples=examples(100), deadline=None)
def test_time_alone_opens_and_ends_no_cause(runs: list[Run], days: list[int]) -> None:
    replay = Replay()
    for run in runs:
        replay.play(run)
    before = {i.id: i.status for i in replay.story.open() if i.kind is IncidentKind.CAUSE}
    for day in days:
        told = replay.story.wait(day * DAY)
        assert len(told) == len(set(told))
    after = {i.id: i.status for i in replay.story.open() if i.kind is IncidentKind.CAUSE}
    assert after == before
