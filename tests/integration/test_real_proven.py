"""A job that passed is not run again until one of its inputs changes, with a real engine."""

import json
import os
import signal
from pathlib import Path

import pytest
from rig import Ended, Person, commit, git, trial

from ciforge.store.past_verdicts import FOLDER, verdict_files
from ciforge.store.runs.run_folder import run_path

TRIAL = "tree/debian-13/default"


@pytest.fixture(scope="module")
def at_home(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Somebody in a checkout whose job passed once."""
    folder = tmp_path_factory.mktemp("proven")
    person = Person(trial(folder / "here", {"act": {"run": "cat README"}}), folder / "home")
    git(person.here, "init", "--quiet")
    commit(person.here, "A job")
    first = _runs(person)
    assert first.code == 0, first.told
    return person


def _runs(person: Person, *words: object) -> Ended:
    return person.types("run", *words)


def _proven_by(ended: Ended) -> str:
    """The run that proved the only job; empty where it ran and passed."""
    assert ended.code == 0, ended.told
    return str(ended.result["proven_by"])


def test_job_is_proven_only_while_its_inputs_are_the_same(at_home: Person) -> None:
    source = at_home.here / "tree" / "README"
    text, info = source.read_text(), source.stat()
    again = _runs(at_home)
    run = _proven_by(again)
    assert f"ok    {TRIAL}  proven by run {run}, " in again.err
    assert run in again.out
    assert again.result["steps"] == [], "it ran"
    os.utime(source)
    assert _proven_by(_runs(at_home)) == run
    source.write_text(text + "\n")
    assert not _proven_by(_runs(at_home)), "a byte was added"
    source.write_text(text)
    assert _proven_by(_runs(at_home)) == run
    source.chmod(info.st_mode ^ 0o100)
    assert not _proven_by(_runs(at_home)), "the mode differs"
    source.chmod(info.st_mode)
    assert not _proven_by(_runs(at_home, "--timeout", "50m")), "the plan differs"
    git(at_home.here, "commit", "--quiet", "--allow-empty", "-m", "no other byte")
    assert not _proven_by(_runs(at_home)), "CIFORGE_REVISION differs"


@pytest.mark.parametrize("option", ["--force", "--no-cache"])
def test_option_runs_a_proven_job(option: str, at_home: Person) -> None:
    assert _proven_by(_runs(at_home))
    assert not _proven_by(_runs(at_home, option))


def test_log_history_and_events_of_a_proven_job_name_the_run(at_home: Person) -> None:
    ended = _runs(at_home, "--json")
    run = ended.events[-1]["results"][0]["proven_by"]
    assert [event["event"] for event in ended.events] == ["run_started", "job_ended", "run_ended"]
    this = ended.events[0]["run"]
    assert (
        at_home.types("log", TRIAL, "--run", this, "--path")
        .out.strip()
        .startswith(str(run_path(at_home.state / "trial", run)))
    )
    history = at_home.types("history", TRIAL, "-n", "1").out
    assert f"proven by run {run}, " in history


def test_failed_job_is_never_proven(person: Person) -> None:
    trial(person.here, {"fail": {"run": "exit 1"}})
    for _ in range(2):
        ended = person.types("run")
        assert (ended.code, ended.result["status"]) == (1, "failed")
        assert ended.result["steps"]


def test_job_with_a_network_step_is_never_proven(person: Person) -> None:
    trial(person.here, {"fetch": {"run": "true", "network": True}})
    assert [_proven_by(person.types("run")) for _ in range(2)] == ["", ""]


def test_kill_between_verdict_and_proof_leaves_nothing_half_written(
    person: Person, tmp_path: Path
) -> None:
    trial(person.here, {"act": {"run": "true"}})
    stops = tmp_path / "stops"
    stops.mkdir()
    # Killed before the proof is in its place, and before it is written.
    for place in ("rename", "write"):
        (stops / "sitecustomize.py").write_text(_KILLS.replace("PLACE", place))
        ended = person.types("run", "--force", PYTHONPATH=str(stops))
        assert ended.code == -signal.SIGKILL, ended.told
        (state,) = person.state.iterdir()
        assert (
            json.loads(next(state.glob("runs/*/*/result.json")).read_text())["status"] == "passed"
        )
        assert not verdict_files(state), place
    assert not _proven_by(person.types("run"))
    assert not [file for file in (state / "tmp").iterdir() if file.name.startswith("new-")]
    assert {file.suffix for file in (state / FOLDER).iterdir()} == {".json"}
    assert _proven_by(person.types("run"))


_KILLS = """
import os, signal
from ciforge.store import past_verdicts
write = past_verdicts.write_atomically

def dies(file, data, scratch):
    if "PLACE" == "write":
        os.kill(os.getpid(), signal.SIGKILL)
    from pathlib import Path
    Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    write(file, data, scratch)

past_verdicts.write_atomically = dies
"""
