"""`ciforge try --on sourcehut`: each job is a manifest that is submitted, by the GraphQL API of builds.sr.ht."""

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

from ciforge.ci.sourcehut import dispatch
from tests.dispatching import JobEnd, dispatching
from tests.dispatching_sourcehut import SourcehutService
from tests.tables import each

pytestmark = pytest.mark.slow

ADDRESS = "https://git.sr.ht/~example/hello"
OPTIONS = '#!/bin/sh\necho "$GIT_PUSH_OPTION_COUNT $GIT_PUSH_OPTION_0" >>options\n'


@pytest.fixture
def sourcehut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SourcehutService]:
    """The service, and this process in a checkout of its only repository."""
    tree, remote = begin_tree(tmp_path, monkeypatch, TWO_JOBS, "sourcehut")
    git(remote, "config", "receive.advertisePushOptions", "true")
    (remote / "hooks" / "post-receive").write_text(OPTIONS)
    (remote / "hooks" / "post-receive").chmod(0o755)
    push_to(monkeypatch, tree, remote, ADDRESS)
    (remote / "options").unlink(missing_ok=True)
    with dispatching(SourcehutService(remote, Running(ends(PASSES)))) as running:
        assert isinstance(running, SourcehutService)
        monkeypatch.setenv("SRHT_API_URL", running.address)
        monkeypatch.setenv("SRHT_TOKEN", "h0t")
        monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
        be_quick(monkeypatch, tmp_path)
        yield running


def test_try_on_sourcehut_submits_a_manifest_for_each_job(sourcehut: SourcehutService) -> None:
    runner = sourcehut.runner
    assert isinstance(runner, Running)
    Path("new.c").write_text("int x;\n")
    done = attempt("--on", "sourcehut", "--untracked")
    assert done.exit_code == 0, done.stderr
    assert sorted(runner.jobs) == [TWELVE, THIRTEEN]
    assert statuses() == {TWELVE: "passed", THIRTEEN: "passed"}
    assert sourcehut.tokens == {"Bearer h0t"}
    pushed = (sourcehut.remote / "options").read_text().splitlines()
    assert (
        pushed[0] == "1 skip-ci"
    )  # or the service would submit the manifests itself, with secrets
    log = next(Path(os.environ["CIFORGE_STATE"]).glob("p/runs/*/hello,debian-13,default/log.txt"))
    assert log.read_text() == "--- ciforge: build ---\nmake\n"
    assert_gone(sourcehut)


def test_failed_job_on_sourcehut_has_the_result_and_the_logs_of_its_tasks(
    sourcehut: SourcehutService,
) -> None:
    sourcehut.runner = Running(ends({TWELVE: "passed", THIRTEEN: "failed"}))
    done = attempt("--on", "sourcehut")
    assert done.exit_code == 1, done.stderr
    assert statuses() == {TWELVE: "passed", THIRTEEN: "failed"}
    assert "event.h not found" in done.stdout
    log = next(Path(os.environ["CIFORGE_STATE"]).glob("p/runs/*/hello,debian-13,default/log.txt"))
    text = log.read_text()
    assert "--- ciforge: build ---" in text
    assert '"v": 3' not in text


@each("limit", ["LARGEST_LOGS", "_MOST_LOGS"])
def test_job_with_too_large_logs_on_sourcehut_leaves_the_results_of_others(
    limit: str, sourcehut: SourcehutService, monkeypatch: pytest.MonkeyPatch
) -> None:
    sourcehut.asked, sourcehut.runs = [], []
    sourcehut.runner = Running({**ends(PASSES), THIRTEEN: JobEnd("failure")})
    with monkeypatch.context() as patch:
        patch.setattr(dispatch, limit, 1)
        done = attempt("--on", "sourcehut")
    assert done.exit_code == 3, done.stderr
    assert statuses() == {TWELVE: "passed", THIRTEEN: "infrastructure"}
    assert "larger than 1 bytes" in done.stdout or "more than 1 logs" in done.stdout
    assert sum("/log/" in line for line in sourcehut.asked) == 1
    assert_gone(sourcehut)


@each(
    ("end", "code", "status"),
    [
        (JobEnd("cancelled"), 1, "cancelled"),
        (JobEnd("failure"), 3, "infrastructure"),  # its log ends without a result
        (JobEnd("timed_out"), 3, "infrastructure"),
        (JobEnd("failure", archive(THIRTEEN, "passed")), 3, "infrastructure"),
        (JobEnd("success", archive(TWELVE, "passed")), 3, "infrastructure"),
        (JobEnd("success"), 3, "infrastructure"),
    ],
)
def test_job_that_did_not_pass_on_sourcehut_is_not_green(
    sourcehut: SourcehutService, end: JobEnd, code: int, status: str
) -> None:
    sourcehut.runner = Running({**ends(PASSES), THIRTEEN: end})
    done = attempt("--on", "sourcehut")
    assert done.exit_code == code, done.stderr
    assert statuses() == {TWELVE: "passed", THIRTEEN: status}
    assert_gone(sourcehut)


