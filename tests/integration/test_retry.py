"""`ciforge retry` goes on in the kept container, and only a clean job counts."""

import json
from pathlib import Path
from typing import Any

from rig import Ended, Person, boxes, commit, git, trial

JOB = "tree/debian-13/default"


def _person(tmp_path: Path, look: str) -> Person:
    steps = {"first": {"run": "echo first; : >made"}, "look": {"run": look, "after": "first"}}
    folder = trial(tmp_path / "trial", steps)
    tree = folder / "tree"
    (tree / "a").write_text("bad\n")
    (tree / "b").write_text("in the way\n")
    git(folder, "init", "--quiet")
    commit(folder, "A tree that fails")
    return Person(folder, tmp_path)


def _recorded(person: Person) -> list[str]:
    return sorted(file.parent.name for file in person.state.glob("trial/runs/*/run.json"))


def _retried(ended: Ended) -> list[dict[str, Any]]:
    return [event for event in ended.events if event["event"] in ("retried", "run_ended")]


def test_retry_replaces_changed_files_in_the_kept_container_and_confirms_in_a_clean_one(
    engine: Any, tmp_path: Path
) -> None:
    person = _person(tmp_path, "cat a; ls made; grep -q good a && [ ! -e b ]")
    kept = person.runs(JOB, "--keep")
    assert kept.result["failed_step"] == "look", kept.told
    assert f"ciforge retry {JOB}\n" in kept.out, kept.told
    tree = person.here / "tree"
    (tree / "a").write_text("good\n")
    red = person.types("retry")
    assert (red.code, "unconfirmed" in red.err) == (1, True), red.told
    assert f"ciforge run {JOB}\n" in red.out, red.told
    assert _recorded(person) == [kept.folder.name], "a repetition in a used container is recorded"
    (tree / "a").write_text("bad\n")
    (tree / "b").unlink()
    undone = person.types("retry", JOB)
    assert undone.code == 1 and "    | bad" in undone.out, undone.told
    (tree / "a").write_text("good\n")
    green = person.types("retry", "--json")
    assert green.code == 0, green.told
    in_kept, retried, clean = _retried(green)
    assert retried["passed"] == {JOB: True}
    assert [ended["results"][0]["status"] for ended in (in_kept, clean)] == ["passed", "passed"]
    steps = [one["step"] for one in green.events if one["event"] == "step_started"]
    assert steps == ["prepare", "look", "prepare", "first", "look"]
    assert _recorded(person)[1:] == [clean["run"]]
    assert boxes(engine, run=kept.folder.name) == []
    nothing = person.types("retry")
    assert (nothing.code, "no selected job failed" in nothing.err) == (2, True), nothing.told


def test_what_passes_only_in_a_used_container_is_a_failure(engine: Any, tmp_path: Path) -> None:
    person = _person(tmp_path, "[ -e mark ] || { : >mark; exit 7; }")
    first = person.runs(JOB, "--keep")
    assert first.code == 1, first.told
    again = person.types("retry", "--json")
    assert again.code == 1, again.told
    in_kept, _, clean = _retried(again)
    assert [ended["results"][0]["status"] for ended in (in_kept, clean)] == ["passed", "failed"]
    for name in (first.folder.name, clean["run"]):
        for box in boxes(engine, run=name):
            engine.api.remove_container(box["Id"], force=True)
    history = json.loads(person.types("history", "--json").out.splitlines()[0])
    assert history["run"] == clean["run"] if "run" in history else history["id"] == clean["run"]
