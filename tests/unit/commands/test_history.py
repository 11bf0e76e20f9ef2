"""`ciforge history` and `ciforge log`: runs and jobs by whatever names one of them."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from command_tests import Past, Types

from ciforge.model.result import SourceUsed, Status
from tests.tables import each

COMPILED, PASSED, FAILED, SKIPPED = Status.COMPILED, Status.PASSED, Status.FAILED, Status.SKIPPED
JOB = "daemon/debian-13/default"
CLANG = "daemon/debian-13/clang"
FILTER = "filter/debian-13/default"
GONE = "daemon/debian-11/oldname@arm64"
FIRST = "20260101T000000Z-aaaaaa"
SECOND = "20260202T000000Z-bbbbbb"


@pytest.fixture
def two(past: Past) -> Past:
    past.run(FIRST, "2026-01-01T00:00:00Z", {JOB: PASSED, CLANG: FAILED, GONE: PASSED})
    past.run(SECOND, "2026-02-02T00:00:00Z", {JOB: FAILED, FILTER: PASSED})
    return past


def test_history_lists_the_newest_run_first(two: Past, types: Types) -> None:
    assert types("history").lines == [
        f"{SECOND}  2026-02-02T00:00:00Z  1 failed, 1 passed  (7 s)",
        f"{FIRST}  2026-01-01T00:00:00Z  1 failed, 2 passed  (7 s)",
    ]


def test_history_counts_cross_checks_separately(past: Past, types: Types) -> None:
    jobs = {JOB: PASSED, "daemon/freebsd-14/cross": COMPILED, "daemon/netbsd-10/cross": FAILED}
    past.run(FIRST, "2026-01-01T00:00:00Z", jobs)
    past.run(SECOND, "2026-02-02T00:00:00Z", {"daemon/freebsd-14/cross@arm64": COMPILED})
    assert [line.split("  ")[2] for line in types("history").lines] == [
        "1 compiled",
        "1 compiled, 1 failed, 1 passed",
    ]
    typed = json.loads(types("history", "--json").lines[1])
    assert typed["results"] == {"compiled": 1, "failed": 1, "passed": 1}


@pytest.mark.parametrize("words", [("-n", "1"), ("-n1",)])
def test_history_limit_option_limits_the_runs(
    two: Past, types: Types, words: tuple[str, ...]
) -> None:
    assert [line.split()[0] for line in types("history", *words).lines] == [SECOND]


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "10000000000"])
def test_history_limit_that_is_no_number_is_wrong_input(types: Types, number: str) -> None:
    typed = types("history", "-n", number)
    assert typed.code == 2
    assert f"{number!r} is not a positive whole number" in typed.err


def test_history_of_a_job_lists_its_results(two: Past, types: Types) -> None:
    assert types("history", JOB).lines == [
        f"{SECOND}  2026-02-02T00:00:00Z  {JOB}  failed in build  3.2 s",
        f"{FIRST}  2026-01-01T00:00:00Z  {JOB}  passed  3.2 s",
    ]


@each(
    ("selector", "jobs"),
    [
        ("debian-13", {JOB, CLANG, FILTER}),
        ("clang", {CLANG}),
        ("filter", {FILTER}),
        ("daemon/debian", {JOB, CLANG, GONE}),
        ("*/*/oldname", {GONE}),
        ("debian-11@arm64", {GONE}),
        (GONE, {GONE}),
    ],
)
def test_history_selector_matches_jobs_that_have_run_listed_or_not(
    two: Past, types: Types, selector: str, jobs: set[str]
) -> None:
    assert {line.split()[2] for line in types("history", selector).lines} == jobs


def test_history_json_has_one_object_per_line(two: Past, types: Types) -> None:
    runs = [json.loads(line) for line in types("history", "--json", "clang").lines]
    assert [run["run"] for run in runs] == [FIRST]
    (job,) = runs[0]["jobs"]
    assert (job["job"], job["status"], job["failed_step"]) == (CLANG, "failed", "build")


def test_history_of_a_job_that_has_not_run_is_empty(two: Past, types: Types) -> None:
    typed = types("history", "debian-12")
    assert (typed.code, typed.out) == (0, "")
    assert f"there are runs of: {GONE}, {CLANG}" in typed.err


def test_history_of_an_unknown_job_is_wrong_input(two: Past, types: Types) -> None:
    typed = types("history", "debain-13")
    assert typed.code == 2
    assert "did you mean 'debian-13'?" in typed.err


def test_history_before_the_first_run_says_so(types: Types) -> None:
    typed = types("history")
    assert (typed.code, typed.out) == (0, "")
    assert "`ciforge run` runs jobs" in typed.err


def test_history_rebuild_rebuilds_the_index(two: Past, types: Types) -> None:
    before = types("history").out
    (two.state / "history.db").write_bytes(b"no database at all")
    again = types("history", "--rebuild")
    assert (again.code, again.out) == (0, before)
    assert "2 runs in the index" in again.err


@pytest.mark.slow
def test_history_on_a_terminal_has_column_heads(two: Past, here: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ciforge", "history"]
    subprocess.run(command, cwd=here, stdout=theirs, check=True)
    os.close(theirs)
    head, first = os.read(ours, 65536).decode().splitlines()[:2]
    os.close(ours)
    assert head.split() == ["RUN", "STARTED", "(UTC)", "RESULTS"]
    assert [head.index(word) for word in ("STARTED", "RESULTS")] == [
        first.index("2026-02-02T"), first.index("1 failed"),
    ]  # fmt: skip


@each(
    ("words", "run", "job"),
    [
        ((JOB,), SECOND, JOB),
        (("clang",), FIRST, CLANG),
        (("filter",), SECOND, FILTER),
        (("debian-11",), FIRST, GONE),
        ((JOB, "--run", FIRST), FIRST, JOB),
        (("default", "--run", FIRST), FIRST, JOB),
        ((JOB, "--run", "20260101"), FIRST, JOB),
    ],
)  # fmt: skip
def test_log_is_found_by_a_selector_of_one_job(
    two: Past, types: Types, words: tuple[str, ...], run: str, job: str
) -> None:
    typed = types("log", *words)
    assert typed.code == 0
    assert typed.out == f"{run} {job}\n\x1b[31mred\x1b[0m\n"
    assert (
        types("log", *words, "--path").out
        == f"{two.state}/runs/{run}/{job.replace('/', ',')}/log.txt\n"
    )


@each(
    ("words", "told"),
    [
        (("debian-12",), "no log of 'debian-12'"),
        (("daemon/debian-13/defualt",), f"did you mean {JOB!r}?"),
        (("debain-13",), "did you mean 'debian-13'?"),
        ((FILTER, "--run", FIRST), f"no log of {FILTER!r}"),
        ((JOB, "--run", "2026"), "'2026' matches 2 runs"),
        ((JOB, "--run", FIRST[:-1] + "b"), f"did you mean {FIRST!r}?"),
        ((JOB, "--run", "../../etc"), "no run '../../etc'"),
        (("../../../etc/passwd",), "no log of"),
        (("",), "no log of ''"),
        (("{a,b",), "no log of"),
    ],
)
def test_missing_log_is_wrong_input(
    two: Past, types: Types, words: tuple[str, ...], told: str
) -> None:
    typed = types("log", *words)
    assert (typed.code, typed.out) == (2, "")
    assert told in typed.err


def test_log_without_a_job_is_that_of_the_only_failed_one(two: Past, types: Types) -> None:
    typed = types("log", "debian-13")
    assert typed.out.startswith(f"{SECOND} {JOB}\n")
    assert (
        f"'debian-13' matches several jobs; using {JOB}, the only one that failed in run {SECOND}"
        in typed.err
    )
    assert types("log", "debian-13", "--run", FIRST).out.startswith(f"{FIRST} {CLANG}\n")


@pytest.mark.parametrize(
    ("jobs", "told"),
    [
        ({JOB: FAILED, CLANG: FAILED, FILTER: PASSED}, f"hint: {JOB}, {CLANG}\n"),
        ({JOB: PASSED, CLANG: PASSED}, f"hint: {CLANG}, {JOB}, {FILTER}\n"),
    ],
)
def test_log_without_a_job_needs_one_if_several_or_none_failed(
    two: Past, types: Types, jobs: dict[str, Status], told: str
) -> None:
    two.run("20260303T000000Z-cccccc", "2026-03-03T00:00:00Z", jobs)
    typed = types("log", "debian-13")
    assert (typed.code, typed.out) == (2, "")
    assert "jobs; name one" in typed.err
    assert told in typed.err


def test_history_marks_uncommitted_changes(past: Past, types: Types) -> None:
    source = SourceUsed(repo="daemon", origin="/src", revision="1f" * 20, changes=1, patch="a.diff")
    past.run(FIRST, "2026-01-01T00:00:00Z", {JOB: PASSED}, source=source)
    assert types("history", JOB).lines == [
        f"{FIRST}  2026-01-01T00:00:00Z  {JOB}  passed  3.2 s  1f1f1f1f1f1f, 1 file changed, with a.diff"
    ]
    (job,) = json.loads(types("history", JOB, "--json").out)["jobs"]
    assert (job["revision"], job["changes"], job["patch"]) == ("1f" * 20, 1, "a.diff")


def test_log_of_a_job_that_never_started_is_wrong_input(past: Past, types: Types) -> None:
    folder = past.run(FIRST, "2026-01-01T00:00:00Z", {JOB: SKIPPED})
    (folder / JOB.replace("/", ",") / "log.txt").unlink()
    typed = types("log", JOB)
    assert typed.code == 2
    assert "the job was skipped, or never started" in typed.err


@pytest.mark.slow
def test_log_on_a_terminal_has_no_control_characters(two: Past, here: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ciforge", "log", "clang"]
    subprocess.run(command, cwd=here, stdout=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert shown.splitlines() == [f"{FIRST} {CLANG}", "red"]
