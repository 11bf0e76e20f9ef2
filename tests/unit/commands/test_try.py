"""`ciforge try`: the working tree on a hosted service; the branch is gone afterwards, and nothing is green that is not."""

import contextlib
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from api import archive
from github_checkout import github_service, made_checkout
from try_commands import (
    PASSES,
    THIRTEEN,
    TWELVE,
    Running,
    assert_gone,
    attempt,
    ciforge,
    ends,
    git,
    statuses,
)

from tests.dispatching import JobEnd, Service
from tests.tables import each

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_checkout(tmp_path_factory.mktemp("made"))


@pytest.fixture
def service(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with github_service(made, tmp_path, monkeypatch) as running:
        yield running


def files_of_git() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in Path(".git").rglob("*") if path.is_file()}


def test_try_builds_uncommitted_changes_and_ends_as_run(service: Service) -> None:
    runner = service.runner
    assert isinstance(runner, Running)
    Path("Makefile").write_text("all:\n\tfalse\n")
    Path("new.c").write_text("int x;\n")
    before = files_of_git()
    done = attempt("debian")
    assert done.exit_code == 0, done.stderr
    assert_gone(service)
    assert files_of_git() == before
    (commit,) = runner.commits
    assert runner.jobs == [TWELVE, THIRTEEN]
    assert git(service.remote, "show", f"{commit}:Makefile") == "all:\n\tfalse"
    names = git(service.remote, "ls-tree", "--name-only", commit).splitlines()
    assert "new.c" not in names and "Makefile" in names
    assert "[skip ci]" in git(service.remote, "log", "-1", "--format=%B", commit)
    assert "1 untracked file (new.c); --untracked sends them" in done.stderr
    assert "Makefile  12 bytes" in done.stderr
    assert "stays readable there" in done.stderr
    assert statuses() == PASSES
    assert "2 passed" in done.stdout
    assert service.tokens == {"Bearer s3cret"}


def test_try_with_untracked_pushes_new_files_and_never_ignored_ones(service: Service) -> None:
    runner = service.runner
    assert isinstance(runner, Running)
    Path("new.c").write_text("int x;\n")
    Path("new.o").write_text("object\n")
    assert attempt("--untracked", THIRTEEN).exit_code == 0
    names = git(service.remote, "ls-tree", "--name-only", runner.commits[0]).splitlines()
    assert "new.c" in names and "new.o" not in names


def alpine(variant: str) -> str:
    return f"hello/alpine-3.23/{variant}"


LOST = (
    (JobEnd("failure", None, "The runner has lost communication."), "lost communication"),
    (JobEnd("failure", None, "Your spending limit is reached."), "spending limit"),
    (JobEnd("failure", archive(alpine("v3"), "passed")), "reports failure"),
    (JobEnd("success"), "reports success"),
    (JobEnd("success", archive(TWELVE, "passed")), "another job"),
    (JobEnd("success", b"PK damaged"), "damaged"),
    (JobEnd("skipped"), "reports skipped"),
)


def test_job_that_did_not_pass_on_the_service_is_not_green(service: Service) -> None:
    lost = {alpine(f"v{number}"): end for number, (end, _) in enumerate(LOST, 1)}
    service.runner = Running({**ends(PASSES), **lost})
    done = attempt("debian", "alpine-3.23/v?")
    assert done.exit_code == 3, done.stderr
    assert statuses() == PASSES | dict.fromkeys(lost, "infrastructure")
    for _, said in LOST:
        assert said in done.stdout
    assert_gone(service)


@each(
    ("end", "status", "said"),
    [
        (ends({THIRTEEN: "failed"})[THIRTEEN], "failed", "event.h"),
        (JobEnd("cancelled"), "cancelled", "cancelled"),
    ],
)
def test_job_that_failed_or_was_cancelled_ends_a_try_with_1(
    service: Service, end: JobEnd, status: str, said: str
) -> None:
    service.runner = Running({**ends(PASSES), THIRTEEN: end})
    done = attempt("debian")
    assert done.exit_code == 1, done.stderr
    assert statuses() == {TWELVE: "passed", THIRTEEN: status}
    assert said in done.stdout
    assert_gone(service)


def test_run_that_is_cancelled_from_outside_is_not_green(service: Service) -> None:
    def cancel(_number: int, line: str) -> None:
        if line.endswith("/jobs"):
            service.runs[0].cancelled = True

    service.stays = True
    service.on_request = cancel
    done = attempt("debian")
    assert done.exit_code == 1, done.stderr
    assert set(statuses().values()) == {"cancelled"}
    assert_gone(service)


def test_run_without_success_is_not_green_though_all_jobs_passed(service: Service) -> None:
    service.conclusion = "failure"
    done = attempt("debian")
    assert done.exit_code == 3
    assert "the service reports failure" in done.stderr
    assert_gone(service)


