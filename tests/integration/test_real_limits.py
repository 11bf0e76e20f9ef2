"""Jobs side by side, limits of time, and ends that somebody asked for."""

import datetime
import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from rig import PATIENCE, Document, Ended, Person, boxes, trial

SLEEP = "echo begun; sleep 300"
STUBBORN = "trap '' TERM; echo begun; while :; do sleep 1; done"
VARIANTS: Document = {
    "fails": {"steps": {"nap": {"run": "echo begun; exit 9"}}},
    "short": {"steps": {"nap": {"run": "echo begun; sleep 3"}}},
    "brief": {"steps": {"nap": {"run": "echo begun; sleep 3"}}},
    "late": {"steps": {"nap": {"run": SLEEP, "timeout": 2}}},
    "stubborn": {"steps": {"nap": {"run": STUBBORN, "timeout": 2}}},
    "killed": {"steps": {"nap": {"run": "kill -KILL $$"}}},
    "left": {"steps": {"nap": {"run": "sleep 300 & echo begun"}}},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("limits")


@pytest.fixture(scope="module")
def person(home: Path) -> Person:
    """In a project whose jobs sleep for five minutes, unless a variant says otherwise."""
    folder = trial(home / "naps", {"nap": {"run": SLEEP}}, variants=VARIANTS)
    return Person(folder, home)


def _job(variant: str) -> str:
    return f"tree/debian-13/{variant}"


def _span(run: Ended, variant: str) -> tuple[datetime.datetime, datetime.datetime]:
    """When a job began and when it ended."""
    times = {
        event["event"]: datetime.datetime.fromisoformat(event["time"])
        for event in run.events
        if event.get("job") == _job(variant)
    }
    return times["job_started"], times["job_ended"]


@pytest.mark.parametrize(("at_once", "overlap"), [(2, True), (1, False)])
def test_jobs_option_runs_that_many_jobs_at_once(
    person: Person, at_once: int, overlap: bool
) -> None:
    run = person.runs("debian-13/{short,brief}", "--json", "-j", at_once)
    assert run.code == 0, run.told
    one, other = sorted(_span(run, variant) for variant in ("short", "brief"))
    assert (other[0] < one[1]) is overlap


def test_fail_fast_cancels_the_other_jobs(person: Person) -> None:
    run = person.runs("debian-13/{default,fails,short,brief}", "--fail-fast", "-j", 2)
    assert run.code == 1, run.told
    status = {job.split("/")[2]: result["status"] for job, result in run.results.items()}
    assert status == {
        "default": "cancelled", "fails": "failed", "short": "cancelled", "brief": "cancelled",
    }  # fmt: skip
    assert f"{_job('fails')} failed, and --fail-fast is set" in run.out


@pytest.fixture(scope="module")
def limited(person: Person) -> Ended:
    """Steps with limits of their own."""
    return person.runs("debian-13/{late,stubborn,killed,left}", "-j", 4)


@pytest.mark.parametrize(("variant", "least", "most"), [("late", 2, 60), ("stubborn", 12, 120)])
def test_step_that_ignores_sigterm_ends_at_its_time_limit(
    limited: Ended, variant: str, least: int, most: int
) -> None:
    assert limited.code == 1, limited.told
    result = limited.results[_job(variant)]
    assert (result["status"], result["failed_step"]) == ("timed-out", "nap")
    assert least <= result["steps"][-1]["seconds"] < most


def test_step_that_heeds_sigterm_is_not_killed(limited: Ended) -> None:
    heeds, ignores = (limited.results[_job(name)]["steps"][-1] for name in ("late", "stubborn"))
    assert heeds["seconds"] < ignores["seconds"]


def test_processes_of_a_step_at_its_time_limit_are_shown(limited: Ended) -> None:
    tail = limited.results[_job("late")]["tail"]
    assert tail[0] == "begun"
    assert any(line.split()[-2:] == ["sleep", "300"] for line in tail)


def test_killed_step_has_failed_and_its_signal_is_named(limited: Ended) -> None:
    result = limited.results[_job("killed")]
    assert (result["status"], result["failed_step"]) == ("failed", "nap")
    assert result["reason"] == "nap was ended by signal 9"


def test_background_process_does_not_delay_the_end_of_its_step(limited: Ended) -> None:
    result = limited.results[_job("left")]
    assert result["status"] == "passed"
    assert result["seconds"] < 60


def test_job_ends_at_its_time_limit(person: Person) -> None:
    run = person.runs("debian-13/default", "--timeout", 4)
    assert run.code == 1, run.told
    assert (run.result["status"], run.result["failed_step"]) == ("timed-out", "nap")
    assert 4 <= run.result["seconds"] < 60


def _interrupted(person: Person, number: int) -> Ended:
    """A run that got a signal as soon as its step had begun."""
    process = person.begins("debian-13/default")
    lines = _until_begun(process)
    process.send_signal(number)
    rest, err = process.communicate(timeout=120)
    return Ended(process.returncode, lines + rest, err, person.state)


def _until_begun(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    lines = ""
    until = time.monotonic() + PATIENCE
    for line in process.stdout:
        lines += line
        if json.loads(line).get("text") == "begun":
            return lines
        assert time.monotonic() < until
    raise AssertionError(lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_run_ends_with_130_and_leaves_no_container(
    person: Person, engine: Any, number: signal.Signals
) -> None:
    run = _interrupted(person, number)
    assert run.code == 130, run.told
    assert run.result["steps"][-1]["seconds"] < 60
    assert boxes(engine, run=run.folder.name) == []
    assert run.events[-1]["results"][0]["status"] == "cancelled"
    assert run.result["reason"] == f"interrupted by {number.name}"
    assert json.loads((run.folder / "run.json").read_text())["exit_code"] == 130


@pytest.mark.alone
def test_next_run_removes_the_leftovers_of_a_killed_run(person: Person, engine: Any) -> None:
    dead = _interrupted(person, signal.SIGKILL)
    assert len(boxes(engine, run=dead.folder.name)) == 1
    assert person.runs("debian-13/fails").code == 1
    assert boxes(engine, run=dead.folder.name) == []
    assert "did not finish" in person.types("history").out
