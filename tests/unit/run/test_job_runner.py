"""What becomes of jobs, whatever their engine, their disk and their listeners do."""

import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from fakes import FakeEngine, prints, raises
from projects import plan

from ciforge.engines.protocol import (
    EngineExhausted,
    EngineUnreachable,
    LimitReached,
    OutOfTime,
    PrepareFailed,
    Stop,
    Stopped,
)
from ciforge.errors import EngineError, EngineLost
from ciforge.model.event import Event, JobEnded, OutputLine, RunEnded, StepEnded
from ciforge.model.job import Job
from ciforge.model.result import Limit, Run, SourceUsed, Status, StopSignal
from ciforge.model.source_version import SourceVersion
from ciforge.model.trust_domain import Trust, TrustDomain, alone, cache_volume
from ciforge.render.configure_cache import OUTCOME
from ciforge.run import job_execution
from ciforge.run.allocation import share
from ciforge.run.job_settings import SPARE, Archive, Settings
from ciforge.run.scheduler import run_all
from ciforge.store.runs.run_folder import RunFolder, read_result

TEXT = """
project: p
repos:
  tree:
    path: .
    recipe: make
    steps: {build: {run: make}, install: false, check: false}
variants: {other: {}, third: {}}
jobs: ["tree/debian-13/{default,other,third}"]
"""
JOBS = plan(TEXT).jobs
MORE = "configure: {run: ./configure}, build: {run: make, after: configure}"
CONFIGURED = plan(TEXT.replace("build: {run: make}", MORE)).jobs[:1]
BRANCH = TrustDomain(trust=Trust.BRANCH, facts=("main",))
TREE = TrustDomain(trust=Trust.TREE, facts=("here",), followed=BRANCH, about="working tree")
AGAIN = {OUTCOME: b"again\n"}
WHY = (
    "configure had other results with its cache",
    "configure failed, unconfirmed, with its cache",
)


@attrs.define
class Ran:
    """A run that has ended."""

    ended: RunEnded
    events: list[Event]
    folder: Path

    @property
    def result(self) -> JobEnded:
        return self.ended.results[0]


