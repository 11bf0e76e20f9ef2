"""`ciforge retry` repeats jobs whose last run failed, and no others."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import attrs
import pytest
from command_tests import Past, Types

from ciforge.app import retry_run
from ciforge.app.session import Request
from ciforge.engines.protocol import Stop
from ciforge.model.result import Result, Status

JOBS = ("daemon/debian-12/default", "daemon/debian-13/default")


def test_retry_without_a_failed_job_says_so(types: Types, past: Past) -> None:
    past.run("20261101T000000Z-aaaaaa", "2026-11-01T00:00:00Z", {JOBS[0]: Status.FAILED})
    past.run("20261102T000000Z-bbbbbb", "2026-11-02T00:00:00Z", dict.fromkeys(JOBS, Status.PASSED))
    typed = types("retry")
    assert (typed.code, typed.out) == (2, "")
    assert "no selected job failed in its last run" in typed.err
    assert "hint: `ciforge run` runs jobs that did not fail" in typed.err


def test_retry_of_a_failed_job_needs_the_engine(types: Types, past: Past) -> None:
    past.run("20261101T000000Z-aaaaaa", "2026-11-01T00:00:00Z", {JOBS[0]: Status.TIMED_OUT})
    assert types("retry", "debian-13").code == 2
    assert types("retry").code == 3


@attrs.define
class KeptContainer:
    """A container that was kept of the first job; `result` is what its repetition comes to."""

    result: Result
    stop: Stop = attrs.field(factory=Stop)


@pytest.fixture
def kept(past: Past, monkeypatch: pytest.MonkeyPatch) -> KeptContainer:
    made = KeptContainer(Result(job=JOBS[0], status=Status.FAILED))
    past.run("20261101T000000Z-aaaaaa", "2026-11-01T00:00:00Z", {JOBS[0]: Status.FAILED})

    @contextmanager
    def opened(_: Request) -> Iterator[SimpleNamespace]:
        job = SimpleNamespace(id=JOBS[0])
        yield SimpleNamespace(state=past.state, jobs=(job,), stop=made.stop)

    monkeypatch.setattr(retry_run, "open_session", opened)
    monkeypatch.setattr(retry_run, "repetitions_of", lambda *_: iter([made]))
    monkeypatch.setattr(retry_run, "_repeat", lambda *_: {JOBS[0]: made.result})
    return made


@pytest.mark.parametrize(("allowed", "code"), [(False, 1), (True, 0)])
def test_failure_in_a_kept_container_has_the_exit_status_of_a_run(
    kept: KeptContainer, types: Types, allowed: bool, code: int
) -> None:
    kept.result = attrs.evolve(kept.result, allow_failure=allowed)
    assert types("retry").code == code


def test_retry_that_is_interrupted_exits_130(kept: KeptContainer, types: Types) -> None:
    kept.stop.ask("SIGINT")
    assert types("retry").code == 130
