"""A job is proven by a run with the same inputs, and by nothing else."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from fakes import FakeEngine, prints
from test_job_runner import AGAIN, BRANCH, CONFIGURED, JOBS, TREE, Bench, Ran

from ciforge.engines.protocol import Image
from ciforge.model.job import Job
from ciforge.model.platform import Platform
from ciforge.model.result import Status
from ciforge.model.trust_domain import alone
from ciforge.run import proven_jobs
from ciforge.run.proven_jobs import LIFE, LIFE_ROLLING, ProvenJobs
from ciforge.run.scheduler import run_all
from ciforge.store.past_verdicts import PastVerdicts

JOB = JOBS[0]
CACHED = attrs.evolve(JOB, ccache=True)
FAILS = {"build": prints("no\n", 1)}


@attrs.define
class KnownEngine(FakeEngine):
    """A fake engine with a name, whose image is there."""

    name: str = "docker"
    image: str = "sha256:1"

    def identity(self) -> str:
        return self.name

    def existing_image(self, job: Job) -> Image | None:
        return Image(id=self.image, base="base@sha256:2") if self.image else None


class Prover:
    """Runs one job as several runs of one state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[str] = []
        self.source: dict[str, Any] = {"order": "0", "newest": 0}
        self.digest = "0"
        self.domain = TREE

    def runs(self, job: Job = JOB, engine: KnownEngine | None = None, **more: Any) -> Ran:
        """One run; `reads` is false for `--force`."""
        reads = more.pop("reads", True)
        bench = Bench(self.folder)
        bench.domain = self.domain
        engine = engine or KnownEngine()
        number = len(list(self.folder.glob("state/runs/*")))
        settings = bench.settings(engine, f"20260101T000000Z-00000{number}", **more)
        archive = settings.sources["tree"]
        used = attrs.evolve(archive.used, digest=self.digest)
        archive = attrs.evolve(archive, used=used, **self.source)
        store = PastVerdicts(bench.state, self.told.append)
        settings = attrs.evolve(
            settings, sources={"tree": archive},
            verdicts=ProvenJobs(store, engine, self.told.append, reads=reads),
        )  # fmt: skip
        ended = run_all([job], settings)
        return Ran(ended, bench.events, settings.folder.path)

    def proves(self, job: Job = JOB, engine: KnownEngine | None = None, **more: Any) -> bool:
        """Whether a job is proven now."""
        return bool(self.runs(job, engine, **more).result.result.proven_by)


@pytest.fixture
def prover(tmp_path: Path) -> Prover:
    return Prover(tmp_path)


def test_second_run_of_equal_inputs_is_proven_by_the_first(prover: Prover) -> None:
    first = prover.runs()
    engine = KnownEngine()
    second = prover.runs(engine=engine)
    result = second.result.result
    assert (result.status, result.proven_by) == (Status.PASSED, first.ended.run)
    assert re.fullmatch(rf"proven by run {first.ended.run}, [0-9]+ seconds? ago", result.reason)
    assert (result.steps, result.seconds, second.result.log) == ((), 0.0, "")
    assert engine.prepared == 0
    assert not engine.opened


def test_proven_job_is_proven_by_the_run_that_ran_it(prover: Prover) -> None:
    first = prover.runs()
    prover.runs()
    assert prover.runs().result.result.proven_by == first.ended.run


def test_forced_job_runs_and_is_proven_again(prover: Prover) -> None:
    prover.runs()
    assert not prover.proves(reads=False)
    assert prover.proves()


@pytest.mark.parametrize("change", [
    lambda prover: setattr(prover, "digest", "1"),
    lambda prover: prover.source.update(order="1"),
])  # fmt: skip
def test_edited_source_runs(change: Callable[[Prover], None], prover: Prover) -> None:
    prover.runs()
    change(prover)
    assert not prover.proves()
    assert prover.proves()


@pytest.mark.parametrize("engine", [{"name": "podman"}, {"image": "sha256:2"}, {"image": ""}])
def test_other_engine_or_image_runs(engine: dict[str, str], prover: Prover) -> None:
    prover.runs()
    assert not prover.proves(engine=KnownEngine(**engine))


