"""`ciforge collect --answer`: what a pull request is told, and who may have said it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "ci"))
from api import Api, archive, result, serving
from click.testing import CliRunner, Result
from test_collect import PROJECT, THIRTEEN, TWELVE

from ciforge.cli.main import cli
from ciforge.errors import UsageError

PULL = {"event": "pull_request", "head_branch": "master"}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Api]:
    with serving(Api()) as running:
        monkeypatch.setenv("GITHUB_API_URL", running.address)
        monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
        monkeypatch.setenv("CIFORGE_STATE", str(tmp_path / "state"))
        (tmp_path / "ciforge.yml").write_text(PROJECT)
        monkeypatch.chdir(tmp_path)
        yield running


def collect(*words: str) -> Result:
    arguments = ["collect", "github:example/portable", "--since", "2026-11-01", *words]
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def opened(api: Api, number: int, run: int) -> None:
    """A pull request at the commit of a run."""
    api.pulls.pulls[number] = f"{run:040x}"


def test_pull_request_is_answered_once_for_a_run_and_its_comment_is_updated(api: Api) -> None:
    opened(api, 12, 1)
    api.add(1, {TWELVE: "passed", THIRTEEN: "failed"}, **PULL)
    assert collect("--answer").exit_code == 0
    ((revision, status),) = api.pulls.statuses
    assert (revision, status["state"]) == (f"{1:040x}", "failure")
    assert status["description"] == "1 passed, 1 failed"
    (comment,) = api.pulls.comments.values()
    assert comment["issue"] == 12
    assert "event.h" in comment["body"]
    collect("--answer")
    assert len(api.pulls.statuses) == len(api.pulls.comments) == 1
    opened(api, 12, 2)
    api.add(2, {TWELVE: "passed", THIRTEEN: "passed"}, **PULL)
    collect("--answer")
    (comment,) = api.pulls.comments.values()
    assert "passed" in comment["body"].split("\n")[1]
    assert api.pulls.statuses[-1][1]["state"] == "success"


def test_answer_changes_neither_history_nor_incidents(api: Api, tmp_path: Path) -> None:
    opened(api, 12, 1)
    api.add(1, {TWELVE: "failed", THIRTEEN: "failed"}, **PULL)
    ended = collect("--answer")
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert not (tmp_path / "state" / "p" / "runs").exists()


def test_without_the_option_pull_requests_are_neither_read_nor_answered(api: Api) -> None:
    opened(api, 12, 1)
    api.add(1, {TWELVE: "failed", THIRTEEN: "failed"}, **PULL)
    assert collect().exit_code == 0
    assert api.pulls.statuses == []
    assert not any("/pulls" in path for path, _ in api.asked)


def test_answer_without_a_token_is_refused_before_anything_is_asked(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    with pytest.raises(UsageError, match="there is no token to answer pull requests with"):
        collect("--answer")
    assert api.asked == []


@pytest.mark.parametrize(
    "words",
    [
        ["artifacts", "--answer"],
        ["forgejo:example/portable", "--answer"],
        ["gitea:example/portable"],
    ],
)
def test_answers_on_forgejo_are_said_to_be_those_of_watch(api: Api, words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        CliRunner().invoke(cli, ["collect", *words], catch_exceptions=False)
    assert "`ciforge watch --pulls --answer` builds and answers pull requests" in caught.value.hint
    assert api.asked == []


def test_number_and_commit_are_those_of_the_service_and_not_of_an_artifact(api: Api) -> None:
    opened(api, 12, 1)
    api.add(1, {TWELVE: "passed", THIRTEEN: "passed"}, **PULL)
    forged = result(THIRTEEN, "passed") | {
        "source": {
            "repo": "portable",
            "origin": "x",
            "revision": f"{9:040x}",
            "branch": "pull/13/head",
        }
    }
    api.archives[101] = archive(THIRTEEN, "passed", **{"result.json": json.dumps(forged).encode()})
    opened(api, 13, 9)
    assert collect("--answer").exit_code == 0
    assert [revision for revision, _ in api.pulls.statuses] == [f"{1:040x}"]
    assert api.pulls.statuses[0][1]["state"] == "error"


@pytest.mark.parametrize(
    ("jobs", "more", "state"),
    [
        ({TWELVE: "passed"}, {}, "error"),
        ({TWELVE: "passed", THIRTEEN: None}, {"conclusion": "failure"}, "failure"),
        ({}, {"conclusion": "failure"}, "error"),
    ],
)
def test_pull_request_with_a_job_that_vanished_is_not_green(
    api: Api, jobs: dict[str, str | None], more: dict[str, str], state: str
) -> None:
    opened(api, 12, 1)
    api.add(1, jobs, **PULL | more)
    assert collect("--answer").exit_code == 0
    assert [status["state"] for _, status in api.pulls.statuses] == [state]


def test_pull_request_that_moves_on_while_its_run_is_read_gets_no_answer(api: Api) -> None:
    opened(api, 12, 1)
    api.pulls.moves[12] = f"{8:040x}"
    api.add(1, {TWELVE: "failed", THIRTEEN: "failed"}, **PULL)
    ended = collect("--answer")
    assert ended.exit_code == 0
    assert "example/portable#12 has moved on" in ended.stderr
    assert (api.pulls.statuses, api.pulls.comments) == ([], {})


def test_pull_request_that_moved_on_or_built_nothing_gets_no_answer(api: Api) -> None:
    api.add(1, {TWELVE: "failed"}, **PULL)
    opened(api, 12, 5)
    api.add(2, {}, **PULL)
    opened(api, 13, 2)
    api.add(3, {TWELVE: "failed"}, event="pull_request_target")
    opened(api, 14, 3)
    assert collect("--answer").exit_code == 0
    assert api.pulls.statuses == []
