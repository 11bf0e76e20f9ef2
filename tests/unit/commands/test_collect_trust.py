"""`ciforge collect` against what it takes in: forged, stale and broken results turn nothing green, and
no text of a service or an artifact crashes it, hides a failure or leads a token astray."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.tables import mostly_slow

sys.path.insert(0, str(Path(__file__).parents[1] / "ci"))
from api import Api, archive, artifact, job, packed, result, run, serving
from click.testing import CliRunner, Result

from ciforge.app.service_access import token_for
from ciforge.cli.main import cli
from ciforge.errors import CiforgeError, UsageError
from ciforge.store.runs.run_folder import read_result

pytestmark = pytest.mark.slow

PROJECT = """\
project: p
repos:
  portable: {git: https://github.com/example/portable.git, recipe: autotools}
jobs: [portable/debian]
mail: {from: ci@example.org, routes: [{job: "*", to: team@example.org}]}
"""
TWELVE, THIRTEEN = "portable/debian-12/default", "portable/debian-13/default"
CROSS = "portable/freebsd-14/cross"
FIRST, SECOND = "2026-11-20T10:00:00Z", "2026-11-20T12:00:00Z"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Api]:
    with serving(Api()) as running:
        monkeypatch.setenv("GITHUB_API_URL", running.address)
        monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
        for name in ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_SHA", "GITHUB_EVENT_NAME"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("CIFORGE_STATE", str(tmp_path / "state"))
        (tmp_path / "ciforge.yml").write_text(PROJECT)
        monkeypatch.chdir(tmp_path)
        yield running


def ciforge(*words: str) -> Result:
    return CliRunner().invoke(cli, words, catch_exceptions=False)


def collect(*words: str) -> Result:
    return ciforge("collect", *(words or ("github:example/portable", "--since", "2026-11-01")))


def statuses() -> dict[str, str]:
    found = ciforge("status", "--json").stdout.splitlines()
    return {row["job"]: row["status"] for row in map(json.loads, found)}


def mails() -> list[str]:
    listed = ciforge("mail", "list", "--all", "--json").stdout.splitlines()
    return [json.loads(line)["kind"] for line in listed]


def stored(run: str, job: str = TWELVE) -> Any:
    return read_result(Path("state/p/runs", run, job.replace("/", ","), "result.json"))


def second_attempt(api: Api, conclusion: str, artifacts: list[dict[str, Any]]) -> None:
    """Run 1 was run again; its first attempt left an artifact that passed."""
    api.runs = [run(1, run_attempt=2, conclusion=conclusion, run_started_at=SECOND)]
    ran = job(TWELVE, conclusion) | {"started_at": SECOND, "completed_at": "2026-11-20T12:10:00Z"}
    api.jobs[1] = [ran]
    api.artifacts[1] = [artifact(100, TWELVE.replace("/", ","), created_at=FIRST), *artifacts]
    api.archives[100] = archive(TWELVE, "passed")


# What an attempt left.


@pytest.mark.parametrize(
    ("conclusion", "status"), [("failure", "infrastructure"), ("cancelled", "cancelled")]
)
def test_artifact_of_the_first_attempt_makes_no_second_attempt_green(
    api: Api, conclusion: str, status: str
) -> None:
    second_attempt(api, conclusion, [])
    done = collect()
    assert "made by another attempt" in done.stderr
    assert stored("github-1-2").status.value == status
    assert stored("github-1-2").conclusion == conclusion
    assert statuses()[TWELVE] != "passed"


def test_artifact_of_the_second_attempt_counts(api: Api) -> None:
    made = "2026-11-20T12:09:00Z"
    second_attempt(api, "failure", [artifact(101, TWELVE.replace("/", ","), created_at=made)])
    api.archives[101] = archive(TWELVE, "failed")
    assert collect().exit_code == 0
    assert statuses()[TWELVE] == "failed"


def test_job_that_was_not_rerun_keeps_its_artifact(api: Api) -> None:
    second_attempt(api, "success", [])
    api.jobs[1][0] |= {"started_at": FIRST, "completed_at": FIRST}
    assert collect().exit_code == 0
    assert statuses()[TWELVE] == "passed"


@pytest.mark.parametrize(
    "conclusion", ["failure", "cancelled", "timed_out", "startup_failure", "stale", None]
)
def test_failed_conclusion_wins_over_a_passed_result(api: Api, conclusion: str | None) -> None:
    api.add(1, {TWELVE: "passed"})
    api.jobs[1] = [job(TWELVE, conclusion or "") | {"conclusion": conclusion}]
    assert collect().exit_code == 0
    assert stored("github-1-1").status.value != "passed"
    assert "the service reports" in stored("github-1-1").reason


def test_failed_result_wins_over_a_successful_conclusion(api: Api) -> None:
    api.add(1, {TWELVE: "failed"})
    api.jobs[1] = [job(TWELVE, "success")]
    assert collect().exit_code == 0
    assert (stored("github-1-1").status.value, stored("github-1-1").conclusion) == (
        "failed",
        "success",
    )


@pytest.mark.parametrize("claimed", ["passed", "compiled"])
@pytest.mark.parametrize(("job_id", "status"), [(TWELVE, "passed"), (CROSS, "compiled")])
def test_only_a_cross_check_compiles_whatever_its_result_claims(
    api: Api, job_id: str, status: str, claimed: str
) -> None:
    Path("ciforge.yml").write_text(PROJECT.replace("[portable/debian]", f"[{job_id}]"))
    api.add(1, {job_id: claimed})
    api.jobs[1] = [job(job_id, "success")]
    assert collect().exit_code == 0
    assert stored("github-1-1", job_id).status.value == status
    assert statuses()[job_id] == status


def test_artifact_of_a_run_without_jobs_is_refused(api: Api) -> None:
    api.runs = [run(1, conclusion="cancelled")]
    api.jobs[1] = []
    api.artifacts[1] = [artifact(100, TWELVE.replace("/", ","))]
    api.archives[100] = archive(TWELVE, "passed")
    assert collect().exit_code == 0
    assert statuses()[TWELVE] != "passed"


@pytest.mark.parametrize(
    "claim",
    [{"steps": []}, {"steps": [{"name": "build", "exit_code": 2, "seconds": 1.0, "started": ""}]},
     {"failed_step": "build"}, {"status": "skipped"}],
)  # fmt: skip
def test_collected_result_that_contradicts_itself_is_not_green(
    api: Api, claim: Mapping[str, Any]
) -> None:
    api.add(1, {TWELVE: "passed"})
    api.archives[100] = packed(
        {"result.json": json.dumps(result(TWELVE, "passed") | claim).encode()}
    )
    assert collect().exit_code == 0
    assert stored("github-1-1").status.value == "infrastructure"


def test_collected_result_cannot_allow_its_own_failure(api: Api) -> None:
    api.add(1, {TWELVE: "passed"})
    api.add(2, {TWELVE: "failed"})
    claim = result(TWELVE, "failed") | {"allow_failure": True, "box": "0123456789ab"}
    api.archives[200] = packed({"result.json": json.dumps(claim).encode()})
    assert collect().exit_code == 0
    assert not stored("github-2-1").allow_failure and stored("github-2-1").kept_machine == ""
    assert mails() == ["broken"]


def test_sentence_on_what_a_job_has_shown_is_not_taken_from_an_artifact(api: Api) -> None:
    api.add(1, {TWELVE: "passed"})
    claim = result(TWELVE, "passed") | {"proves": "all is well", "proof": "userland"}
    api.archives[100] = packed({"result.json": json.dumps(claim).encode()})
    assert collect().exit_code == 0
    kept = stored("github-1-1")
    assert kept.proves.startswith("every step passed on Debian GNU/Linux 12: ")
    assert kept.proof == "tested"


def test_artifact_cannot_hide_its_failure_as_proven(api: Api) -> None:
    api.add(1, {TWELVE: "passed"})
    api.add(2, {TWELVE: "failed"})
    claim = result(TWELVE, "failed") | {"proven_by": "github-1-1"}
    api.archives[200] = packed({"result.json": json.dumps(claim).encode()})
    assert collect().exit_code == 0
    assert stored("github-2-1").proven_by == ""
    assert mails() == ["broken"]


def test_commit_of_a_collected_run_is_that_of_the_service(api: Api) -> None:
    api.add(1, {TWELVE: "passed"})
    source = {"repo": "portable", "origin": "https://evil.example", "revision": "e" * 40}
    api.archives[100] = packed(
        {"result.json": json.dumps(result(TWELVE, "passed") | {"source": source}).encode()}
    )
    assert "built from another commit" in collect().stderr
    assert statuses()[TWELVE] != "passed"


def test_older_run_collected_late_closes_no_incident(api: Api) -> None:
    api.add(1, {TWELVE: "passed"})
    api.add(9, {TWELVE: "failed"})
    assert collect().exit_code == 0
    api.add(5, {TWELVE: "passed"})
    assert "is ignored for" in collect().stderr
    assert (statuses()[TWELVE], mails()) == ("failed", ["broken"])


# Times.


@pytest.mark.slow
@pytest.mark.parametrize(
    "started", ["2999-01-01T00:00:00Z", "not a time", "0001-01-01T00:00:00+14:00", ""]
)
def test_impossible_time_in_an_artifact_hides_no_later_failure(api: Api, started: str) -> None:
    api.add(1, {TWELVE: "passed"}, run_started_at=started, created_at=started)
    api.archives[100] = packed(
        {"result.json": json.dumps(result(TWELVE, "passed") | {"started": started}).encode()}
    )
    assert "invalid start time" in collect().stderr
    api.add(2, {TWELVE: "failed"})
    assert collect().exit_code == 0
    assert (statuses()[TWELVE], mails()) == ("failed", ["broken"])
    for words in (("status",), ("history",), ("notify",), ("notify", "--dry-run")):
        assert ciforge(*words).exit_code == 0


@pytest.mark.parametrize("started", ["2999-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_state_with_an_impossible_time_opens(api: Api, started: str) -> None:
    unpack("one", TWELVE, "passed")
    assert collect("one").exit_code == 0
    (file,) = Path("state/p/runs").glob("*/run.json")
    file.write_text(file.read_text().replace('"started": "20', f'"started": "{started}", "x": "20'))
    for words in (("status",), ("history", "--rebuild"), ("history",), ("notify",)):
        assert ciforge(*words).exit_code == 0


# Folders.


def unpack(folder: str, job: str, status: str, **more: Any) -> Path:
    place = Path(folder, job.replace("/", ","))
    place.mkdir(parents=True)
    (place / "result.json").write_text(json.dumps(result(job, status) | more))
    (place / "log.txt").write_text("--- ciforge: build ---\n")
    return place


def test_artifact_with_the_same_job_and_time_but_another_status_is_another_run(api: Api) -> None:
    unpack("one", TWELVE, "passed")
    unpack("two", TWELVE, "failed")
    assert len(collect("one").stdout.splitlines()) == 1
    assert len(collect("two").stdout.splitlines()) == 1
    assert "no new runs" in collect("one").stderr
    assert statuses()[TWELVE] == "failed"


def test_two_artifact_folders_of_one_job_are_refused(api: Api) -> None:
    unpack("found/a", TWELVE, "failed").rename("found/x")
    unpack("found/b", TWELVE, "passed").rename("found/y")
    with pytest.raises(UsageError, match="two results of"):
        collect("found")
    assert not Path("state/p/runs").exists()


def test_foreign_artifact_is_refused_completely(api: Api) -> None:
    unpack("found", "elsewhere/debian-12/default", "passed")
    with pytest.raises(UsageError, match="is not a job of"):
        collect("found")
    assert not list(Path("state").glob("p/runs/*"))
    assert ciforge("history").stderr.count("\n") == 1


def test_foreign_artifact_beside_a_valid_one_leaves_nothing(api: Api) -> None:
    unpack("found", "elsewhere/debian-12/default", "passed")
    unpack("found", TWELVE, "passed")
    assert "is not a job of" in collect("found").stderr
    assert not list(Path("state/p/runs").rglob(".unpacked"))
    assert ciforge("history").stderr == ""


def test_collected_run_without_jobs_is_not_kept(api: Api) -> None:
    api.runs = [run(1)]
    api.jobs[1] = [job("choose jobs", "success")]
    assert "no new runs" in collect().stderr
    assert not list(Path("state").glob("p/runs/*"))


def test_artifact_folder_of_another_attempt_is_left_out(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "2")
    unpack("found", TWELVE, "passed", attempt=1)
    unpack("found", THIRTEEN, "failed", attempt=2)
    Path("expected").write_text(f"{TWELVE}\n{THIRTEEN}\n")
    done = collect("found", "--jobs", "expected")
    assert "of attempt 1, not 2" in done.stderr
    assert statuses() == {THIRTEEN: "failed", TWELVE: "no result"}


def test_results_of_a_pull_request_count_for_no_branch(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request_target")
    monkeypatch.setenv("GITHUB_REF_NAME", "master")
    unpack("found", TWELVE, "passed")
    with pytest.raises(UsageError, match="pull request"):
        collect("found")


@pytest.mark.parametrize("link", ["result.json", "folder"])
def test_link_in_an_artifact_folder_is_not_read(api: Api, link: str) -> None:
    place = unpack("elsewhere", TWELVE, "passed")
    Path("found").mkdir()
    if link == "folder":
        Path("found/x").symlink_to(place.absolute())
    else:
        Path("found/x").mkdir()
        Path("found/x/result.json").symlink_to((place / "result.json").absolute())
    with pytest.raises(UsageError, match=r"no result\.json"):
        collect("found")


@pytest.mark.parametrize(
    ("variable", "value"),
    mostly_slow([("GITHUB_RUN_ID", "²"), ("GITHUB_RUN_ID", "9" * 400), ("GITHUB_RUN_ID", "-1"),
     ("GITHUB_RUN_ATTEMPT", "²"), ("GITHUB_RUN_ATTEMPT", "9" * 400),
     ("GITHUB_SHA", "\x1b[31m"), ("GITHUB_REF_NAME", "\x1b[31m" + "x" * 10_000), ("GITHUB_RUN_ID", "1/../..")], quick=3),
)  # fmt: skip
def test_any_runner_environment_is_read_or_refused(
    api: Api, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    monkeypatch.setenv("GITHUB_REF_NAME", "master")
    monkeypatch.setenv(variable, value)
    unpack("found", TWELVE, "failed")
    assert collect("found").exit_code == 0
    assert statuses()[TWELVE] == "failed"
    assert "\x1b" not in ciforge("status").output


# Crashes.


def test_artifact_of_another_job_is_refused(api: Api) -> None:
    api.add(1, {TWELVE: "passed", THIRTEEN: "failed"})
    api.archives[101] = archive(TWELVE, "passed")
    done = collect()
    assert done.exit_code == 0
    assert "contains the result of another job" in done.stderr
    assert (statuses()[TWELVE], stored("github-1-1", THIRTEEN).status.value) == (
        "passed",
        "infrastructure",
    )


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"v":1,"job":' + '{"a":' * 100_000, "\ud800", "null"]
)
def test_nested_or_broken_json_in_an_artifact_is_refused(api: Api, body: str) -> None:
    api.add(1, {TWELVE: "passed"})
    api.archives[100] = packed({"result.json": body.encode("utf-8", "surrogatepass")})
    assert collect().exit_code == 0
    assert statuses()[TWELVE] != "passed"


def test_collect_names_an_invalid_api_address(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_API_URL", "x")
    with pytest.raises(UsageError, match="not the address of an API"):
        collect()


@pytest.mark.parametrize("token", ["two\nlines", "tök€n", "a b", "\x1b[31mred", "x" * 5000])
@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GH_TOKEN", "CIFORGE_GITHUB_TOKEN_FILE"])
def test_collect_refuses_an_invalid_token_without_showing_it(
    api: Api, monkeypatch: pytest.MonkeyPatch, name: str, token: str
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    if name.endswith("FILE"):
        Path("token").write_text(token)
    monkeypatch.setenv(name, "token" if name.endswith("FILE") else token)
    with pytest.raises(UsageError, match=name) as caught:
        collect()
    assert token[-3:] not in str(caught.value) + caught.value.hint


def test_collect_prints_api_texts_without_escape_sequences(api: Api) -> None:
    api.add(
        1,
        {TWELVE: "failed"},
        html_url="https://github.com/\x1b]0;owned\x07x",
        head_branch="\x1b[2Jx",
    )
    done = collect()
    assert "\x1b" not in done.output + ciforge("status").output + ciforge("history").output
    assert "\x1b" not in Path("state/p/runs/github-1-1/run.json").read_text()


# Where the token goes.


@pytest.mark.parametrize(
    ("remote", "server", "sent"),
    [
        ("https://github.com/example/portable.git", "", True),
        ("https://github.com/example/portable.git", "https://github.com", True),
        ("https://ghe.example.org/a/b.git", "https://ghe.example.org", True),
        ("https://x-access-token@github.com/a/b", "", True),
        ("https://evil.example/example/portable.git", "", False),
        ("https://github.com.evil.example/a/b", "", False),
        ("https://github.com@evil.example/a/b", "", False),
        ("https://evil.example\\@github.com/a/b", "", False),
        ("https://github.com:444/a/b", "", False),
        ("http://github.com/a/b", "", False),
        ("http://github.com/a/b", "http://github.com", False),
        ("https://github.com/a/b", "https://ghe.example.org", False),
        ("/srv/git/portable.git", "", False),
        ("git@github.com:a/b.git", "", False),
    ],
)
def test_api_token_is_sent_to_its_own_service_only(
    monkeypatch: pytest.MonkeyPatch, remote: str, server: str, sent: bool
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    monkeypatch.setenv("GITHUB_SERVER_URL", server)
    assert bool(token_for(remote)) is sent


def test_api_token_is_not_sent_for_a_remote_on_another_host(api: Api, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], check=True)
    subprocess.run(["git", "remote", "add", "origin", "https://127.0.0.1:1/x.git"], check=True)
    unpack("found", TWELVE, "passed")
    words = ("collect", "found", "--state-branch", "ciforge-state")
    done = CliRunner().invoke(cli, words)
    assert isinstance(done.exception, CiforgeError)
    assert "GITHUB_TOKEN is not sent to" in done.stderr and "s3cret" not in done.output
