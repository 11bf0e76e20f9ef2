"""`ciforge bisect` over a real git history; only the builds are made up."""

import json
import time
from pathlib import Path

import pytest
from bisect_builds import (
    FIRST,
    JOB,
    KEY,
    NO_ENGINE,
    NOW,
    SECOND,
    TITLE,
    Builds,
    Ran,
    git,
    made_builds,
    recorder,
)
from command_tests import Past, Types

from ciforge.app.bisect_build import Bisecting, SearchInterrupted, own_result
from ciforge.app.bisect_history import JudgedResult
from ciforge.bisect.judge import SoughtCause
from ciforge.bisect.search import Verdict
from ciforge.model.result import Result, Status
from ciforge.store.incidents.read_only import present

pytestmark = pytest.mark.slow


@pytest.fixture
def builds(here: Path, monkeypatch: pytest.MonkeyPatch) -> Builds:
    """A history of 16 commits."""
    return made_builds(here, monkeypatch)


@pytest.fixture
def ran(past: Past, builds: Builds) -> Ran:
    return recorder(past, builds)


def test_bisect_between_the_last_runs_is_shown_by_status_report_and_mail(
    builds: Builds, ran: Ran, types: Types, state: Path
) -> None:
    builds.culprit, builds.broken = 11, (5,)
    ran(FIRST, 0, Status.PASSED)
    ran(SECOND, 15, Status.FAILED)
    types("notify")
    typed = types("bisect", "debian-13/default", "--json")
    assert typed.code == 0, typed.err
    answer = json.loads(typed.out)
    assert (answer["outcome"], answer["confirmed"]) == ("found", True)
    assert [one["subject"] for one in answer["commits"]] == ["Change 11"]
    assert answer["parent"] == builds.commits[10]
    assert answer["builds"] == len(builds.done) <= 4 + 2 + answer["skipped"]
    assert {(10, True), (11, True)} <= {*builds.done}
    sentence = f"Commit {builds.commits[11][:12]} (Change 11, Tester) brought it."
    assert sentence in types("status").out
    assert sentence in types("report").out
    assert f"Commit {builds.commits[11][:12]}" in types("report", "--markdown").out
    (incident,) = present(state, "mine").incidents.values()
    assert answer["incidents"] == [incident.id]
    ran("20260203T000000Z-cccccc", 15, Status.PASSED)
    types("notify")
    assert sentence not in types("status").out


