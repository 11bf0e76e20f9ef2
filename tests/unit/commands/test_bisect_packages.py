"""`ciforge bisect` where the commit is not the reason: it was green, its packages changed, or its failure is not repeated."""

import json
from pathlib import Path

import pytest
from bisect_builds import (
    FIRST,
    JOB,
    LIBC,
    NO_ENGINE,
    SECOND,
    Builds,
    Ran,
    made_builds,
    recorder,
)
from command_tests import Past, Types

from ciforge.app.bisect_history import JudgedResult
from ciforge.errors import EngineError
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
