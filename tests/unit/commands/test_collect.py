"""`ciforge collect`: hosted runs become runs of the history, once; nothing that vanished is green."""

import json
import mailbox
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tables import each

sys.path.insert(0, str(Path(__file__).parents[1] / "ci"))
from api import Api, archive, result, serving
from click.testing import CliRunner, Result

from ciforge.cli.main import cli

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


def test_collected_runs_are_in_the_history_once(api: Api) -> None:
    api.add(1, {TWELVE: "passed", THIRTEEN: "passed"})
    api.add(2, {TWELVE: "passed", THIRTEEN: "failed"})
    first = collect()
    assert first.exit_code == 0, first.output
    assert len(first.stdout.splitlines()) == 2
    asked = len(api.asked)
    assert collect().stderr.strip() == "no new runs"
    assert len(api.asked) == asked + 1
    runs = [json.loads(line) for line in ciforge("history", "--json").stdout.splitlines()]
    assert [run["results"] for run in runs] == [{"passed": 1, "failed": 1}, {"passed": 2}]
    log = ciforge("log", THIRTEEN).stdout
    assert "fatal error: event.h" in log


def test_collected_breakage_is_queued_and_not_yet_sent(api: Api) -> None:
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
def test_collected_job_without_an_artifact_is_not_green(api: Api, vanished: str | None) -> None:
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


def test_collected_run_that_never_started_is_not_green(api: Api) -> None:
    api.add(1, {}, conclusion="failure")
    assert collect().exit_code == 0
    run = json.loads(ciforge("history", "--json").stdout.splitlines()[0])
    assert run["results"] == {"infrastructure": 2}


def test_collect_refuses_results_of_another_repository(api: Api) -> None:
    api.add(1, {TWELVE: "passed", "other/debian-13/default": "passed"})
    done = collect()
    assert "is not a job of portable" in done.stderr
    assert statuses().get("other/debian-13/default") != "passed"


def test_collect_retries_after_a_refusal_of_the_service(api: Api) -> None:
    api.add(1, {TWELVE: "passed"})
    api.refusal = (429, {"Retry-After": "60"}, {"message": "slow down"})
    done = collect()
    assert (done.exit_code, done.stdout) == (3, "")
    assert "rate limit exceeded: slow down" in done.stderr and "again in 60 s" in done.stderr
    api.refusal = None
    assert len(collect().stdout.splitlines()) == 1


@each(
    ("words", "said"),
    [
        (("github:example",), "is not a repository"),
        (("github:example/elsewhere",), "no repository of the project is at"),
        (("github:example/portable", "--since", "yesterday"), "is not a date"),
        (("nowhere",), "no such folder"),
        ((".",), "no result.json"),
        ((".", "--since", "2026-11-01"), "--since needs"),
        (("github:example/portable", "--jobs", "-"), "--jobs needs"),
    ],
)
def test_collect_with_a_wrong_argument_is_refused(
    api: Api, words: tuple[str, ...], said: str
) -> None:
    from ciforge.errors import UsageError

    with pytest.raises(UsageError, match=said):
        ciforge("collect", *words)


def unpack(folder: Path, job: str, status: str) -> None:
    place = folder / job.replace("/", ",")
    (place / "artifacts").mkdir(parents=True)
    (place / "result.json").write_text(json.dumps(result(job, status)))
    (place / "log.txt").write_text("--- ciforge: build ---\ncompiled: with glibc 2.36\n")


