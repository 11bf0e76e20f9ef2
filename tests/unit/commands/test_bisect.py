"""`ciforge bisect` over a real git history; only the builds are made up."""

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import attrs
import pytest
from command_tests import Past, Types

from ciforge.app.bisect_build import Bisecting, SearchInterrupted, own_result
from ciforge.app.bisect_history import JudgedResult
from ciforge.bisect.judge import SoughtCause
from ciforge.bisect.search import Verdict
from ciforge.errors import EngineError, UsageError
from ciforge.model.cause import Cause
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.result import Result, SourceUsed, Status
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.read_only import present

pytestmark = pytest.mark.slow

JOB = "daemon/debian-13/default"
KEY, TITLE = "daemon:header:grp.h", "grp.h not found"
LOG = "--- ciforge: build ---\nx.c:1:10: fatal error: grp.h: No such file or directory\n"
LIBC = tuple(f"1.{number}" for number in range(1, 9))
FIRST, SECOND = "20260101T000000Z-aaaaaa", "20260202T000000Z-bbbbbb"
NOW = 1_770_000_000.0
NO_ENGINE = Result(job=JOB, status=Status.INFRASTRUCTURE, reason="the engine went away")


@attrs.define
class Builds:
    """What builds come to: commits from `culprit` on show the cause, some fail otherwise."""

    commits: list[str]
    culprit: int = 0
    broken: tuple[int, ...] = ()
    unreadable: tuple[int, ...] = ()
    ends: dict[int, Result] = attrs.field(factory=dict)
    """Results of commits that end in another way."""
    shows_from: int = 0
    """The version of libc, of those of `LIBC`, from which on a build shows the cause."""
    uninstallable: tuple[str, ...] = ()
    versions: list[str] = attrs.field(factory=list)
    """Versions of libc that were built, besides the newest."""
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
        if at in self.ends:
            return JudgedResult(revision=revision, result=self.ends[at], causes=())
        key = KEY if at >= self.culprit else ""
        return judged(revision, "other-cause" if at in self.broken else key)

    def of_version(self, work: Bisecting, revision: str, libc: str) -> JudgedResult:
        """The result of a commit with another version of libc."""
        self.versions.append(libc)
        work.builds += 1
        if libc in self.uninstallable:
            refused = Result(job=JOB, status=Status.FAILED, failed_step="prepare")
            return JudgedResult(revision=revision, result=refused, causes=())
        return judged(revision, KEY if LIBC.index(libc) >= self.shows_from else "")


