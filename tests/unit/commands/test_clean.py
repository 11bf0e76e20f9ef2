"""`ciforge clean`: what goes, what stays, and what is only said."""

import datetime
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_tests import Past, Types
from daemon import Daemon, serving

from ciforge.app.scratch import scratch_folder
from ciforge.engines import labels
from ciforge.model.past_verdict import PastVerdict
from ciforge.model.result import Status
from ciforge.model.saved_step import SavedStep
from ciforge.store.past_verdicts import PastVerdicts, verdict_files
from ciforge.store.saved_step_files import SavedStepFiles, saved_step_files

NOW = datetime.datetime.now(datetime.UTC)
JOB = "daemon/debian-13/default"
OTHER = "daemon/debian-12/default"
PASSED, FAILED = Status.PASSED, Status.FAILED


def ago(**time: float) -> str:
    return (NOW - datetime.timedelta(**time)).isoformat()


def seconds_ago(**time: float) -> float:
    return (NOW - datetime.timedelta(**time)).timestamp()


@pytest.fixture
def daemon(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    holds = Daemon()
    with tempfile.TemporaryDirectory() as folder, serving(holds, Path(folder, "s")) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        yield holds


def names(state: Path) -> set[str]:
    return {folder.name for folder in (state / "runs").iterdir()}


def test_clean_removes_an_old_run_and_keeps_a_young_one(
    past: Past, types: Types, daemon: Daemon
) -> None:
    past.run("old", ago(days=31), {JOB: FAILED})
    past.run("young", ago(days=29), {JOB: FAILED})
    typed = types("clean")
    assert (typed.code, typed.lines) == (0, ["removed run old"])
    assert names(past.state) == {"young"}


def verdict(past: Past, letter: str, run: str, ended: str) -> None:
    kept = PastVerdict(inputs=letter * 64, job=JOB, run=run, ended=ended, passed=True)
    PastVerdicts(past.state, print).keep(kept)


def test_clean_removes_old_verdicts_and_those_of_removed_runs(
    past: Past, types: Types, daemon: Daemon
) -> None:
    past.run("green", ago(days=31), {JOB: PASSED})
    for letter, run, days in (("a", "green", 1), ("b", "green", 31), ("c", "gone", 1)):
        verdict(past, letter, run, ago(days=days))
    assert types("clean", "--dry-run").lines == ["would remove 2 verdicts by which jobs are proven"]
    assert len(verdict_files(past.state)) == 3
    assert types("clean").lines == ["removed 2 verdicts by which jobs are proven"]
    assert [file.name[0] for file in verdict_files(past.state)] == ["a"]
    assert types("clean", "--kept").lines == []
    assert types("clean", "--caches").lines == ["removed 1 verdict by which jobs are proven"]
    assert not verdict_files(past.state)


def saved_step(past: Past, letter: str, days: int) -> None:
    saved = SavedStep(
        key=letter * 40,
        step="configure",
        run="r",
        inputs={},
        order=(),
        env={},
        files=(),
        log_size=0,
    )
    SavedStepFiles(past.state, print).keep(saved, b"")
    file = next(file for file in saved_step_files(past.state) if file.name[0] == letter)
    os.utime(file, (seconds_ago(days=days),) * 2)


def test_clean_removes_saved_steps_that_were_not_used_lately(
    past: Past, types: Types, daemon: Daemon
) -> None:
    past.run("green", ago(days=1), {JOB: PASSED})
    for letter, days in (("a", 1), ("b", 31)):
        saved_step(past, letter, days)
    assert types("clean", "--dry-run").lines == ["would remove 1 saved step, 0 MiB"]
    assert len(saved_step_files(past.state)) == 2
    assert types("clean").lines == ["removed 1 saved step, 0 MiB"]
    assert [file.name[0] for file in saved_step_files(past.state)] == ["a"]
    assert types("clean", "--kept").lines == []
    assert types("clean", "--caches").lines == ["removed 1 saved step, 0 MiB"]
    assert not saved_step_files(past.state)


@pytest.mark.parametrize(
    ("age", "left"),
    [("12h", set()), ("2d", {"a"}), ("1w", {"a", "b"}), ("2w", {"a", "b", "c"}), ("0d", set())],
)
def test_clean_age_is_in_hours_days_or_weeks(
    past: Past, types: Types, daemon: Daemon, age: str, left: set[str]
) -> None:
    for name, days in (("a", 1), ("b", 3), ("c", 8)):
        past.run(name, ago(days=days), {JOB: FAILED})
    assert types("clean", "--older-than", age).code == 0
    assert names(past.state) == left


@pytest.mark.parametrize(
    "age", ["", "3", "d", "-1d", "1.5d", "3m", "99999999d", "1d 2h", "\u0663d"]
)
def test_clean_refuses_an_invalid_age(types: Types, past: Past, age: str) -> None:
    past.run("old", ago(days=300), {JOB: FAILED})
    typed = types("clean", "--older-than", age)
    assert typed.code == 2
    assert "is not an age" in typed.err
    assert names(past.state) == {"old"}


def test_clean_keeps_the_last_green_run_of_every_job(
    past: Past, types: Types, daemon: Daemon
) -> None:
    past.run("first", ago(days=90), {JOB: PASSED, OTHER: PASSED})
    past.run("second", ago(days=80), {JOB: PASSED})
    past.run("third", ago(days=70), {JOB: FAILED, OTHER: FAILED})
    assert types("clean").lines == ["removed run third"]
    assert names(past.state) == {"first", "second"}


def test_clean_dry_run_removes_nothing(past: Past, types: Types, daemon: Daemon) -> None:
    past.run("old", ago(days=31), {JOB: FAILED})
    daemon.box("0123456789ab", seconds_ago(days=40), kept="1", project="mine", job=JOB)
    daemon.image("ciforge/deps:1", seconds_ago(days=40))
    daemon.cache("cache", "mine")
    typed = types("clean", "--dry-run", "--caches")
    assert typed.lines == [
        "would remove run old",
        f"would remove container 0123456789ab of {JOB}",
        "would remove image ciforge/deps:1, 400 MiB",
        f"would remove cache of {JOB} (branch), made 2026-01-02",
    ]
    assert (names(past.state), daemon.removed) == ({"old"}, [])


def test_clean_with_nothing_to_remove_says_so(types: Types, daemon: Daemon) -> None:
    typed = types("clean", "--older-than", "2w")
    assert (typed.code, typed.out) == (0, "")
    assert "nothing is older than 2w" in typed.err


def test_clean_keeps_a_run_that_may_be_running(past: Past, types: Types, daemon: Daemon) -> None:
    past.run("busy", ago(hours=1), {JOB: FAILED}, ended=False)
    with scratch_folder(past.state):
        assert types("clean", "--older-than", "0d").code == 0
        assert names(past.state) == {"busy"}


def test_clean_removes_a_killed_run(past: Past, types: Types, daemon: Daemon) -> None:
    past.run("dead", ago(hours=1), {JOB: FAILED}, ended=False)
    (past.state / "tmp" / "run-dead").mkdir(parents=True)
    (past.state / "tmp" / "run-dead" / "lock").touch()
    assert types("clean", "--older-than", "0d").lines == ["removed run dead"]


def test_clean_removes_old_kept_containers_of_the_project(types: Types, daemon: Daemon) -> None:
    forever = str(int(seconds_ago(days=-9)))
    dead = {"host": labels.this_host(), "owner": "4194999:1"}
    kept = {"kept": "1", "job": JOB, "expires": forever, **dead}
    daemon.box("aaaaaaaaaaaa", seconds_ago(days=40), project="mine", **kept)
    daemon.box("bbbbbbbbbbbb", seconds_ago(days=2), project="mine", **kept)
    daemon.box("cccccccccccc", seconds_ago(days=40), project="other", **kept)
    daemon.box("dddddddddddd", seconds_ago(days=40), project="mine", job=JOB)
    assert types("clean").lines == [f"removed container aaaaaaaaaaaa of {JOB}"]
    assert daemon.removed == ["aaaaaaaaaaaa" * 8]


def test_clean_kept_removes_only_kept_containers_at_once(
    past: Past, types: Types, daemon: Daemon
) -> None:
    past.run("old", ago(days=90), {JOB: FAILED})
    daemon.box("aaaaaaaaaaaa", seconds_ago(minutes=1), project="mine", kept="1", job=JOB)
    daemon.box("cccccccccccc", seconds_ago(days=40), project="other", kept="1", job=JOB)
    daemon.image("ciforge/deps:old", seconds_ago(days=40))
    assert types("clean", "--kept", "--dry-run").lines == [
        f"would remove container aaaaaaaaaaaa of {JOB}"
    ]
    assert daemon.removed == []
    assert types("clean", "--kept").lines == [f"removed container aaaaaaaaaaaa of {JOB}"]
    assert (daemon.removed, names(past.state)) == (["aaaaaaaaaaaa" * 8], {"old"})


def test_clean_kept_with_an_age_removes_only_old_containers(types: Types, daemon: Daemon) -> None:
    daemon.box("aaaaaaaaaaaa", seconds_ago(hours=3), project="mine", kept="1", job=JOB)
    typed = types("clean", "--kept", "--older-than", "12h")
    assert (typed.code, typed.out, daemon.removed) == (0, "", [])
    assert "nothing is older than 12h" in typed.err


def test_clean_kept_without_kept_containers_says_so(types: Types, daemon: Daemon) -> None:
    typed = types("clean", "--kept")
    assert (typed.code, typed.out) == (0, "")
    assert "no container is kept" in typed.err


def test_clean_refuses_kept_together_with_caches(types: Types, daemon: Daemon) -> None:
    daemon.cache("ours", "mine")
    assert types("clean", "--kept", "--caches").code == 2
    assert daemon.removed == []


def test_clean_keeps_images_that_are_young_or_in_use(types: Types, daemon: Daemon) -> None:
    daemon.box("aaaaaaaaaaaa", seconds_ago(days=1), project="other")
    daemon.image("ciforge/deps:used", seconds_ago(days=40), id_="sha256:used")
    daemon.image("ciforge/deps:old", seconds_ago(days=40))
    daemon.image("ciforge/deps:young", seconds_ago(days=4))
    assert types("clean").code == 0
    assert daemon.removed == ["ciforge/deps:old"]


def test_clean_skips_an_image_with_children(types: Types, daemon: Daemon) -> None:
    daemon.image("ciforge/deps:below", seconds_ago(days=40))
    daemon.image("ciforge/deps:above", seconds_ago(days=40))
    daemon.built_upon.add("ciforge/deps:below")
    assert types("clean").code == 0
    assert daemon.removed == ["ciforge/deps:above"]


def test_clean_caches_removes_the_caches_of_the_project(types: Types, daemon: Daemon) -> None:
    daemon.cache("ours", "mine")
    daemon.cache("theirs", "other")
    types("clean")
    assert daemon.removed == []
    types("clean", "--caches")
    assert daemon.removed == ["ours"]


def test_clean_removes_old_caches_of_working_trees(types: Types, daemon: Daemon) -> None:
    daemon.cache("tree", "mine", "tree")
    daemon.cache("branch", "mine")
    daemon.cache("theirs", "other", "tree")
    daemon.cached = 7 * 1024**2
    assert types("clean", "--kept").lines == []
    assert types("clean").lines == [f"removed cache of {JOB} (tree), made 2026-01-02, 7 MiB"]
    assert daemon.removed == ["tree"]


def test_clean_keeps_a_cache_in_use(types: Types, daemon: Daemon) -> None:
    daemon.cache("busy", "mine")
    daemon.built_upon.add("busy")
    assert types("clean", "--caches").code == 0
    assert daemon.removed == []


def test_clean_without_an_engine_removes_runs_and_says_so(past: Past, types: Types) -> None:
    past.run("old", ago(days=31), {JOB: FAILED})
    typed = types("clean")
    assert (typed.code, typed.lines, names(past.state)) == (3, ["removed run old"], set())
    assert "no Docker engine answers" in typed.err


@pytest.mark.parametrize("started", ["", "yesterday", "2026-13-45T00:00:00"])
def test_clean_takes_the_age_of_a_damaged_run_from_its_id(
    past: Past, types: Types, daemon: Daemon, started: str
) -> None:
    past.run("20200102T030405Z-abcdef", started, {JOB: FAILED})
    past.run("odd", started, {JOB: FAILED})
    assert types("clean").lines == ["removed run 20200102T030405Z-abcdef"]
