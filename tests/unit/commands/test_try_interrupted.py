"""`ciforge try` that does not come to its end at once: refused, cut off, interrupted, detached, killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from github_checkout import github_service, made_checkout
from try_commands import (
    PASSES,
    THIRTEEN,
    TWELVE,
    assert_gone,
    attempt,
    ciforge,
    statuses,
)

from tests.dispatching import Service
from tests.tables import each

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_checkout(tmp_path_factory.mktemp("made"))


@pytest.fixture
def service(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with github_service(made, tmp_path, monkeypatch) as running:
        yield running


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