def test_other_timeout_runs(prover: Prover) -> None:
    prover.runs()
    assert not prover.proves(timeout=77)


def _on_network(job: Job) -> Job:
    return attrs.evolve(job, steps=tuple(attrs.evolve(step, network=True) for step in job.steps))


def _emulated(job: Job) -> Job:
    return attrs.evolve(job, platform=Platform("linux", "s390x"))


@pytest.mark.parametrize(("job", "source"), [
    (_on_network(JOB), {}),
    (_emulated(JOB), {}),
    (JOB, {"order": ""}),
    (JOB, {"newest": 2**40}),
])  # fmt: skip
def test_job_with_unknown_inputs_is_never_proven(
    job: Job, source: dict[str, Any], prover: Prover
) -> None:
    prover.source |= source
    prover.runs(job)
    assert not prover.proves(job)


@pytest.mark.parametrize(("job", "engine", "domain"), [
    (JOB, {"acts": FAILS}, TREE),
    (CACHED, {}, BRANCH),
    (attrs.evolve(CONFIGURED[0], ccache=True), {"files": AGAIN}, TREE),
])  # fmt: skip
def test_job_is_not_proven_by_a_run_that_proves_nothing(
    job: Job, engine: dict[str, Any], domain: Any, prover: Prover
) -> None:
    prover.domain = domain
    prover.runs(job, KnownEngine(**engine))
    assert not prover.proves(job)


def test_failure_bars_a_later_proof_of_the_same_inputs(prover: Prover) -> None:
    prover.runs()
    assert prover.runs(engine=KnownEngine(acts=FAILS), reads=False).result.status is Status.FAILED
    assert not prover.proves()
    assert not prover.proves()
    prover.digest = "1"
    prover.runs()
    assert prover.proves()


def test_run_with_the_cache_of_a_tree_proves_that_tree_only(prover: Prover) -> None:
    prover.runs(CACHED)
    assert prover.proves(CACHED)
    prover.domain = attrs.evolve(TREE, facts=("elsewhere",))
    assert not prover.proves(CACHED)
    prover.domain = alone("a patch")
    assert not prover.proves(CACHED)


def test_run_without_a_cache_proves_the_job_in_every_domain(prover: Prover) -> None:
    prover.runs(CACHED, ccache=False)
    for domain in (TREE, BRANCH, alone("a patch")):
        prover.domain = domain
        assert prover.proves(CACHED)


@pytest.mark.parametrize(("rolling", "life"), [(False, LIFE), (True, LIFE_ROLLING)])
def test_proof_expires(
    rolling: bool, life: int, prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = attrs.evolve(JOB, release=attrs.evolve(JOB.release, rolling=rolling))
    prover.runs(job)
    now = proven_jobs.time.time()
    monkeypatch.setattr(proven_jobs.time, "time", lambda: now + life - 60)
    assert prover.proves(job)
    monkeypatch.setattr(proven_jobs.time, "time", lambda: now + life + 60)
    assert not prover.proves(job)


def test_proof_of_a_removed_run_is_none(prover: Prover) -> None:
    first = prover.runs()
    (first.folder / JOB.id.replace("/", ",") / "result.json").unlink()
    assert not prover.proves()


def test_edit_of_ciforge_during_a_run_proves_nothing(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = iter("01")
    monkeypatch.setattr(proven_jobs, "code_digest", lambda: next(digests))
    prover.runs()
    monkeypatch.setattr(proven_jobs, "code_digest", lambda: "0")
    assert not prover.proves()


def test_verdict_that_cannot_be_kept_is_reported_and_changes_no_result(prover: Prover) -> None:
    (prover.folder / "state").mkdir()
    (prover.folder / "state" / "verdicts").write_text("in the way")
    assert prover.runs().result.status is Status.PASSED
    assert any("was not kept" in sentence for sentence in prover.told)


def test_files_of_ciforge_that_vanish_during_a_run_change_no_result(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = iter(range(9))

    def vanishes() -> str:
        if next(calls):
            raise FileNotFoundError("a module that was removed")
        return "0"

    monkeypatch.setattr(proven_jobs, "code_digest", vanishes)
    assert prover.runs().result.status is Status.PASSED
    assert not any((prover.folder / "state").glob("verdicts/*"))