def judged(revision: str, key: str) -> JudgedResult:
    status = Status.FAILED if key else Status.PASSED
    result = Result(
        job=JOB, status=status, failed_step="build" if key else None, packages={"libc": "1.8"}
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

    def result(
        work: Bisecting, revision: str, *, cold: bool, versions: Mapping[str, str] | None = None
    ) -> JudgedResult:
        if versions:
            assert cold
            return made.of_version(work, revision, versions["libc"])
        built = made.result(work, revision, cold=cold)
        if built is None:
            work._until = 0.0
            return real(work, revision, cold=cold)
        return built

    monkeypatch.setattr(Bisecting, "result", result)
    monkeypatch.setattr("ciforge.app.bisect_packages.available_versions", lambda *_: {"libc": LIBC})
    return made


def git(tree: Path, *words: str) -> str:
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
    command = ["git", *who, *words]
    return subprocess.run(
        command, cwd=tree, capture_output=True, text=True, check=True
    ).stdout.strip()


class Ran(Protocol):
    def __call__(self, run: str, at: int, status: Status, branch: str = "main") -> None: ...


@pytest.fixture
def ran(past: Past, builds: Builds) -> Ran:
    """Records a run at a commit, as `ciforge run --notify` does."""

    def record(run: str, at: int, status: Status, branch: str = "main") -> None:
        used = SourceUsed(repo="daemon", origin="/x", revision=builds.commits[at], branch=branch)
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


def moved(ran: Ran, state: Path) -> None:
    """The last commit was green with libc 1.1, and is red with 1.8."""
    ran(FIRST, 15, Status.PASSED)
    ran(SECOND, 15, Status.FAILED)
    file = state / "runs" / FIRST / JOB.replace("/", ",") / "result.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"packages": {"libc": "1.1"}}))


def test_bisect_of_a_commit_that_was_green_finds_the_version_of_a_package(
    builds: Builds, ran: Ran, types: Types, state: Path
) -> None:
    builds.shows_from = LIBC.index("1.5")
    moved(ran, state)
    types("notify")
    typed = types("bisect", JOB)
    assert typed.code == 0, typed.err
    sentence = "The change libc 1.4 -> 1.5 brought it. Packages that changed: libc 1.1 -> 1.8."
    assert typed.lines[0].endswith(sentence)
    assert builds.done == [(15, True)]
    assert {"1.1", "1.4", "1.5"} <= {*builds.versions}
    assert len(builds.versions) + 1 <= 3 + 2
    for shown in (types("status"), types("report"), types("report", "--markdown")):
        assert "libc 1.4" in shown.out
    assert "the distribution's, by libc 1.4 -> 1.5" in types("status").out
    (incident,) = present(state, "mine").incidents.values()
    assert incident.bisection and incident.bisection.steps_confirmed
    answer = json.loads(types("bisect", JOB, "--json").out)
    assert answer["versions"] == [{"packages": ["libc"], "before": "1.4", "after": "1.5"}]


def test_bisect_of_versions_that_do_not_install_gives_a_range(
    builds: Builds, ran: Ran, types: Types, state: Path
) -> None:
    builds.shows_from, builds.uninstallable = LIBC.index("1.5"), ("1.5",)
    moved(ran, state)
    told = types("bisect", JOB).lines[0]
    assert "One of these changes brought it: libc 1.4 -> 1.5; libc 1.5 -> 1.6." in told


def test_bisect_of_versions_says_why_it_names_none(
    builds: Builds, ran: Ran, types: Types, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(ran, state)
    typed = types("bisect", JOB)
    assert "With the earliest versions that can be had it shows it, too" in typed.lines[0]
    assert builds.versions == ["1.1"]
    place = "ciforge.app.bisect_packages.available_versions"
    monkeypatch.setattr(place, lambda *_: {"libc": ("1.8",)})
    gone = types("bisect", JOB)
    assert "The package index has no earlier version of them any more." in gone.lines[0]

    def silent(*_: object) -> None:
        raise EngineError("the package index of debian-13 did not answer: no output")

    monkeypatch.setattr(place, silent)
    unknown = types("bisect", JOB)
    assert (unknown.code, "did not answer: no output." in unknown.lines[0]) == (0, True)


def test_engine_that_fails_in_the_search_over_versions_does_not_lose_the_commit(
    builds: Builds, ran: Ran, types: Types, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> JudgedResult:
        raise EngineError("the engine went away")

    monkeypatch.setattr(Builds, "of_version", failing)
    moved(ran, state)
    typed = types("bisect", JOB)
    assert "versions of packages ended early: the engine went away." in typed.out, typed.err
    assert builds.commits[15][:12] in typed.lines[0]


@pytest.mark.parametrize(
    ("status", "step", "told"),
    [
        (Status.TIMED_OUT, "build", "ended without a verdict (no more time)"),
        (Status.FAILED, "configure", "fails for another reason (no more time)"),
    ],
)
def test_bisect_of_a_commit_that_was_green_does_not_take_another_failure_for_green(
    builds: Builds, ran: Ran, types: Types, status: Status, step: str, told: str
) -> None:
    ran(FIRST, 15, Status.PASSED)
    ran(SECOND, 15, Status.FAILED)
    builds.ends[15] = Result(job=JOB, status=status, failed_step=step, reason="no more time")
    typed = types("bisect", JOB)
    assert typed.code == 1
    assert "built now, does not show it" not in typed.out
    assert told in typed.lines[0]


def test_bisect_of_a_commit_that_was_green_needs_an_engine(
    builds: Builds, ran: Ran, types: Types
) -> None:
    ran(FIRST, 15, Status.PASSED)
    ran(SECOND, 15, Status.FAILED)
    builds.ends[15] = NO_ENGINE
    typed = types("bisect", JOB)
    assert (typed.code, typed.out) == (3, "")
    assert "could not be built: the engine went away" in typed.err


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


def test_failure_that_is_not_repeated_leads_to_the_next_command(
    builds: Builds, ran: Ran, types: Types, state: Path
) -> None:
    builds.culprit = 99
    ran(FIRST, 15, Status.PASSED)
    ran(SECOND, 15, Status.FAILED)
    file = state / "runs" / SECOND / JOB.replace("/", ",") / "result.json"
    known = json.loads(file.read_text())
    for version, told in (("1.8", "Packages are unchanged."), ("1.1", "libc 1.1 -> 1.8.")):
        file.write_text(json.dumps(known | {"packages": {"libc": version}}))
        gone = types("bisect", JOB)
        assert gone.code == 1
        assert gone.lines[0].endswith(told)
        assert "none: only runs with --notify" not in gone.out
        again = f"ciforge run {JOB} --rev daemon={builds.commits[15][:12]} --no-cache"
        assert f"  next       {again}: does it fail again?" in gone.lines


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