def test_connection_to_sourcehut_that_is_cut_at_any_request_is_repaired(
    sourcehut: SourcehutService,
) -> None:
    assert attempt("--on", "sourcehut", THIRTEEN).exit_code == 0
    requests = len(sourcehut.asked)
    for number in range(requests):
        sourcehut.asked, sourcehut.runs = [], []
        sourcehut.cut = frozenset({number})
        done = attempt("--on", "sourcehut", THIRTEEN)
        assert done.exit_code == (0 if number else 3), (number, done.stderr)
        assert len(sourcehut.runs) == (1 if number else 0), number
        assert_gone(sourcehut)


def test_interrupted_try_on_sourcehut_cancels_its_builds(sourcehut: SourcehutService) -> None:
    def interrupt(number: int, _line: str) -> None:
        if number == 6:
            os.kill(os.getpid(), signal.SIGINT)

    sourcehut.stays, sourcehut.on_request = True, interrupt
    assert attempt("--on", "sourcehut").exit_code == 130
    assert sourcehut.runs and all(run.cancelled for run in sourcehut.runs)
    assert_gone(sourcehut)


def test_rate_limit_of_sourcehut_is_waited_for(sourcehut: SourcehutService) -> None:
    sourcehut.limited = {3: {"Retry-After": "0"}}
    done = attempt("--on", "sourcehut", THIRTEEN)
    assert done.exit_code == 0, done.stderr
    assert "rate limit exceeded" in done.stderr


@each(
    ("operation", "code", "message", "told"),
    [
        ("submit", 200, "A paid account is required to submit builds", "paid account"),
        ("me", 403, "Invalid or expired OAuth 2.0 token", "SRHT_TOKEN needs JOBS:RW"),
    ],
)
def test_builds_that_sourcehut_refuses_are_explained(
    sourcehut: SourcehutService, operation: str, code: int, message: str, told: str
) -> None:
    sourcehut.refusals = {operation: (code, message)}
    done = attempt("--on", "sourcehut")
    assert done.exit_code == 2, done.stderr
    assert told in done.stderr
    assert_gone(sourcehut)


def test_push_that_git_sr_ht_refuses_ends_the_try(sourcehut: SourcehutService) -> None:
    hook = sourcehut.remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho no right to push; exit 1\n")
    hook.chmod(0o755)
    done = attempt("--on", "sourcehut")
    assert done.exit_code == 3
    assert "no right to push" in done.stderr
    assert sourcehut.runs == []
    hook.unlink()
    assert_gone(sourcehut)


def test_sourcehut_token_is_sent_to_the_domain_of_the_remote_only(
    sourcehut: SourcehutService, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(Path.cwd(), "remote", "set-url", "origin", "https://git.example.org/~example/hello")
    done = attempt("--on", "sourcehut")
    assert done.exit_code == 2
    assert "which is not on git.sr.ht" in done.stderr
    assert "SRHT_TOKEN is sent to builds.SRHT_DOMAIN, or SRHT_API_URL, only" in done.stderr
    git(Path.cwd(), "remote", "set-url", "origin", ADDRESS)
    monkeypatch.setenv("SRHT_API_URL", "http://builds.sr.ht")
    plain = attempt("--on", "sourcehut")
    assert (plain.exit_code, sourcehut.asked) == (2, [])
    assert "unset SRHT_API_URL for https://builds.sr.ht" in plain.stderr
    assert "GITHUB" not in plain.stderr
    monkeypatch.delenv("SRHT_TOKEN")
    missing = attempt("--on", "sourcehut")
    assert (missing.exit_code, sourcehut.asked) == (2, [])
    assert "set SRHT_TOKEN to a personal access token of meta.sr.ht" in missing.stderr


def test_detached_try_on_sourcehut_is_resumed(sourcehut: SourcehutService) -> None:
    started = attempt("--on", "sourcehut", "--detach")
    assert started.exit_code == 0, started.stderr
    done = ciforge("try", "--resume", started.stdout.strip())
    assert done.exit_code == 0, done.stderr
    assert statuses() == {TWELVE: "passed", THIRTEEN: "passed"}
    assert_gone(sourcehut)
