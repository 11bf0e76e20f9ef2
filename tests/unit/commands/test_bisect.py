"""`ciforge bisect` over a real git history; only the builds are made up."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from conftest import Past, Types

from ciforge.app.bisect_history import JudgedResult
from ciforge.app.bisect_run import Bisecting
from ciforge.errors import UsageError
from ciforge.model.cause import Cause
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.result import Result, SourceUsed, Status
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.read_only import present

pytestmark = pytest.mark.slow

JOB = "daemon/debian-13/default"
KEY, TITLE = "daemon:header:grp.h", "grp.h not found"
LOG = "--- ciforge: build ---\nx.c:1:10: fatal error: grp.h: No such file or directory\n"
FIRST, SECOND = "20260101T000000Z-aaaaaa", "20260202T000000Z-bbbbbb"
NOW = 1_770_000_000.0


@attrs.define
class Builds:
    """What builds come to: commits from `culprit` on show the cause, some fail otherwise."""

    commits: list[str]
    culprit: int = 0
    broken: tuple[int, ...] = ()
    unreadable: tuple[int, ...] = ()
    most: int = 99
    done: list[tuple[int, bool]] = attrs.field(factory=list)

    def result(self, work: Bisecting, revision: str, *, cold: bool) -> JudgedResult | None:
        """None where the time is up."""
        at = self.commits.index(revision)
        if len(self.done) == self.most:
            return None
        self.done.append((at, cold))
        work.builds += 1
        if at in self.unreadable:
            raise UsageError(f"commit {revision[:12]} has no folder daemon")
        key = KEY if at >= self.culprit else ""
        return judged(revision, "other-cause" if at in self.broken else key)


def judged(revision: str, key: str) -> JudgedResult:
    status = Status.FAILED if key else Status.PASSED
    result = Result(
        job=JOB, status=status, failed_step="build" if key else None, packages={"libc": "2"}
    )
    found = Finding(kind=FindingKind.MISSING_HEADER, step="build")
    cause = Cause(key=key, kind=FindingKind.MISSING_HEADER, title=TITLE, findings={JOB: found})
    return JudgedResult(revision=revision, result=result, causes=(cause,) if key else ())


@pytest.fixture
def builds(here: Path, monkeypatch: pytest.MonkeyPatch) -> Builds:
    """A history of 16 commits."""
    monkeypatch.setattr(time, "time", lambda: NOW)
    git(here, "init", "--quiet")
    made = Builds([])
    for number in range(16):
        (here / "daemon" / "notes").write_text(str(number))
        git(here, "add", "--all")
        git(here, "commit", "--quiet", "--message", f"Change {number}")
        made.commits.append(git(here, "rev-parse", "HEAD"))
    real = Bisecting.result

    def result(work: Bisecting, revision: str, *, cold: bool) -> JudgedResult:
        built = made.result(work, revision, cold=cold)
        if built is None:
            work._until = 0.0
            return real(work, revision, cold=cold)
        return built

    monkeypatch.setattr(Bisecting, "result", result)
    return made


def git(tree: Path, *words: str) -> str:
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
    command = ["git", *who, *words]
    return subprocess.run(
        command, cwd=tree, capture_output=True, text=True, check=True
    ).stdout.strip()


Ran = Callable[[str, int, Status], None]


@pytest.fixture
def ran(past: Past, builds: Builds) -> Ran:
    """Records a run at a commit, as `ciforge run --notify` does."""

    def record(run: str, at: int, status: Status) -> None:
        used = SourceUsed(repo="daemon", origin="/x", revision=builds.commits[at], branch="main")
        stamp = f"{run[:4]}-{run[4:6]}-{run[6:8]}T00:00:00Z"
        folder = past.run(run, stamp, {JOB: status}, source=used)
        (folder / JOB.replace("/", ",") / "log.txt").write_text(LOG)
        file = folder / "run.json"
        file.write_text(
            json.dumps(json.loads(file.read_text()) | {"sources": [attrs.asdict(used)]})
        )
        with Incidents.open(past.state) as incidents:
            incidents.announce(run, NOW)

    return record


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


def test_bisect_of_a_commit_that_was_green_names_the_packages(
    builds: Builds, ran: Ran, types: Types, state: Path
) -> None:
    ran(FIRST, 15, Status.PASSED)
    ran(SECOND, 15, Status.FAILED)
    file = state / "runs" / FIRST / JOB.replace("/", ",") / "result.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"packages": {"libc": "1"}}))
    typed = types("bisect", JOB)
    assert typed.code == 0
    assert "No commit brought it" in typed.out
    assert "Packages that changed: libc 1 -> 2." in typed.out
    assert builds.done == [(15, True)]


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