class Bench:
    """Runs jobs on an engine, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.stop = Stop()
        self.events: list[Event] = []
        self.domain = TREE
        self.hear: Callable[[Event], None] = self.events.append

    def settings(
        self,
        engine: FakeEngine,
        run_id: str = "20260101T000000Z-000000",
        timeout: int = 60,
        **more: bool,
    ) -> Settings:
        run = Run(id=run_id, project="p", started="", version="0")
        used = SourceUsed(repo="tree", origin="here")
        return Settings(
            run=run.id, project="p", engine=engine, folder=RunFolder.create(self.state, run),
            sources={"tree": Archive(file=self.state, used=used, domain=self.domain)}, emit=self.tell,
            share=share(2, 8 * 1024**3, jobs=1, wanted=3), stop=self.stop, timeout=timeout, **more,
        )  # fmt: skip

    def tell(self, event: Event) -> None:
        self.hear(event)

    def run(
        self,
        engine: FakeEngine,
        *jobs: Job,
        fail_fast: bool = False,
        keep: bool = False,
        ccache: bool = True,
    ) -> Ran:
        settings = self.settings(engine, keep=keep, ccache=ccache)
        ended = run_all(jobs or JOBS[:1], settings, fail_fast=fail_fast)
        assert engine.left == 0, "a box is left behind"
        return Ran(ended, self.events, settings.folder.path)


def test_result_says_what_the_checks_of_compiler_and_libraries_found(bench: Bench) -> None:
    text = "compiled: by gcc-12: gcc-12 (Debian) 12.4\ncompiled: with glibc 2.41\nlinked: /a: /b\n"
    ran = bench.run(FakeEngine({"build": prints(f"cc -c x.c\n{text}")}))
    built_with = ("by gcc-12: gcc-12 (Debian) 12.4", "with glibc 2.41")
    assert read_result(next(ran.folder.glob("*/result.json"))).built_with == built_with


def test_machine_of_a_job_has_the_version_of_its_source(bench: Bench) -> None:
    engine = FakeEngine()
    settings = bench.settings(engine)
    version = SourceVersion(revision="da2ab0b", describe="v1", time=0)
    sources = {"tree": attrs.evolve(settings.sources["tree"], version=version)}
    run_all(JOBS[:1], attrs.evolve(settings, sources=sources), fail_fast=False)
    (box,) = engine.opened
    assert box.plan is not None
    assert box.plan.env == version.variables


@pytest.mark.parametrize(("given", "limit"), [(None, 90), (60, 60)])
def test_job_timeout_is_its_own_unless_the_command_line_has_one(
    given: int | None, limit: int, bench: Bench
) -> None:
    engine = FakeEngine()
    settings = attrs.evolve(bench.settings(engine), timeout=given)
    run_all([attrs.evolve(JOBS[0], timeout=90)], settings)
    (box,) = engine.opened
    assert box.plan and box.plan.life == limit + SPARE


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(job_execution, "_PAUSE", 0.01)
    return Bench(tmp_path)


@pytest.mark.parametrize(
    ("act", "status", "reason"),
    [
        (prints("fine\n"), Status.PASSED, ""),
        (prints("bad\n", 2), Status.FAILED, "build ended with exit code 2"),
        (prints("", 137), Status.FAILED, "build was ended by signal 9"),
        (raises(OutOfTime(5, 3)), Status.TIMED_OUT, "still running at its limit"),
        (raises(LimitReached("it was full", Limit.DISK)), Status.FAILED, "it was full"),
        (raises(EngineLost("the engine went away")), Status.INFRASTRUCTURE, "went away"),
        (raises(EngineError("no room")), Status.INFRASTRUCTURE, "no room"),
        (raises(Stopped()), Status.CANCELLED, ""),
    ],
)
def test_step_outcome_becomes_the_job_status(
    bench: Bench, act: object, status: Status, reason: str
) -> None:
    ran = bench.run(FakeEngine(acts={"build": act}))
    assert ran.result.status is status
    assert reason in ran.result.result.reason
    assert read_result(next(ran.folder.glob("*/result.json"))).status is status


@pytest.mark.parametrize(
    ("act", "limit"),
    [
        (raises(OutOfTime(5, 3)), Limit.TIME),
        *((raises(LimitReached("no more", limit)), limit) for limit in Limit),
        (raises(EngineExhausted("no more", Limit.ENGINE_DISK)), Limit.ENGINE_DISK),
        (raises(EngineLost("the disk of the engine is full")), None),
        (prints("it used up its memory\n", 1), None),
    ],
)
def test_result_has_the_limit_that_the_engine_reports_and_reads_none_from_a_sentence(
    bench: Bench, act: object, limit: Limit | None
) -> None:
    ran = bench.run(FakeEngine(acts={"build": act}))
    assert read_result(next(ran.folder.glob("*/result.json"))).limit is limit


def test_image_that_fills_the_disk_of_the_engine_is_that_limit_in_the_result(bench: Bench) -> None:
    full = EngineExhausted("no room", Limit.ENGINE_DISK)
    ran = bench.run(FakeEngine(troubles=[full, full]))
    assert (ran.result.status, ran.result.result.limit) == (
        Status.INFRASTRUCTURE, Limit.ENGINE_DISK,
    )  # fmt: skip


def test_unknown_exit_code_stays_unknown(bench: Bench) -> None:
    ran = bench.run(FakeEngine(acts={"build": raises(EngineLost("cut"))}))
    codes = {e.step: e.exit_code for e in ran.events if isinstance(e, StepEnded)}
    assert codes == {"prepare": 0, "build": None}


def test_step_is_run_once(bench: Bench) -> None:
    engine = FakeEngine(acts={"build": raises(EngineLost("cut"))})
    bench.run(engine)
    assert [box.ran for box in engine.opened] == [["build"]]


def test_prepare_is_tried_twice(bench: Bench) -> None:
    engine = FakeEngine(troubles=[EngineError("the mirror does not answer")])
    ran = bench.run(engine)
    assert (ran.result.status, engine.prepared) == (Status.PASSED, 2)
    assert "once more" in next(ran.folder.glob("*/log.txt")).read_text()


@pytest.mark.parametrize(
    ("trouble", "status", "attempts"),
    [
        ([EngineError("dead"), EngineError("dead")], Status.INFRASTRUCTURE, 2),
        ([EngineUnreachable("nobody")], Status.INFRASTRUCTURE, 1),
        ([PrepareFailed("there is no package 'x'", 100)], Status.FAILED, 1),
        ([OutOfTime(5, 0)], Status.TIMED_OUT, 1),
        ([Stopped()], Status.CANCELLED, 1),
    ],
)
def test_prepare_outcome_becomes_the_job_status(
    bench: Bench, trouble: list[Exception], status: Status, attempts: int
) -> None:
    engine = FakeEngine(troubles=trouble)
    ran = bench.run(engine)
    assert (ran.result.status, engine.prepared) == (status, attempts)
    assert ran.result.result.failed_step == "prepare"


def test_artifacts_are_copied_whatever_the_job_status(bench: Bench) -> None:
    files = {"/ciforge/records/manifest.txt": b"file 644 root root /usr/local/bin/x\n"}
    ran = bench.run(FakeEngine(acts={"build": prints("", 1)}, files=files))
    assert ran.result.result.artifacts == ("manifest.txt",)
    assert next(ran.folder.glob("*/artifacts/manifest.txt")).read_bytes() in files.values()


@pytest.mark.parametrize(("code", "kept"), [(0, False), (1, True)])
def test_container_is_kept_only_if_the_job_did_not_pass(
    bench: Bench, code: int, kept: bool
) -> None:
    engine = FakeEngine(acts={"build": prints("", code)})
    ran = bench.run(engine, keep=True)
    assert (engine.opened[0].kept, bool(ran.result.result.kept_machine)) == (kept, kept)


def test_job_without_its_records_is_not_green(bench: Bench) -> None:
    def lose(hear: object, stop: object) -> int:
        shutil.rmtree(bench.state)
        return 0

    ran = bench.run(FakeEngine(acts={"build": lose}))
    assert ran.result.status is Status.INFRASTRUCTURE
    assert "its result cannot be written" in ran.result.result.reason


def test_jobs_end_and_are_recorded_when_the_reporter_is_gone(bench: Bench) -> None:
    def deaf(event: Event) -> None:
        if isinstance(event, OutputLine):
            raise BrokenPipeError(32, "Broken pipe")

    bench.hear = deaf
    engine = FakeEngine()
    with pytest.raises(BrokenPipeError):
        bench.run(engine, *JOBS)
    assert engine.left == 0
    assert bench.stop.asked
    results = [read_result(file).status for file in bench.state.rglob("result.json")]
    assert sorted(results, key=str) == [Status.CANCELLED, Status.CANCELLED, Status.PASSED]


def test_fail_fast_ends_the_other_jobs(bench: Bench) -> None:
    ran = bench.run(FakeEngine(acts={"build": prints("", 1)}), *JOBS, fail_fast=True)
    found = [one.status for one in ran.ended.results]
    assert found == [Status.FAILED, Status.CANCELLED, Status.CANCELLED]


def test_no_job_starts_after_a_stop_request(bench: Bench) -> None:
    bench.stop.ask("interrupted by SIGINT", StopSignal.INTERRUPT)
    bench.stop.ask("interrupted by SIGTERM", StopSignal.TERMINATE)
    engine = FakeEngine()
    ran = bench.run(engine, *JOBS)
    assert {one.status for one in ran.ended.results} == {Status.CANCELLED}
    assert {one.result.signal for one in ran.ended.results} == {StopSignal.INTERRUPT}
    assert (engine.prepared, engine.opened) == (0, [])


def test_signal_is_handled_in_whichever_thread_it_arrives(bench: Bench) -> None:
    def catch(_hear: object, stop: Stop) -> int:
        time.sleep(0.5)  # by now the main thread waits for this one
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
        if stop.wait(10):
            raise Stopped
        return 0

    before = signal.signal(signal.SIGUSR1, lambda *_: bench.stop.ask("interrupted by SIGUSR1"))
    try:
        ran = bench.run(FakeEngine(acts={"build": catch}))
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert ran.result.status is Status.CANCELLED


def test_results_of_a_run_are_in_the_order_of_the_jobs(bench: Bench) -> None:
    ran = bench.run(FakeEngine(), *JOBS)
    assert [one.job for one in ran.ended.results] == [job.id for job in JOBS]


@pytest.mark.parametrize("code", [0, 1])
def test_configure_with_an_invalid_cache_runs_again_without_it(bench: Bench, code: int) -> None:
    codes = [code, 0]
    engine = FakeEngine(acts={"configure": lambda _hear, _stop: codes.pop(0)}, files=AGAIN)
    ran = bench.run(engine, *CONFIGURED)
    first, second = engine.opened
    assert (first.ran, bool(first.ccache)) == (["configure"], True)
    assert (second.ran, second.ccache) == (["configure", "build"], "")
    assert ran.result.status is Status.PASSED
    assert [step.name for step in ran.result.result.steps] == ["prepare", "configure", "build"]
    assert ran.result.result.restarted == WHY[code]
    assert ran.result.result.cache_problems == (
        f"{WHY[code]}: what it has for these inputs is not used any more",
    )
    assert "starting again without the cache" in next(ran.folder.glob("*/log.txt")).read_text()


def test_configure_that_ran_again_counts_with_its_second_exit_code(bench: Bench) -> None:
    engine = FakeEngine(acts={"configure": prints("", 3)}, files=AGAIN)
    ran = bench.run(engine, *CONFIGURED)
    assert (ran.result.status, len(engine.opened)) == (Status.FAILED, 2)
    assert ran.result.result.reason == "configure ended with exit code 3"


def test_working_tree_job_writes_its_own_cache_and_reads_that_of_the_followed_branch(
    bench: Bench,
) -> None:
    engine = FakeEngine()
    ran = bench.run(engine, *CONFIGURED)
    plan = engine.opened[0].plan
    assert plan
    assert plan.ccache == cache_volume(CONFIGURED[0], TREE)
    assert plan.ccache_reads == cache_volume(CONFIGURED[0], BRANCH)
    assert plan.domain == TREE
    assert "cache: working tree\n" in next(ran.folder.glob("*/log.txt")).read_text()


def test_job_without_a_domain_has_no_cache_and_the_log_says_why(bench: Bench) -> None:
    bench.domain = alone("it has a patch")
    engine = FakeEngine()
    ran = bench.run(engine, *CONFIGURED)
    plan = engine.opened[0].plan
    assert plan
    assert (plan.ccache, plan.ccache_reads) == ("", "")
    assert "cache: none, it has a patch\n" in next(ran.folder.glob("*/log.txt")).read_text()


@pytest.mark.parametrize(
    ("answers", "hits"),
    [
        ("", None),
        ("hits 3\n", None),  # it did not answer to its end
        ("end\n", 0),
        ("hits 0\nconfigured\nend\n", 1),
        ("hits 12\nconfigured\nend\n", 13),
    ],
)
def test_result_has_the_number_of_answers_of_caches(
    bench: Bench, answers: str, hits: int | None
) -> None:
    assert bench.run(FakeEngine(caches=answers), *CONFIGURED).result.result.cache_hits == hits


def test_result_without_a_cache_has_no_answers_of_one(bench: Bench) -> None:
    engine = FakeEngine(caches="hits 1\nend\n")
    assert bench.run(engine, *CONFIGURED, ccache=False).result.result.cache_hits is None


def test_log_says_that_configure_reads_cannot_be_recorded(bench: Bench) -> None:
    ran = bench.run(FakeEngine(files={OUTCOME: b"unseen\n"}), *CONFIGURED)
    assert ran.result.status is Status.PASSED
    text = "--- ciforge: results of configure are not cached: file access times are not recorded here ---"
    assert text in next(ran.folder.glob("*/log.txt")).read_text().splitlines()


def test_log_says_nothing_of_recorded_reads_without_a_cache(bench: Bench) -> None:
    engine = FakeEngine(files=AGAIN)
    bench.run(engine, *CONFIGURED, ccache=False)
    assert [box.ran for box in engine.opened] == [["configure", "build"]]