def test_artifacts_in_a_folder_are_one_run_with_every_expected_job(
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
    (kept,) = tmp_path.rglob(f"runs/*/{TWELVE.replace('/', ',')}/result.json")
    assert json.loads(kept.read_text())["built_with"] == ["with glibc 2.36"]


def test_artifacts_in_a_folder_are_collected_without_the_service(api: Api, tmp_path: Path) -> None:
    api.refusal = (502, {}, {"message": "Bad Gateway"})
    unpack(tmp_path / "found", TWELVE, "failed")
    outputs = {"build": json.dumps([{"job": TWELVE, "runner": "x"}, {"job": THIRTEEN}])}
    (tmp_path / "expected").write_text(json.dumps(outputs))
    done = ciforge("collect", "github:example/portable", "found", "--jobs", "expected")
    assert done.exit_code == 3
    assert "502" in done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert len(mails()) >= 1


@pytest.mark.parametrize("text", ["{", "{}}", '{"a": 3}', '{"a": "[{}]"}', "portable", "../x/y/z"])
def test_artifacts_in_a_folder_without_a_job_table_are_refused(
    api: Api, tmp_path: Path, text: str
) -> None:
    from ciforge.errors import UsageError

    unpack(tmp_path / "found", TWELVE, "failed")
    (tmp_path / "expected").write_text(text)
    with pytest.raises(UsageError, match="expected"):
        ciforge("collect", "found", "--jobs", "expected")


@pytest.fixture
def checkout(api: Api, tmp_path: Path) -> Path:
    """The project's folder as a checkout, whose remote may hold the state."""
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", remote], check=True)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "remote", "add", "origin", remote], cwd=tmp_path, check=True)
    return tmp_path


def on_a_new_machine(
    name: str, run: int, statuses: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Result:
    """The notify job of one run, on a machine that knows nothing."""
    monkeypatch.setenv("GITHUB_RUN_ID", str(run))
    monkeypatch.setenv("GITHUB_REF_NAME", "master")
    monkeypatch.setenv("GITHUB_SHA", f"{run:040x}")
    monkeypatch.setenv("CIFORGE_STATE", str(Path("machines", name).absolute()))
    monkeypatch.setenv("CIFORGE_MAIL", f"maildir:{Path('team').absolute()}")
    for job, status in statuses.items():
        unpack(Path("found", name), job, status)
    Path("expected").write_text(f"{TWELVE}\n{THIRTEEN}\n")
    words = ("collect", f"found/{name}", "--jobs", "expected", "--state-branch", "ciforge-state")
    return ciforge(*words)


def delivered() -> list[str]:
    return sorted(
        str(mail["Subject"]) for mail in mailbox.Maildir("team") if Path("team", "new").exists()
    )


@pytest.mark.slow
def test_state_branch_carries_incidents_between_machines(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    green = {TWELVE: "passed", THIRTEEN: "passed"}
    broken = {TWELVE: "passed", THIRTEEN: "failed"}
    for number, (name, found) in enumerate(
        {"one": green, "two": broken, "three": broken, "four": green}.items(), 1
    ):
        done = on_a_new_machine(name, number, found, monkeypatch)
        assert done.exit_code == 0, done.output
    root, reply = delivered()[::-1]
    assert root.startswith("[p] portable: ") or reply.startswith("[p] portable: ")
    assert {root, reply} == {root.removeprefix("Re: "), f"Re: {root.removeprefix('Re: ')}"}


def test_lost_state_branch_is_reported_and_the_failure_mailed(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {TWELVE: "passed", THIRTEEN: "failed"}
    on_a_new_machine("one", 1, broken, monkeypatch)
    subprocess.run(["git", "-C", "remote.git", "branch", "-D", "ciforge-state"], check=True)
    on_a_new_machine("two", 2, broken, monkeypatch)
    assert len(delivered()) == 2
    last = max(mailbox.Maildir("team"), key=lambda mail: len(str(mail)))
    assert "had no state: every failure is reported" in str(last.get_payload(decode=True))


@pytest.mark.slow
def test_state_branch_written_by_two_machines_loses_and_doubles_nothing(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for job in (TWELVE, THIRTEEN):
        assert on_a_new_machine(job.split("/")[1], 1, {job: "passed"}, monkeypatch).exit_code == 0
    processes = []
    for number, job in enumerate((TWELVE, THIRTEEN), 10):
        folder = Path("found", f"both{number}")
        unpack(folder, job, "failed")
        Path(f"expected{number}").write_text(f"{job}\n")
        processes.append(
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "ciforge",
                    "collect",
                    folder,
                    "--jobs",
                    f"expected{number}",
                    "--state-branch",
                    "ciforge-state",
                ],
                env=os.environ
                | {
                    "GITHUB_RUN_ID": str(number),
                    "GITHUB_REF_NAME": "master",
                    "CIFORGE_STATE": str(Path("machines", str(number)).absolute()),
                },
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    said = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    ids = [mail["Message-ID"] for mail in mailbox.Maildir("team")]
    assert len(ids) == len(set(ids))
    done = on_a_new_machine("last", 20, {TWELVE: "passed", THIRTEEN: "passed"}, monkeypatch)
    assert done.exit_code == 0
    assert statuses() == {
        TWELVE: "passed",
        THIRTEEN: "passed",
        "other/debian-13/default": "no result",
    }


def test_state_branch_never_replaces_local_incidents(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ciforge.errors import UsageError

    unpack(Path("own"), TWELVE, "failed")
    assert ciforge("collect", "own").exit_code == 0
    before = Path("state/p/incidents.db").read_bytes()
    with pytest.raises(UsageError, match="already has incidents"):
        ciforge("collect", "own", "--state-branch", "ciforge-state")
    assert Path("state/p/incidents.db").read_bytes() == before


def test_collect_branch_option_names_the_branch_of_a_folder(api: Api, tmp_path: Path) -> None:
    unpack(tmp_path / "found", TWELVE, "failed")
    file = next((tmp_path / "found").rglob("result.json"))
    document = json.loads(file.read_text())
    (document.get("source") or {})["branch"] = "forged"
    file.write_text(json.dumps(document))
    assert ciforge("collect", "found", "--branch", "stable/1.0").exit_code == 0
    rows = [json.loads(line) for line in ciforge("status", "--json").stdout.splitlines()]
    assert [row["branch"] for row in rows if row["job"] == TWELVE] == ["stable/1.0"]


@pytest.mark.parametrize(
    ("branch", "run", "said"),
    [
        ("a..b", "", "is not the name of a branch"),
        ("-x", "", "is not the name of a branch"),
        ("main", "77", "names the branch already"),
    ],
)
def test_collect_branch_that_is_invalid_or_named_by_the_runner_is_refused(
    branch: str, run: str, said: str, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ciforge.errors import UsageError

    unpack(tmp_path / "found", TWELVE, "passed")
    monkeypatch.setenv("GITHUB_RUN_ID", run)
    with pytest.raises(UsageError, match=said):
        ciforge("collect", "found", f"--branch={branch}")


def test_collect_branch_option_needs_a_folder(api: Api) -> None:
    from ciforge.errors import UsageError

    with pytest.raises(UsageError, match="--branch needs a folder"):
        collect("--branch", "main")
