"""`ciforge try`: the working tree on a hosted service; the branch is gone afterwards, and nothing is green that is not."""

import contextlib
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from api import archive
from click.testing import CliRunner
from try_commands import (
    PASSES,
    THIRTEEN,
    TWELVE,
    Running,
    assert_gone,
    attempt,
    be_quick,
    ciforge,
    ends,
    git,
    replace_address,
    statuses,
)

from ciforge.cli.main import cli
from tests.dispatching import JobEnd, Service, dispatching
from tests.tables import each

pytestmark = pytest.mark.slow

PROJECT = """\
project: p
repos: {hello: {path: ., recipe: make}}
variants: {v1: {}, v2: {}, v3: {}, v4: {}, v5: {}, v6: {}, v7: {}}
jobs: [hello/debian-12/default, hello/debian-13/default, hello/alpine-3.23/*]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a checkout, `tree`, whose workflow is generated, and its remote, `remote.git`."""
    folder = tmp_path_factory.mktemp("made")
    tree, remote = folder / "tree", folder / "remote.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    git(folder, "init", "--quiet", "--initial-branch=main", str(tree))
    (tree / "ciforge.yml").write_text(PROJECT)
    (tree / "Makefile").write_text("all:\n\ttrue\n")
    (tree / ".gitignore").write_text("*.o\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tree)
        assert CliRunner().invoke(cli, ["generate"], catch_exceptions=False).exit_code == 0
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", "Begin")
    git(tree, "remote", "add", "origin", "https://github.com/example/hello.git")
    return folder


@pytest.fixture
def service(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The service, and this process in a copy of the checkout."""
    for name in ("tree", "remote.git"):
        subprocess.run(["cp", "-a", made / name, tmp_path / name], check=True)
    tree, remote = tmp_path / "tree", tmp_path / "remote.git"
    replace_address(monkeypatch, tmp_path, "https://github.com/example/hello.git", remote)
    git(tree, "push", "--quiet", "origin", "main")
    git(tree, "fetch", "--quiet", "origin")
    with dispatching(Service(remote, Running(ends(PASSES)))) as running:
        monkeypatch.setenv("GITHUB_API_URL", running.address)
        monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
        monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)
        be_quick(monkeypatch, tmp_path)
        monkeypatch.chdir(tree)
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
"""Ends that say nothing about the source, by the number of their variant, and a part of the reason."""


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


def test_push_that_is_refused_leaves_nothing(service: Service) -> None:
    hook = service.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no room for you >&2\nexit 1\n")
    hook.chmod(0o755)
    done = attempt("debian")
    assert done.exit_code == 3
    assert "did not take branch ciforge/try/" in done.stderr
    assert "no room for you" in done.stderr and "pre-receive hook declined" in done.stderr
    assert service.runs == []
    assert_gone(service)


def test_push_whose_connection_is_cut_after_it_arrived_leaves_no_branch(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(
        f"""#!/bin/sh
        {shutil.which("git")} "$@" || exit
        case "$*" in
        *" push "*" "[0-9a-f]*:refs/heads/ciforge/try/*)
            {shutil.which("git")} -C {service.remote} for-each-ref refs/heads/ciforge >{tmp_path}/arrived
            echo "fatal: the remote end hung up unexpectedly" >&2
            exit 128 ;;
        esac
        """
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    done = attempt("debian")
    assert done.exit_code == 3
    assert "hung up" in done.stderr
    assert "refs/heads/ciforge/try/" in (tmp_path / "arrived").read_text()
    assert service.runs == []
    assert_gone(service)


def test_connection_that_is_cut_at_any_request_is_repaired(service: Service) -> None:
    assert attempt("debian").exit_code == 0
    requests = len(service.asked)
    assert requests > 8
    for number in range(requests):
        service.asked, service.runs = [], []
        service.cut = frozenset({number})
        done = attempt("debian")
        first_questions = number < 2  # nothing was pushed yet
        assert done.exit_code == (3 if first_questions else 0), (number, done.stderr)
        assert len(service.runs) == (0 if first_questions else 1), number
        assert_gone(service)


def test_service_that_is_lost_for_good_makes_no_job_green(service: Service) -> None:
    def lose(number: int, line: str) -> None:
        if line.endswith("/jobs"):
            service.cut = frozenset(range(number, number + 1000))

    service.on_request = lose
    done = attempt("debian")
    assert done.exit_code == 3, done.stderr
    assert set(statuses().values()) == {"infrastructure"}
    assert_gone(service)


def test_rate_limit_is_waited_for(service: Service) -> None:
    service.limited = {
        2: {"Retry-After": "0"}, 3: {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"},
        5: {"Retry-After": "0"}, 7: {"Retry-After": "0"},
    }  # fmt: skip
    done = attempt("debian")
    assert done.exit_code == 0, done.stderr
    assert done.stderr.count("rate limit exceeded") == 4
    assert len(service.runs) == 1
    assert_gone(service)


@each("at", ["/dispatches", "/actions/runs", "/jobs", "/artifacts"])
def test_interrupted_try_cancels_its_run_and_removes_its_branch(service: Service, at: str) -> None:
    def interrupt(_number: int, line: str) -> None:
        if line.endswith(at) and not sent:
            sent.append(line)
            os.kill(os.getpid(), signal.SIGINT)

    sent: list[str] = []
    service.runs, service.on_request = [], interrupt
    service.stays = at != "/artifacts"
    done = attempt("debian")
    assert done.exit_code == 130, done.stderr
    assert service.runs or at == "/dispatches"
    assert all(run.over for run in service.runs)
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


def test_detached_build_is_resumed_to_its_end(service: Service) -> None:
    service.stays = True
    done = attempt("debian", "--detach")
    assert done.exit_code == 0, done.stderr
    id_ = done.stdout.strip()
    assert service.branches() == [f"ciforge/try/{id_}", "main"]
    (row,) = attempt(THIRTEEN, "--detach", "--json").stdout.splitlines()
    other = json.loads(row)["run"]
    assert "branch" not in cleaned("--dry-run")
    service.stays = False
    assert ciforge("try", "--resume", other, "--json").exit_code == 0
    assert attempt(TWELVE).exit_code == 0
    assert service.branches() == [f"ciforge/try/{id_}", "main"], "another `try` leaves it alone"
    done = ciforge("try", "--resume", id_)
    assert done.exit_code == 0, done.stderr
    assert "2 passed" in done.stdout
    assert_gone(service)
    assert "is under way on a service" in ciforge("try", "--resume", id_).stderr


def cleaned(*words: str) -> str:
    """What `ciforge clean` prints, on a machine without an engine."""
    command = [sys.executable, "-m", "ciforge", "clean", *words]
    env = os.environ | {"DOCKER_HOST": "unix:///nonexistent"}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("command", ["try", "clean", "resume"])
def test_branch_of_a_killed_try_is_removed(service: Service, command: str) -> None:
    service.stays = True
    child = subprocess.Popen(
        [sys.executable, "-m", "ciforge", "try", "--yes", "debian"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not any(line.endswith("/jobs") for line in service.asked):
        assert child.poll() is None
    child.kill()
    child.wait()
    (branch, _) = service.branches()
    service.stays = False
    if command == "try":
        done = attempt(THIRTEEN)
        assert done.exit_code == 0
        assert f"removed branch {branch} at " in done.stderr
        assert service.runs[0].cancelled
    elif command == "clean":
        assert f"would remove branch {branch}" in cleaned("--dry-run")
        assert branch in service.branches()
        assert f"removed branch {branch}" in cleaned()
    else:
        done = ciforge("try", "--resume", branch.rpartition("/")[2])
        assert done.exit_code == 0
        assert "2 passed" in done.stdout
    assert_gone(service)


def test_try_that_is_killed_before_its_run_is_known_is_resumed_without_a_second_run(
    service: Service,
) -> None:
    def kill(_number: int, line: str) -> None:
        if line.endswith("/dispatches"):
            child.kill()

    service.on_request = kill
    child = subprocess.Popen(
        [sys.executable, "-m", "ciforge", "try", "--yes", "debian"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    child.wait()
    (branch, _) = service.branches()
    assert not list(Path(os.environ["CIFORGE_STATE"]).rglob("run.json"))
    done = ciforge("try", "--resume", branch.rpartition("/")[2])
    assert done.exit_code == 0, done.stderr
    assert statuses() == PASSES
    assert len(service.runs) == 1
    assert_gone(service)


def test_try_prints_the_events_of_run_as_json(service: Service) -> None:
    done = attempt("debian", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    names = [event["event"] for event in events]
    assert names[0] == "run_started" and names[-1] == "run_ended"
    assert [event["status"] for event in events if event["event"] == "job_ended"] == ["passed"] * 2
    assert events[-1]["results"][0]["job"] == TWELVE


def test_try_whose_output_is_closed_cancels_its_run_and_removes_its_branch(
    service: Service,
) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "ciforge", "try", "--yes", "--json", "debian"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdout is not None
    assert b"run_started" in child.stdout.readline()
    child.stdout.close()
    assert child.wait(timeout=120) == 141
    assert [run.cancelled for run in service.runs] == [True]
    assert_gone(service)


def test_try_updates_no_incident_and_queues_no_mail(service: Service) -> None:
    service.runner = Running(ends({TWELVE: "failed", THIRTEEN: "failed"}))
    assert attempt("debian").exit_code == 1
    assert not list(Path(os.environ["CIFORGE_STATE"]).rglob("incidents.db"))
    (row,) = [json.loads(line) for line in ciforge("history", "--json").stdout.splitlines()]
    assert row["results"] == {"failed": 2}