@each(
    ("refusals", "said"),
    [
        ({"/dispatches": (403, "Resource not accessible by personal access token")}, "write Actions"),
        ({"/dispatches": (422, "Workflow does not have 'workflow_dispatch' trigger")}, "workflow_dispatch"),
        ({"/ciforge.yml": (404, "Not Found")}, "is not on main of the repository"),
        ({"/hello": (404, "Not Found")}, "does not show this repository"),
        ({"/hello": (401, "Bad credentials")}, "token is not accepted"),
    ],
)  # fmt: skip
def test_refused_start_says_what_is_missing_and_leaves_nothing(
    service: Service, refusals: Mapping[str, tuple[int, str]], said: str
) -> None:
    service.refusals = refusals
    done = attempt("debian")
    assert done.exit_code in (2, 3)
    assert said in done.stderr
    assert service.runs == []
    assert_gone(service)


def test_token_that_may_not_push_is_refused_before_the_push(service: Service) -> None:
    service.repository = {"default_branch": "main", "permissions": {"push": False}}
    assert "example/hello: the token may not push" in attempt("debian").stderr
    service.repository = {"default_branch": "main", "permissions": {"push": True}}
    service.workflow = {"state": "disabled_inactivity"}
    assert "disabled_inactivity" in attempt("debian").stderr
    assert_gone(service)


@each(
    ("prepared", "said"),
    [
        ("GITHUB_TOKEN=", "no token"),
        ("remote", "is not on github.com"),
        ("workflow", "out of date: .github/workflows/ciforge.yml"),
        ("no workflow", "generated.txt is missing"),
    ],
)
def test_try_refuses_what_the_service_could_not_run(
    service: Service, prepared: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = Path.cwd()
    if prepared == "GITHUB_TOKEN=":
        monkeypatch.setenv("GITHUB_TOKEN", "")
    if prepared == "remote":
        git(tree, "remote", "add", "other", "https://git.example.org/hello.git")
    if prepared == "workflow":
        with Path(".github/workflows/ciforge.yml").open("a") as file:
            file.write("# by hand\n")
    if prepared == "no workflow":
        git(tree, "rm", "-r", "--quiet", "--force", ".github")
    words = ["--remote", "other"] if prepared == "remote" else []
    done = attempt("debian", *words)
    git(tree, "checkout", "--quiet", "HEAD", ".")
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    assert done.exit_code == 2
    assert said in done.stderr
    assert service.asked == []
    assert_gone(service)


def test_try_without_a_terminal_asks_nothing_and_pushes_nothing(service: Service) -> None:
    done = ciforge("try", "debian")
    assert done.exit_code == 2
    assert "nothing was pushed" in done.stderr
    assert service.runs == []
    assert_gone(service)


def on_a_terminal(*words: str, typed: str) -> tuple[int, str]:
    """The exit status of a command, and what a terminal shows, on which a line is typed."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "ciforge", *words],
        stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm", "COLUMNS": "120"},
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, f"{typed}\n".encode())
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while data := os.read(ours, 65536):
            shown += data
    os.close(ours)
    return child.wait(), shown.decode()


@pytest.mark.parametrize(("answer", "code"), [("n", 130), ("y", 0)])
def test_try_pushes_only_after_a_yes_on_a_terminal(
    service: Service, answer: str, code: int
) -> None:
    service.patience = 1
    found, shown = on_a_terminal("try", "debian", typed=answer)
    assert found == code, shown
    assert "origin, /" in shown and "Push this commit?" in shown
    assert len(service.runs) == (answer == "y")
    assert ("2 running, 0 waiting" in shown) == (answer == "y"), (
        "the table of `run` follows the jobs"
    )
    assert_gone(service)


def test_service_that_cannot_be_asked_is_refused_by_name(service: Service) -> None:
    done = attempt("debian", "--on", "gitlab")
    assert done.exit_code == 2
    assert "starts no jobs on gitlab so far" in done.stderr
    assert service.asked == []


def test_try_prints_the_events_of_run_as_json(service: Service) -> None:
    done = attempt("debian", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    names = [event["event"] for event in events]
    assert names[0] == "run_started" and names[-1] == "run_ended"
    assert [event["status"] for event in events if event["event"] == "job_ended"] == ["passed"] * 2
    assert events[-1]["results"][0]["job"] == TWELVE


def test_try_updates_no_incident_and_queues_no_mail(service: Service) -> None:
    service.runner = Running(ends({TWELVE: "failed", THIRTEEN: "failed"}))
    assert attempt("debian").exit_code == 1
    assert not list(Path(os.environ["CIFORGE_STATE"]).rglob("incidents.db"))
    (row,) = [json.loads(line) for line in ciforge("history", "--json").stdout.splitlines()]
    assert row["results"] == {"failed": 2}
