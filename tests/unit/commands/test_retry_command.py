"""`ciforge retry` repeats jobs whose last run failed, and no others."""

from conftest import Past, Types

from ciforge.model.result import Status

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
