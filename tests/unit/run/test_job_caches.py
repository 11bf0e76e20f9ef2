"""A failure in which the compiler cache had a part counts only if it is there without the cache, too."""

from pathlib import Path

import attrs
import pytest
from fakes import Act, FakeEngine, prints, raises
from test_job_runner import JOBS, TREE, Bench, Ran

from ciforge.engines.protocol import (
    EngineExhausted,
    LimitReached,
    OutOfTime,
    OutputHandler,
    Stop,
    Stopped,
)
from ciforge.errors import EngineError
from ciforge.model.result import Limit, Status
from ciforge.model.trust_domain import cache_volume
from ciforge.run.scheduler import run_all
from ciforge.store.runs.run_folder import read_result

ANSWERED = "hits 12\nend\n"
DAMAGED = "hits 0\ndamaged Failed to get result from 4t: Data corruption detected\nend\n"
VOLUME = cache_volume(JOBS[0], TREE)


@attrs.define
class Heard:
    """A run, and what a person was told meanwhile."""

    ran: Ran
    told: list[str]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def runs(bench: Bench, engine: FakeEngine, **more: bool) -> Heard:
    told = list[str]()
    settings = attrs.evolve(bench.settings(engine, **more), on_message=told.append)
    ended = run_all(JOBS[:1], settings)
    return Heard(Ran(ended, bench.events, settings.folder.path), told)


def in_turn(*acts: Act) -> Act:
    """A step that does another thing in each machine."""
    left = iter(acts)

    def act(hear: OutputHandler, stop: Stop) -> int:
        return next(left)(hear, stop)

    return act


def failing(*codes: int, caches: str = ANSWERED) -> FakeEngine:
    acts = (prints("main.c:1: error: no\n", code) for code in codes)
    return FakeEngine({"build": in_turn(*acts)}, caches=caches)


def test_failure_with_cached_answers_is_shown_at_once_and_repeated_without_caches(
    bench: Bench,
) -> None:
    engine = failing(2, 3)
    heard = runs(bench, engine)
    assert [bool(box.ccache) for box in engine.opened] == [True, False]
    assert heard.told == [
        "tree/debian-13/default: build failed, unconfirmed, with 12 cached answers; repeating it without caches\n"
        "    | main.c:1: error: no"
    ]
    result = read_result(next(heard.ran.folder.glob("*/result.json")))
    assert (result.status, result.reason) == (Status.FAILED, "build ended with exit code 3")
    assert (result.unconfirmed_step, result.cache_problems) == ("build", ())
    assert engine.discarded == [], "the cache was right"


def test_cache_with_which_a_job_failed_that_passes_without_it_is_named_and_removed(
    bench: Bench,
) -> None:
    engine = failing(2, 0)
    heard = runs(bench, engine)
    result = read_result(next(heard.ran.folder.glob("*/result.json")))
    assert (result.status, engine.discarded) == (Status.PASSED, [VOLUME])
    why = f"the cache of compilers was wrong: build failed with 12 cached answers, and not without; its volume {VOLUME} was removed"
    assert result.cache_problems == (why,)
    assert heard.told[-1] == f"tree/debian-13/default: {why}"
    assert why in next(heard.ran.folder.glob("*/log.txt")).read_text()


@pytest.mark.parametrize("caches", ["", "hits 0\nend\n", "end\n"])
def test_failure_in_which_no_cache_had_a_part_is_not_repeated(bench: Bench, caches: str) -> None:
    engine = failing(2, caches=caches)
    assert runs(bench, engine).ran.result.status is Status.FAILED
    assert len(engine.opened) == 1


def test_failure_with_answers_of_the_same_run_alone_is_not_repeated(bench: Bench) -> None:
    engine = failing(2)
    engine.had_cache = False
    result = runs(bench, engine).ran.result.result
    assert (result.status, result.cache_hits, len(engine.opened)) == (Status.FAILED, 12, 1)


@pytest.mark.parametrize("error", [OutOfTime(5, 3), LimitReached("full", Limit.DISK)])
def test_limit_that_was_reached_is_not_repeated(bench: Bench, error: Exception) -> None:
    engine = FakeEngine({"build": raises(error)}, caches=ANSWERED)
    assert not runs(bench, engine).ran.result.status.green
    assert len(engine.opened) == 1


def test_search_that_confirms_its_answer_itself_repeats_no_failure(bench: Bench) -> None:
    engine = failing(2)
    assert runs(bench, engine, confirms=False).ran.result.status is Status.FAILED


def test_repetition_that_was_stopped_is_no_verdict_and_names_the_step(bench: Bench) -> None:
    build = in_turn(prints("error: no\n", 1), raises(Stopped()))
    engine = FakeEngine({"build": build}, caches=ANSWERED)
    result = runs(bench, engine).ran.result.result
    assert (result.status, result.unconfirmed_step) == (Status.CANCELLED, "build")
    assert engine.discarded == []


def test_damaged_results_of_ccache_are_named_and_removed_and_prove_nothing(bench: Bench) -> None:
    engine = FakeEngine(caches=DAMAGED)
    heard = runs(bench, engine)
    (problem,) = heard.ran.result.result.cache_problems
    assert heard.ran.result.status is Status.PASSED
    assert "ccache refused damaged results, and compiled instead (Failed to get" in problem
    assert heard.told == [f"tree/debian-13/default: {problem}"]
    assert engine.discarded == [VOLUME]


def test_configuration_in_the_cache_is_named_and_removed(bench: Bench) -> None:
    engine = FakeEngine(caches="hits 1\nforeign ccache.conf\nend\n")
    (problem,) = runs(bench, engine).ran.result.result.cache_problems
    assert "it had a file ccache.conf, which nothing reads" in problem
    assert engine.discarded == [VOLUME]


def test_cache_that_cannot_be_removed_is_named_with_the_reason(bench: Bench) -> None:
    class Busy(FakeEngine):
        def discard_cache(self, volume: str) -> None:
            raise EngineError("a container uses it")

    (problem,) = runs(bench, Busy(caches=DAMAGED)).ran.result.result.cache_problems
    assert f"its volume {VOLUME} was not removed: a container uses it" in problem


@pytest.mark.parametrize(
    ("limit", "discarded"), [(Limit.ENGINE_DISK, [VOLUME]), (Limit.ENGINE_MEMORY, [])]
)
def test_full_disk_of_the_engine_evicts_the_cache_and_says_so(
    bench: Bench, limit: Limit, discarded: list[str]
) -> None:
    engine = FakeEngine({"build": raises(EngineExhausted("no room", limit))})
    heard = runs(bench, engine)
    assert heard.ran.result.status is Status.INFRASTRUCTURE
    assert engine.discarded == discarded
    assert [
        f"the disk of the engine is full: the cache of compilers had to go; its volume {VOLUME} was removed"
        in text
        for text in heard.told
    ] == [True] * len(discarded)
