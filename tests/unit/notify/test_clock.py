"""A clock that is wrong once, and a run that lies about its time, hide no later failure."""

from pathlib import Path

import attrs
import pytest
from followed import World, lines

from ciforge.model.message import Delivery
from ciforge.notify.pipeline import process_due
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.runs.run_folder import RunFolder, read_run, run_path

DAY = 86400.0
YEAR = 365 * DAY
BROKEN = "build:fatal error: event.h: No such file or directory"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(state=tmp_path, jobs=("portable/debian-13",))


def broken(world: World) -> dict[str, str]:
    return dict.fromkeys(world.ids, BROKEN)


def test_clock_a_year_ahead_during_one_run_hides_no_later_failure(world: World) -> None:
    world.run("a")
    world.now += YEAR
    world.run("b")
    world.now -= YEAR - DAY
    late = world.take(world.record("c", broken(world)))
    assert lines(late.messages) == ["broken > team"]
    assert any("the clock went back" in sentence for sentence in late.problems)


def test_reminders_and_deadlines_continue_after_the_clock_went_back(world: World) -> None:
    world.now += YEAR
    world.run("a", broken(world))
    world.now -= YEAR
    with Incidents.open(world.state) as incidents:
        (sentence,) = process_due(world.flow, incidents, (), world.now).problems
    assert "hours in the future" in sentence
    assert world.tick(25) == ["re still-broken > team"]
    assert "stale > team" in world.tick(24 * 20)


def test_mail_queued_in_the_future_is_sent_after_the_clock_went_back(world: World) -> None:
    world.now += YEAR
    world.run("a", broken(world))
    with Incidents.open(world.state) as incidents:
        (queued,) = incidents.outbox.due(world.now)
        put_off = [attrs.evolve(it, next_try=world.now + 300) for it in queued.recipients]
        incidents.outbox.put(put_off)
        world.now -= YEAR
        process_due(world.flow, incidents, (), world.now)
        (due,) = incidents.outbox.due(world.now)
    assert due.recipients[0].delivery is Delivery.QUEUED


@pytest.mark.slow
def test_mails_queued_in_the_future_do_not_count_for_the_hourly_limit(world: World) -> None:
    world.now += YEAR
    with Incidents.open(world.state) as incidents, incidents.writing("mine") as writing:
        assert writing.last_sequence() == 0
    for _ in range(11):
        world.run("a", broken(world))
        world.run("b")
    world.now -= YEAR
    with Incidents.open(world.state) as incidents, incidents.writing("mine") as writing:
        assert writing.settle(world.now) > YEAR - 2 * DAY
        assert writing.queued_since(world.now + 1) == 0


@pytest.mark.parametrize(
    "started", ["2999-01-01T00:00:00Z", "not a time", "0001-01-01T00:00:00+14:00"]
)
def test_run_with_a_false_start_time_hides_no_later_run(world: World, started: str) -> None:
    first = world.record("a")
    record = attrs.evolve(read_run(run_path(world.state, first)), started=started)
    renamed = RunFolder(run_path(world.state, first))
    renamed.finish(record)
    world.take(first)
    with Incidents.open(world.state) as incidents:
        standings = incidents.ledger("mine").job_states.values()
    assert {abs(standing.newest.at - world.now) < 2 * DAY for standing in standings} == {True}
    assert world.run("b", broken(world)) == ["broken > team"]
