"""`ciforge collect`: hosted runs become runs of the history, once; nothing that vanished is green."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "collect"))
from api import Api, archive, result, serving
from click.testing import CliRunner, Result

from ciforge.cli import cli

PROJECT = """\
project: p
repos:
  portable: {git: https://github.com/example/portable.git, recipe: autotools}
  other: {git: https://github.com/example/other.git, recipe: make}
jobs: [portable/debian, other/debian-13]
mail: {from: ci@example.org, routes: [{job: "*", to: team@example.org}]}
"""
TWELVE, THIRTEEN = "portable/debian-12/default", "portable/debian-13/default"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Api]:
    with serving(Api()) as running:
        monkeypatch.setenv("GITHUB_API_URL", running.address)
        monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
        monkeypatch.delenv("GITHUB_RUN_ID", raising=False)
        monkeypatch.setenv("CIFORGE_STATE", str(tmp_path / "state"))
        (tmp_path / "ciforge.yml").write_text(PROJECT)
        monkeypatch.chdir(tmp_path)
        yield running


def ciforge(*words: str) -> Result:
    return CliRunner().invoke(cli, words, catch_exceptions=False)


def collect(*words: str) -> Result:
    return ciforge("collect", "github:example/portable", "--since", "2026-11-01", *words)


def statuses() -> dict[str, str]:
    found = ciforge("status", "--json").stdout.splitlines()
    return {row["job"]: row["status"] for row in map(json.loads, found)}


def mails() -> list[str]:
    listed = ciforge("mail", "list", "--all", "--json").stdout.splitlines()
    return [json.loads(line)["subject"] for line in listed]


def test_ended_runs_become_runs_of_the_history_once(api: Api) -> None:
    api.add(1, {TWELVE: "passed", THIRTEEN: "passed"})
    api.add(2, {TWELVE: "passed", THIRTEEN: "failed"})
    first = collect()
    assert first.exit_code == 0, first.output
    assert len(first.stdout.splitlines()) == 2
    asked = len(api.asked)
    assert collect().stderr.strip() == "nothing new"
    assert len(api.asked) == asked + 1
    runs = [json.loads(line) for line in ciforge("history", "--json").stdout.splitlines()]
    assert [run["results"] for run in runs] == [{"passed": 1, "failed": 1}, {"passed": 2}]
    log = ciforge("log", THIRTEEN).stdout
    assert "fatal error: event.h" in log


def test_what_broke_is_queued_and_not_yet_sent(api: Api) -> None:
    api.add(1, {TWELVE: "passed", THIRTEEN: "passed"})
    api.add(2, {TWELVE: "failed", THIRTEEN: "failed"})
    assert collect().exit_code == 0
    (subject,) = mails()
    assert subject.startswith("[p] portable: ")
    assert statuses()[TWELVE] == "failed"
    assert not list(Path("state/p/mail").glob("new/*"))
    assert ciforge("notify").exit_code == 0
    assert len(list(Path("state/p/mail").glob("new/*"))) == 1


@pytest.mark.parametrize("vanished", [None, "expired", "damaged"])
def test_a_job_that_left_nothing_is_not_green(api: Api, vanished: str | None) -> None:
    api.add(1, {TWELVE: "passed", THIRTEEN: None if vanished is None else "passed"})
    if vanished == "expired":
        api.artifacts[1][1]["expired"] = True
    if vanished == "damaged":
        api.archives[101] = archive(THIRTEEN, "passed")[:-30]
    done = collect()
    assert done.exit_code == 0
    assert statuses()[THIRTEEN] != "passed"
    runs = json.loads(ciforge("history", "--json").stdout.splitlines()[0])
    assert runs["results"].get("passed") == 1
    assert sum(runs["results"].values()) == 2


def test_a_run_that_never_began_is_not_green(api: Api) -> None:
    api.add(1, {}, conclusion="failure")
    assert collect().exit_code == 0
    run = json.loads(ciforge("history", "--json").stdout.splitlines()[0])
    assert run["results"] == {"infrastructure": 2}


def test_results_of_another_repository_are_not_taken(api: Api) -> None:
    api.add(1, {TWELVE: "passed", "other/debian-13/default": "passed"})
    done = collect()
    assert "is no job of portable" in done.stderr
    assert statuses().get("other/debian-13/default") != "passed"


def test_a_service_that_refuses_leaves_everything_for_the_next_time(api: Api) -> None:
    api.add(1, {TWELVE: "passed"})
    api.refusal = (429, {"Retry-After": "60"}, {"message": "slow down"})
    from ciforge.collect.github import HostedError

    with pytest.raises(HostedError):
        collect()
    api.refusal = None
    assert len(collect().stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("github:example",), "is no repository"),
        (("github:example/elsewhere",), "no repository of the project is at"),
        (("github:example/portable", "--since", "yesterday"), "is no date"),
        (("nowhere",), "no such folder"),
        ((".",), "no result.json"),
        ((".", "--since", "2026-11-01"), "--since belongs to"),
        (("github:example/portable", "--jobs", "-"), "--jobs belongs to"),
    ],
)
def test_a_wrong_word_is_told(api: Api, words: tuple[str, ...], said: str) -> None:
    from ciforge.errors import UsageError

    with pytest.raises(UsageError, match=said):
        ciforge("collect", *words)


def unpack(folder: Path, job: str, status: str) -> None:
    place = folder / job.replace("/", ",")
    (place / "artifacts").mkdir(parents=True)
    (place / "result.json").write_text(json.dumps(result(job, status)))
    (place / "log.txt").write_text("--- ciforge: build ---\n")


def test_artifacts_in_a_folder_are_one_run_with_all_that_was_expected(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    monkeypatch.setenv("GITHUB_REF_NAME", "master")
    monkeypatch.setenv("GITHUB_SHA", "f" * 40)
    unpack(tmp_path / "found", TWELVE, "passed")
    (tmp_path / "expected").write_text(f"{TWELVE}\n{THIRTEEN}\n")
    for _ in range(2):
        done = ciforge("collect", "found", "--jobs", "expected")
        assert done.exit_code == 0, done.output
    (run,) = [json.loads(line) for line in ciforge("history", "--json").stdout.splitlines()]
    assert run["results"] == {"passed": 1, "infrastructure": 1}
    assert statuses()[TWELVE] == "passed"
