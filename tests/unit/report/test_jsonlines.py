"""The stream of events for programs."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciforge.model.event import (
    Event,
    JobEnded,
    JobStarted,
    OutputLine,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarted,
)
from ciforge.model.result import Result, SourceUsed, Status
from ciforge.report.jsonlines import json_line
from tests.tables import each

GOLDEN = Path(__file__).parents[2] / "golden/events/stream.jsonl"
RUN, JOB = "20261122T144057Z-1f3a9c", "portable/debian-13/default"
EXTRA = "extras/alpine-3.22/clang@arm64"


def at(second: int) -> str:
    return f"2026-11-22T14:40:{second:02}.250Z"


FAILED = JobEnded(
    run=RUN,
    time=at(9),
    job=JOB,
    status=Status.FAILED,
    seconds=8.12345,
    result=Result(job=JOB, status=Status.FAILED, failed_step="build"),
    log=f"/state/runs/{RUN}/portable,debian-13,default/log.txt",
)
SKIPPED = JobEnded(
    run=RUN,
    time=at(1),
    job=EXTRA,
    status=Status.SKIPPED,
    seconds=0.0,
    result=Result(job=EXTRA, status=Status.SKIPPED, reason="alpine has no 'pam' — see where"),
    log="",
)
STREAM: tuple[Event, ...] = (
    RunStarted(
        run=RUN,
        time=at(0),
        jobs=(JOB, EXTRA),
        sources=(
            SourceUsed(
                repo="portable",
                origin="/src/portable",
                revision="1f" * 20,
                changes=2,
                patch="fix.diff",
                digest="ab" * 32,
            ),
            SourceUsed(repo="extras", origin="https://example.org/extras.git"),
        ),
    ),
    SKIPPED,
    JobStarted(run=RUN, time=at(1), job=JOB),
    StepStarted(run=RUN, time=at(1), job=JOB, step="build"),
    OutputLine(
        run=RUN, time=at(2), job=JOB, step="build", text='\x1b[31mé "x"\x9b\x7f\u202e\udcff\t'
    ),
    StepEnded(run=RUN, time=at(8), job=JOB, step="build", exit_code=2, seconds=7.0),
    StepEnded(run=RUN, time=at(8), job=JOB, step="check", exit_code=None, seconds=0.5),
    FAILED,
    RunEnded(run=RUN, time=at(9), seconds=9.0, results=(FAILED, SKIPPED)),
)


def test_json_lines_equal_the_golden_stream(request: pytest.FixtureRequest) -> None:
    text = "".join(json_line(event) + "\n" for event in STREAM)
    if request.config.getoption("--update-golden", default=False):
        GOLDEN.write_text(text, encoding="ascii")
    assert text == GOLDEN.read_text(encoding="ascii")


@each("event", STREAM)
def test_json_line_has_event_time_and_version(event: Event) -> None:
    document = json.loads(json_line(event))
    assert list(document)[:4] == ["v", "event", "run", "time"]
    assert (document["v"], document["run"], document["time"]) == (1, RUN, event.time)


@given(st.text(st.characters()))
def test_json_line_keeps_any_text_in_ascii(text: str) -> None:
    line = json_line(OutputLine(run=RUN, time=at(0), job=JOB, step="build", text=text))
    assert json.loads(line)["text"] == text
    assert line.isascii() and line.isprintable()


@pytest.mark.parametrize("seconds", [float("nan"), float("inf")])
def test_json_line_has_null_for_seconds_that_are_not_finite(seconds: float) -> None:
    ended = StepEnded(run=RUN, time=at(0), job=JOB, step="build", exit_code=0, seconds=seconds)
    assert json.loads(json_line(ended))["seconds"] is None
