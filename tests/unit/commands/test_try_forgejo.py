"""`ciforge try --on forgejo`: as on GitHub, by the API of Forgejo 16, with only the chosen jobs in the commit."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from api import archive
from try_commands import (
    PASSES,
    THIRTEEN,
    TWELVE,
    TWO_JOBS,
    Running,
    assert_gone,
    attempt,
    be_quick,
    begin_tree,
    ciforge,
    ends,
    git,
    push_to,
    statuses,
)

from tests.dispatching import ForgejoService, JobEnd, dispatching
from tests.tables import each

pytestmark = pytest.mark.slow


@pytest.fixture
def forgejo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForgejoService]:
    """The service, and this process in a checkout of its only repository."""
    tree, remote = begin_tree(tmp_path, monkeypatch, TWO_JOBS, "forgejo")
    with dispatching(ForgejoService(remote, Running(ends(PASSES)))) as running:
        address = f"{running.address}/example/hello.git"
        push_to(monkeypatch, tree, remote, address)
        monkeypatch.setenv("FORGEJO_SERVER_URL", running.address)
        monkeypatch.setenv("FORGEJO_TOKEN", "f0rge")
        monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
        be_quick(monkeypatch, tmp_path)
        yield running


def test_try_on_forgejo_runs_only_the_chosen_jobs(forgejo: ForgejoService) -> None:
    runner = forgejo.runner
    assert isinstance(runner, Running)
    done = attempt("--on", "forgejo", THIRTEEN)
    assert done.exit_code == 0, done.stderr
    assert runner.jobs == [THIRTEEN]
    assert "its workflow files are those of these jobs only" in done.stderr
    assert git(Path.cwd(), "status", "--porcelain") == ""
    assert statuses() == {THIRTEEN: "passed"}
    assert forgejo.tokens == {"Bearer f0rge"}
    assert_gone(forgejo)


@each(
    ("end", "code", "status"),
    [
        (ends({THIRTEEN: "failed"})[THIRTEEN], 1, "failed"),
        (JobEnd("cancelled"), 1, "cancelled"),
        (JobEnd("failure"), 3, "infrastructure"),
        (JobEnd("failure", archive(THIRTEEN, "passed")), 3, "infrastructure"),
        (JobEnd("success", archive(TWELVE, "passed")), 3, "infrastructure"),
    ],
)
def test_job_that_did_not_pass_on_forgejo_is_not_green(
    forgejo: ForgejoService, end: JobEnd, code: int, status: str
) -> None:
    forgejo.runner = Running({**ends(PASSES), THIRTEEN: end})
    done = attempt("--on", "forgejo")
    assert done.exit_code == code, done.stderr
    assert statuses() == {TWELVE: "passed", THIRTEEN: status}
    assert_gone(forgejo)


def test_connection_to_forgejo_that_is_cut_at_any_request_is_repaired(
    forgejo: ForgejoService,
) -> None:
    assert attempt("--on", "forgejo").exit_code == 0
    requests = len(forgejo.asked)
    for number in range(requests):
        forgejo.asked, forgejo.runs = [], []
        forgejo.cut = frozenset({number})
        done = attempt("--on", "forgejo")
        assert done.exit_code == (0 if number else 3), (number, done.stderr)
        assert len(forgejo.runs) == (1 if number else 0), number
        assert_gone(forgejo)


def test_interrupted_try_on_forgejo_cancels_its_run(forgejo: ForgejoService) -> None:
    def interrupt(_number: int, line: str) -> None:
        if line.endswith("/jobs") and not sent:
            sent.append(line)
            os.kill(os.getpid(), signal.SIGINT)

    sent: list[str] = []
    forgejo.stays, forgejo.on_request = True, interrupt
    assert attempt("--on", "forgejo").exit_code == 130
    assert [run.cancelled for run in forgejo.runs] == [True]
    assert_gone(forgejo)


def test_forgejo_that_lists_no_jobs_is_refused_with_its_version(forgejo: ForgejoService) -> None:
    forgejo.refusals = {"/jobs": (404, "Not Found")}
    done = attempt("--on", "forgejo")
    assert done.exit_code == 2
    assert "Forgejo 16 or newer" in done.stderr
    assert_gone(forgejo)


@each(
    ("name", "value", "said"),
    [
        ("FORGEJO_TOKEN", "", "set FORGEJO_SERVER_URL"),
        ("FORGEJO_SERVER_URL", "", "set FORGEJO_SERVER_URL"),
        ("FORGEJO_SERVER_URL", "http://codeberg.org", "is not the address"),
        ("FORGEJO_SERVER_URL", "ftp://x", "write for example https://codeberg.org"),
        ("FORGEJO_SERVER_URL", "https://codeberg.org", "is not on codeberg.org"),
        ("FORGEJO_TOKEN", "a b", "not allowed in a token"),
    ],
)
def test_forgejo_token_is_sent_to_its_own_server_only(
    forgejo: ForgejoService, name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv(name, value)
        done = attempt("--on", "forgejo")
    assert done.exit_code == 2
    assert said in done.stderr
    assert "GITHUB" not in done.stderr
    assert forgejo.asked == []


def test_detached_build_on_forgejo_is_resumed(forgejo: ForgejoService) -> None:
    done = attempt("--on", "forgejo", "--detach")
    assert ciforge("try", "--resume", done.stdout.strip()).exit_code == 0
    assert statuses() == PASSES
    assert_gone(forgejo)
