"""`ciforge audit` compares what caches say with a cold run, and believes no cache that said nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from command_tests import Past, Typed, Types

from ciforge.app import audit_run
from ciforge.app.run_settings import RunOptions
from ciforge.app.session import Request
from ciforge.engines.protocol import Stop
from ciforge.model.past_verdict import PastVerdict
from ciforge.model.result import Result, Status
from ciforge.store.past_verdicts import PastVerdicts, verdict_files

JOB = "daemon/debian-13/default"
STEP = "a" * 40 + "-" + "b" * 40 + ".step"
COMPILERS, STEPS = "compiler and configure cache", "saved steps"


@attrs.define
class Caches:
    """A session of one job; `saved`, `warm` and `cold` are its results with saved steps, caches and without."""

    state: Path
    archives: dict[str, SimpleNamespace]
    jobs: tuple[SimpleNamespace, ...]
    saved: Result
    warm: Result
    cold: Result
    header: dict[str, str] = attrs.field(factory=dict)
    """The config.h of `warm` and `cold`."""
    discarded: list[str] = attrs.field(factory=list)
    stop: Stop = attrs.field(factory=Stop)
    runs: list[str] = attrs.field(factory=list)
    has_volume: bool = True
    proven: bool = False
    """Whether the job as it is now is proven."""

    @property
    def engine(self) -> SimpleNamespace:
        return SimpleNamespace(
            discard_cache=self.discarded.append, has_cache=lambda _: self.has_volume
        )  # fmt: skip

    def finished_run(self, options: RunOptions) -> SimpleNamespace:
        """The run with these options, whose files are stored; its success becomes a proof."""
        kind = "cold" if not options.ccache else "saved" if options.saved_steps else "warm"
        result: Result = getattr(self, kind)
        self.runs.append(kind)
        run = f"20260101T00000{len(self.runs)}Z-aaaaaa"
        folder = self.state / "runs" / run / JOB.replace("/", ",") / "artifacts"
        folder.mkdir(parents=True)
        (folder / "config.h").write_text(self.header.get(kind, "the same"))
        self.prove(run)
        return SimpleNamespace(results=[result], record=SimpleNamespace(id=run))

    def prove(self, run: str) -> None:
        """Keeps a proof of the job."""
        inputs = f"{len(self.runs):064}"
        verdict = PastVerdict(inputs=inputs, job=JOB, run=run, ended="", passed=True)
        PastVerdicts(self.state, print).keep(verdict)


@pytest.fixture
def caches(past: Past, monkeypatch: pytest.MonkeyPatch) -> Caches:
    (past.state / "steps").mkdir(parents=True)
    (past.state / "steps" / STEP).write_text("saved")
    steps = (SimpleNamespace(name="configure"),)
    job = SimpleNamespace(
        id=JOB, repo="daemon", project="mine", skipped="", ccache=True, steps=steps
    )
    domain = SimpleNamespace(shares=True, followed=None)
    result = Result(job=JOB, status=Status.PASSED)
    made = Caches(
        past.state, {"daemon": SimpleNamespace(domain=domain)}, (job,), result, result, result
    )  # fmt: skip

    @contextmanager
    def opened(_: Request) -> Iterator[Caches]:
        yield made

    monkeypatch.setattr(audit_run, "open_session", opened)
    monkeypatch.setattr(audit_run, "finished_run", lambda _, options: made.finished_run(options))
    monkeypatch.setattr(audit_run, "is_proven", lambda *_: made.proven)
    monkeypatch.setattr(audit_run, "cache_volume", lambda *_: "volume-of-the-job")
    return made


def audited(typed: Typed) -> dict[str, Any]:
    """Caches to the audits of them."""
    lines = [json.loads(line) for line in typed.lines]
    return {line["cache"]: line for line in lines}


def test_cache_that_differs_is_removed_with_the_proofs_that_its_runs_left(
    caches: Caches, types: Types
) -> None:
    caches.header = {"warm": "forged"}
    caches.warm = attrs.evolve(caches.warm, cache_hits=2)
    typed = types("audit", "--json", "--sample", "9")
    found = audited(typed)[COMPILERS]
    assert (typed.code, found["differences"]) == (1, ["config.h differs"]), typed.err
    assert caches.discarded == ["volume-of-the-job"]
    assert verdict_files(caches.state) == ()
    assert found["dropped"] == "the volume volume-of-the-job, the proofs of the job"


def test_cache_that_answered_nothing_is_not_the_same(caches: Caches, types: Types) -> None:
    caches.warm = attrs.evolve(caches.warm, cache_hits=0)
    typed = types("audit", "--json", "--sample", "9")
    assert (typed.code, audited(typed)) == (3, {})
    assert f"{JOB}: {STEPS} had no answer" in typed.err
    assert f"{JOB}: {COMPILERS} had no answer" in typed.err


def test_cache_that_answered_is_compared(caches: Caches, types: Types) -> None:
    caches.saved = attrs.evolve(caches.saved, replayed=("configure",))
    caches.warm = attrs.evolve(caches.warm, cache_hits=1)
    typed = types("audit", "--sample", "9")
    assert (typed.code, typed.lines) == (
        0, [f"same     {JOB}  {STEPS}", f"same     {JOB}  {COMPILERS}"],
    ), typed.err  # fmt: skip


def test_ccache_that_keeps_no_record_is_compared_only_if_it_differs(
    caches: Caches, types: Types
) -> None:
    assert COMPILERS not in audited(types("audit", "--json", "--sample", "9"))
    caches.header = {"warm": "forged"}
    assert audited(types("audit", "--json", "--sample", "9"))[COMPILERS]["differences"]


def test_job_that_passes_only_without_its_saved_steps_differs(caches: Caches, types: Types) -> None:
    caches.saved = attrs.evolve(caches.saved, restarted="build failed after saved steps")
    typed = types("audit", "--json", "--sample", "9")
    (sentence,) = audited(typed)[STEPS]["differences"]
    assert (typed.code, sentence) == (
        1, "build failed after saved steps, and it passed without the cache",
    )  # fmt: skip
    assert not (caches.state / "steps" / STEP).exists()


def test_proof_of_another_revision_and_a_volume_that_is_not_there_are_no_cached_answers(
    caches: Caches, types: Types
) -> None:
    (caches.state / "steps" / STEP).unlink()
    caches.prove("20260101T000000Z-aaaaaa")
    caches.has_volume = False
    typed = types("audit")
    assert (typed.code, caches.runs) == (2, [])
    assert "no selected job has a cached answer" in typed.err
