"""The live table fits its terminal."""

import io
import time

import pytest
from rich.console import Console

from ciforge.model.event import (
    JobEnded,
    JobStarted,
    OutputLine,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarted,
)
from ciforge.model.result import Result, Status
from ciforge.report.live_table import LiveTable, table_lines
from ciforge.report.progress import Board
from tests.tables import each

RUN, TIME = "r1", "2026-11-22T14:40:57Z"


def job_id(number: int) -> str:
    return f"portable/debian-13/variant-{number:03}"


def board(jobs: int, running: int, passed: int = 0) -> Board:
    """`running` jobs run since second 10 of a run of `jobs`; `passed` others have ended before."""
    made = Board()
    ids = tuple(map(job_id, range(jobs)))
    made.handle(RunStarted(run=RUN, time=TIME, jobs=ids, sources=()), 0.0)
    for number, job in enumerate(ids[: running + passed]):
        made.handle(JobStarted(run=RUN, time=TIME, job=job), 10.0)
        made.handle(StepStarted(run=RUN, time=TIME, job=job, step="build"), 10.0)
        if number >= running:
            made.handle(ended(job, Status.PASSED), 12.0)
    return made


def ended(job: str, status: Status, reason: str = "") -> JobEnded:
    result = Result(job=job, status=status, reason=reason)
    return JobEnded(run=RUN, time=TIME, job=job, status=status, seconds=2.0, result=result, log="")


def say(to: Board, text: str) -> None:
    to.handle(OutputLine(run=RUN, time=TIME, job=job_id(0), step="build", text=text), 11.0)


def shown(of: Board, width: int = 80, height: int = 24) -> list[str]:
    return [line.plain for line in table_lines(of, 13.0, width, height)]


def test_live_table_shows_step_seconds_and_last_line_of_a_running_job() -> None:
    one = board(1, 1)
    say(one, "cc -c a.c")
    assert shown(one) == [
        "portable/debian-13/variant-000  build       3 s  cc -c a.c",
        "1 running, 0 waiting; 13 s",
    ]


def test_live_table_shows_the_time_that_is_left_if_every_job_has_a_history() -> None:
    some = board(3, 1, passed=1)
    some.at_once = 1
    some.expected = {job_id(0): 60.0}
    assert shown(some)[-1] == "1 running, 1 waiting, 1 passed; 13 s"
    some.expected = {job_id(0): 60.0, job_id(2): 30.0}
    assert shown(some)[-1] == "1 running, 1 waiting, 1 passed; 13 s, about 87 s left"


def test_live_table_shows_finished_jobs_below_the_running_ones() -> None:
    some = board(3, 1, passed=1)
    some.handle(ended(job_id(2), Status.SKIPPED, "no pam"), 12.0)
    assert shown(some) == [
        "portable/debian-13/variant-000  build         3 s  ",
        "portable/debian-13/variant-002  skipped       2 s  no pam",
        "portable/debian-13/variant-001  passed        2 s  ",
        "1 running, 0 waiting, 1 passed, 1 skipped; 13 s",
    ]


def test_live_table_ignores_empty_lines_and_the_end_of_a_step() -> None:
    one = board(1, 1)
    say(one, "cc -c a.c")
    before = shown(one)
    say(one, " \x1b[0m ")
    one.handle(
        StepEnded(run=RUN, time=TIME, job=job_id(0), step="build", exit_code=0, seconds=1), 12.0
    )
    one.handle(RunEnded(run=RUN, time=TIME, seconds=1.0, results=()), 12.0)
    assert shown(one) == before


@pytest.mark.parametrize("height", [1, 2, 3, 10, 24, 60])
@pytest.mark.parametrize(("running", "passed"), [(0, 0), (1, 0), (4, 200), (300, 0)])
def test_live_table_of_300_jobs_fits_the_height(height: int, running: int, passed: int) -> None:
    lines = shown(board(300, running, passed), height=height)
    assert len(lines) <= max(height - 1, 1)
    assert f"{running} running" in lines[-1]


def test_live_table_counts_running_jobs_without_room() -> None:
    assert shown(board(300, 300), height=12)[-1].startswith("300 running (290 not shown), 0 wait")


@each("width", [1, 20, 40, 80])
def test_live_table_keeps_a_hostile_line_in_its_row(width: int) -> None:
    one = board(1, 1)
    say(one, "\x1b[2J\x1b]0;title\x07[bold]" + "測" * 300)
    lines = table_lines(one, 13.0, width, 24)
    assert all(line.cell_len <= width for line in lines)
    assert "\x1b" not in lines[0].plain


def test_live_table_is_erased_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=60, height=10, _environ={})
    with LiveTable(console, time.monotonic) as table:
        table.handle(RunStarted(run=RUN, time=TIME, jobs=(job_id(0),), sources=()))
        table.handle(JobStarted(run=RUN, time=TIME, job=job_id(0)))
        print("the answer")
        time.sleep(0.3)
    assert job_id(0) in out.getvalue()
    assert out.getvalue().endswith("\x1b[2K")
    assert "the answer" not in out.getvalue()
    assert capsys.readouterr().out == "the answer\n"
