"""What `history` and `log` say after real runs, and `--any`."""

import json
from pathlib import Path

import pytest
from rig import HELLO_13, Ended, Person, compiled_hello, trial

BREAK = "breaks/merge-conflict.patch"


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Person:
    home = tmp_path_factory.mktemp("history")
    return Person(compiled_hello(home / "hello"), home)


@pytest.fixture(scope="module")
def runs(person: Person) -> list[Ended]:
    """One that passed, and one that failed."""
    return [person.runs(HELLO_13), person.runs(HELLO_13, "--patch", BREAK)]


def test_history_lists_the_newest_run_first(person: Person, runs: list[Ended]) -> None:
    lines = person.types("history").out.splitlines()
    assert [line.split()[0] for line in lines] == [run.folder.name for run in reversed(runs)]
    assert [line.split("  ")[2] for line in lines] == ["1 failed", "1 passed"]


def test_history_json_has_one_object_per_run(person: Person, runs: list[Ended]) -> None:
    documents = [json.loads(line) for line in person.types("history", "--json").out.splitlines()]
    told = [(one["exit_code"], one["finished"], one["results"]) for one in documents]
    assert told == [(1, True, {"failed": 1}), (0, True, {"passed": 1})]


def test_history_of_a_job_lists_its_results(person: Person, runs: list[Ended]) -> None:
    assert len(person.types("history", HELLO_13).out.splitlines()) == 2
    other = person.types("history", "hello/debian-12/default")
    assert (other.code, other.out) == (0, "")
    assert HELLO_13 in other.err


def test_log_prints_the_newest_log_of_a_job_unchanged(person: Person, runs: list[Ended]) -> None:
    printed = person.types("log", HELLO_13)
    assert printed.out == runs[1].log(HELLO_13)
    assert "version control conflict marker" in printed.out


def test_log_prints_the_log_of_a_run(person: Person, runs: list[Ended]) -> None:
    run = runs[0].folder.name
    assert person.types("log", HELLO_13, "--run", run).out == runs[0].log(HELLO_13)


def test_missing_log_is_wrong_input(person: Person, runs: list[Ended]) -> None:
    printed = person.types("log", "hello/debian-13/defualt")
    assert printed.code == 2
    assert f"did you mean {HELLO_13!r}?" in printed.err


def test_history_rebuild_makes_the_index_from_the_run_folders(
    person: Person, runs: list[Ended]
) -> None:
    before = person.types("history").out
    for file in person.state.glob("*/history.db*"):
        file.unlink()
    rebuilt = person.types("history", "--rebuild")
    assert (rebuilt.code, rebuilt.out) == (0, before)
    assert "2 runs in the index" in rebuilt.err


def test_run_records_its_command_line_and_sources(runs: list[Ended]) -> None:
    document = json.loads((runs[1].folder / "run.json").read_text())
    assert document["command"] == ["ciforge", "run", "--force", HELLO_13, "--patch", BREAK]
    assert document["sources"][0]["patch"] == BREAK
    assert (document["exit_code"], document["jobs"]) == (1, [HELLO_13])


def test_run_folder_is_readable_by_its_owner_only(runs: list[Ended]) -> None:
    assert runs[0].folder.stat().st_mode & 0o077 == 0


def test_unlisted_job_runs_with_any(tmp_path: Path) -> None:
    job, other = "tree/debian-13/default", "tree/debian-12/default"
    person = Person(trial(tmp_path / "here", {"stand": {"run": "true"}}, jobs=[other]), tmp_path)
    refused = person.runs(job)
    assert refused.code == 2
    assert "which the project does not list in jobs:" in refused.err
    assert "--any" in refused.err
    run = person.runs(job, "--any")
    assert run.code == 0, run.told
    assert run.result["job"] == job
