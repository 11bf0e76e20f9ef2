"""The end of a run, for a person."""

import re

from ciforge.model.event import JobEnded, RunEnded
from ciforge.model.quantities import duration
from ciforge.model.result import Result, Status, StepResult
from ciforge.report.summary import summary
from tests.tables import each

RUN, TIME = "r1", "2026-11-22T14:40:57Z"
STATE = "/home/somebody/.local/state/ciforge/opensmtpd/runs/20261122T144057Z-1f3a9c"


def job(
    name: str,
    status: Status,
    seconds: float = 12.0,
    *,
    failed: str | None = None,
    exit_code: int | None = 2,
    reason: str = "",
    tail: tuple[str, ...] = (),
    allow_failure: bool = False,
) -> JobEnded:
    steps = (StepResult(name=failed or "", exit_code=exit_code, seconds=1.0, started=TIME),)
    result = Result(
        job=name,
        status=status,
        failed_step=failed,
        reason=reason,
        tail=tail,
        steps=steps if failed else (),
        allow_failure=allow_failure,
    )
    log = "" if status is Status.SKIPPED else f"{STATE}/{name.replace('/', ',')}/log.txt"
    return JobEnded(
        run=RUN, time=TIME, job=name, status=status, seconds=seconds, result=result, log=log
    )


def of(*jobs: JobEnded, color: bool = False, width: int | None = 80) -> str:
    ended = RunEnded(run=RUN, time=TIME, seconds=63.0, results=jobs)
    return summary(ended, lambda name: (f"again {name}", f"enter {name}"), color=color, width=width)


PASSED = job("portable/debian-13/default", Status.PASSED, 62.96)
FAILED = job(
    "portable/debian-13/clang",
    Status.FAILED,
    failed="build",
    tail=("a.c:1:1: error", "make: *** [a.o] Error 1"),
)
SKIPPED = job("extras/alpine-3.22/default", Status.SKIPPED, 0.0, reason="alpine has no pam")


def test_summary_has_a_block_per_failure_and_a_row_per_job() -> None:
    assert (
        of(PASSED, FAILED, SKIPPED)
        == f"""\
failed  portable/debian-13/clang  build, exit 2
    | a.c:1:1: error
    | make: *** [a.o] Error 1
    log     {STATE}/portable,debian-13,clang/log.txt
    repeat  again portable/debian-13/clang
    shell   enter portable/debian-13/clang

skipped  extras/alpine-3.22/default  alpine has no pam

passed   portable/debian-13/default         63.0 s
failed   portable/debian-13/clang    build  12.0 s
skipped  extras/alpine-3.22/default
logs: {STATE}/JOB/log.txt

1 passed, 1 failed, 1 skipped in 63 s"""
    )


def test_summary_in_a_pipe_has_the_log_in_every_row() -> None:
    row = of(PASSED, FAILED, width=None).splitlines()[-4]
    assert row == (
        f"passed  portable/debian-13/default         63.0 s  "
        f"{STATE}/portable,debian-13,default/log.txt"
    )


def test_summary_never_cuts_an_id() -> None:
    name = f"{'r' * 64}/{'d' * 64}/{'v' * 64}@armv7"
    assert of(job(name, Status.FAILED, failed="build"), width=40).count(f"{name} ") >= 2


@each(
    ("ended", "headline"),
    [
        (job("a/b-1/c", Status.FAILED, failed="check"), "failed  a/b-1/c  check, exit 2"),
        (
            job("a/b-1/c", Status.FAILED, failed="check", allow_failure=True),
            "failed (allowed)  a/b-1/c  check, exit 2",
        ),
        (
            job("a/b-1/c", Status.TIMED_OUT, failed="check", exit_code=None, reason="after 10 s"),
            "timed-out  a/b-1/c  check  after 10 s",
        ),
        (
            job("a/b-1/c", Status.INFRASTRUCTURE, failed="build", exit_code=None, reason="gone"),
            "infrastructure  a/b-1/c  build, exit status unknown  gone",
        ),
        (
            job("a/b-1/c", Status.INFRASTRUCTURE, reason="no \x1b[31mengine"),
            "infrastructure  a/b-1/c  no engine",
        ),
        (job("a/b-1/c", Status.CANCELLED, reason="Ctrl-C"), "cancelled  a/b-1/c  Ctrl-C"),
    ],
)
def test_summary_headline_has_step_and_exit_status(ended: JobEnded, headline: str) -> None:
    assert of(ended).splitlines()[0] == headline


def test_summary_offers_a_shell_only_for_failures_of_the_source() -> None:
    assert "enter" in of(job("a/b-1/c", Status.TIMED_OUT, failed="check"))
    lost = of(job("a/b-1/c", Status.INFRASTRUCTURE))
    assert "again a/b-1/c" in lost and "enter" not in lost


def test_summary_shows_the_last_25_lines_without_control_characters() -> None:
    tail = tuple(f"\x1b[31mline {number}\r\n" for number in range(40))
    text = of(job("a/b-1/c", Status.FAILED, failed="build", tail=tail))
    assert re.findall(r"\| (.*)", text) == [f"line {number}" for number in range(15, 40)]


def test_summary_counts_allowed_failures_separately() -> None:
    allowed = job("a/b-1/c", Status.FAILED, failed="build", allow_failure=True)
    assert of(PASSED, FAILED, allowed).endswith("1 passed, 1 failed, 1 failed (allowed) in 63 s")


def test_summary_of_a_run_without_jobs() -> None:
    assert of() == "no jobs in 63 s"


def test_summary_is_the_same_with_and_without_colours() -> None:
    jobs = (PASSED, FAILED, SKIPPED)
    painted = of(*jobs, color=True)
    assert "\x1b[" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == of(*jobs)


@each(
    ("seconds", "words"),
    [(0.4, "0 s"), (63.2, "63 s"), (119.6, "2 min 0 s"), (763, "12 min 43 s"), (7500, "2 h 5 min")],
)
def test_duration_uses_the_largest_fitting_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words