def test_reminder_of_a_bisected_incident_names_the_commit(
    builds: Builds, ran: Ran, types: Types, monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    builds.culprit = 3
    ran(FIRST, 0, Status.PASSED)
    ran(SECOND, 15, Status.FAILED)
    types("notify")
    types("bisect", JOB)
    monkeypatch.setattr(time, "time", lambda: NOW + 2 * 86400)
    types("notify")
    mails = [file.read_text() for file in (state / "mail").glob("new/*")]
    assert [f"Commit {builds.commits[3][:12]}" in mail for mail in mails].count(True) == 1


def test_bisect_without_runs_needs_a_good_commit_and_builds_the_bad_end(
    builds: Builds, types: Types
) -> None:
    builds.culprit = 1
    typed = types("bisect", JOB)
    assert (typed.code, typed.out) == (2, "")
    assert "name a commit at which it was good with --good REV" in typed.err
    assert builds.done == [(15, True)]
    found = types("bisect", JOB, "--good", builds.commits[0])
    assert found.code == 0
    assert found.lines[0] == f"Commit {builds.commits[1][:12]} (Change 1, Tester) brought it."
    assert "none: only runs with --notify open incidents" in found.out


def test_bad_end_that_the_engine_could_not_build_is_no_usage_error(
    builds: Builds, types: Types
) -> None:
    builds.ends[15] = NO_ENGINE
    typed = types("bisect", JOB, "--good", builds.commits[0])
    assert (typed.code, typed.out) == (3, "")
    assert "does not fail at" not in typed.err


def test_bisect_that_is_interrupted_at_its_bad_end_exits_130(
    builds: Builds, types: Types, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(work: Bisecting, revision: str, *, cold: bool) -> JudgedResult:
        work.interrupted = True
        raise SearchInterrupted("stopped by a signal")

    monkeypatch.setattr(Bisecting, "result", stopped)
    typed = types("bisect", JOB, "--good", builds.commits[0])
    assert (typed.code, typed.out) == (130, "")


def test_bad_commit_that_passed_later_is_built_before_it_is_called_good(
    builds: Builds, ran: Ran, types: Types
) -> None:
    builds.culprit = 15
    ran(FIRST, 15, Status.FAILED)
    ran(SECOND, 15, Status.PASSED)
    ends = ("--good", builds.commits[0], "--bad", builds.commits[15])
    found = types("bisect", JOB, *ends)
    assert found.code == 0, found.err
    assert found.lines[0].startswith(f"Commit {builds.commits[15][:12]}")
    assert (15, True) in builds.done
    builds.culprit = 99
    builds.done.clear()
    gone = types("bisect", JOB, *ends)
    assert gone.code == 1
    assert gone.lines[0].startswith("The failure was not repeated: ")
    assert gone.lines[0].endswith("built now, does not show it.")
    assert (15, True) in builds.done


def test_commit_whose_build_without_caches_differs_is_not_certain(
    builds: Builds, ran: Ran, types: Types
) -> None:
    builds.culprit = 5
    ran(FIRST, 4, Status.PASSED)
    ran(SECOND, 5, Status.FAILED)
    builds.ends[5] = Result(job=JOB, status=Status.FAILED, failed_step="configure")
    typed = types("bisect", JOB)
    assert typed.code == 1
    assert "This was not confirmed without caches." in typed.lines[0]


def test_parent_that_fails_otherwise_is_not_said_to_lack_the_cause(
    builds: Builds, ran: Ran, types: Types
) -> None:
    builds.culprit = 5
    ran(FIRST, 4, Status.PASSED)
    ran(SECOND, 5, Status.FAILED)
    builds.ends[4] = Result(job=JOB, status=Status.FAILED, failed_step="configure")
    typed = types("bisect", JOB)
    assert typed.code == 1
    assert "  before  " not in typed.out
    assert json.loads(types("bisect", JOB, "--json").out)["parent"] == ""


def test_incident_of_another_branch_does_not_get_the_commit(
    builds: Builds, here: Path, ran: Ran, types: Types, state: Path
) -> None:
    git(here, "checkout", "--quiet", "-b", "stable", builds.commits[2])
    (here / "daemon" / "other").write_text("x")
    git(here, "add", "--all")
    git(here, "commit", "--quiet", "--message", "Backport")
    builds.commits.append(git(here, "rev-parse", "HEAD"))
    git(here, "checkout", "--quiet", "-")
    builds.culprit = 9
    ran("20260201T000000Z-dddddd", 16, Status.FAILED, "stable")
    ran(FIRST, 0, Status.PASSED)
    ran(SECOND, 15, Status.FAILED)
    types("notify")
    kept = json.loads(types("bisect", JOB, "--bad", builds.commits[15], "--json").out)
    branches = {
        one.branch_ref.branch: one.bisection is not None
        for one in present(state, "mine").incidents.values()
    }
    assert branches == {"main": True, "stable": False}
    assert len(kept["incidents"]) == 1


def test_bisect_leaves_out_a_commit_without_the_folder(builds: Builds, types: Types) -> None:
    builds.culprit, builds.unreadable = 9, (7, 8, 9)
    typed = types("bisect", JOB, "--good", builds.commits[0], "--bad", builds.commits[15])
    assert typed.code == 1
    assert typed.out.startswith("One of 4 commits brought it, the first of them")
    assert [line.split()[1] for line in typed.lines if "candidate" in line] == [
        commit[:12] for commit in builds.commits[7:11]
    ]
    assert "has no folder daemon" in typed.err


def test_bisect_that_runs_out_of_time_lists_what_is_left(builds: Builds, types: Types) -> None:
    builds.culprit, builds.most = 9, 2
    typed = types("bisect", JOB, "--good", builds.commits[0], "--budget", "5m")
    assert typed.code == 1
    assert "the search ended early: the budget of 5 min 0 s was used up" in typed.out
    assert "candidate" in typed.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--good", "nothing"], "unknown or ambiguous revision 'nothing'"),
        (["--good", "-x"], "unknown or ambiguous revision '-x'"),
        (["--bad", "HEAD~3", "--good", "HEAD"], "is not part of the history of"),
        (["--good", "HEAD~3", "--cause", "2"], "--cause 2: the job has 1 at"),
        (["--bad", "HEAD~14"], "does not fail at"),
    ],
)
def test_bisect_refuses_ends_that_cannot_be(
    builds: Builds, types: Types, words: list[str], told: str
) -> None:
    builds.culprit = 8
    typed = types("bisect", JOB, *words)
    assert (typed.code, typed.out) == (2, "")
    assert told in typed.err
    assert "hint:" in typed.err or "unknown" in told


def test_bisect_of_a_source_without_git_says_so(types: Types) -> None:
    typed = types("bisect", JOB, "--good", "HEAD~1")
    assert typed.code == 2
    assert "not a git repository" in typed.err


@pytest.mark.parametrize("command", ["bisect", "shell", "script", "certify"])
def test_help_of_a_command_for_one_job_does_not_speak_of_several(
    types: Types, command: str
) -> None:
    shown = types(command, "--help").out
    assert "SELECTOR" not in shown
    assert "JSON lines" not in shown


@pytest.mark.parametrize(
    ("needed", "status", "verdict"),
    [
        (Status.FAILED, Status.CANCELLED, Verdict.OTHER),
        (Status.INFRASTRUCTURE, Status.INFRASTRUCTURE, Verdict.UNCLEAR),
    ],
)
def test_commit_whose_needed_job_fails_is_left_out_of_the_search(
    needed: Status, status: Status, verdict: Verdict
) -> None:
    first = Result(job="lib/debian-13/default", status=needed)
    own = Result(job=JOB, status=Status.CANCELLED, not_tried_for=first.job)
    found = own_result([first, own], JOB)
    assert (found.job, found.status, found.not_tried_for) == (JOB, status, first.job)
    sought = SoughtCause(key=KEY, title=TITLE, step="build")
    built = JudgedResult(revision="", result=found, causes=())
    assert built.verdict(sought, ["build"]) is verdict


def test_search_whose_needed_job_was_stopped_is_interrupted() -> None:
    first = Result(job="lib/debian-13/default", status=Status.CANCELLED, reason="SIGINT")
    own = Result(job=JOB, status=Status.CANCELLED, not_tried_for=first.job)
    found = own_result([first, own], JOB)
    assert (found.status, found.not_tried_for, found.reason) == (Status.CANCELLED, "", "SIGINT")
