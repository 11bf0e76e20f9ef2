"""`ciforge report`: which run, what is written where, and what is refused."""

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_tests import Past, Types

from ciforge.app.reproduce import repetition
from ciforge.model.cause import Cause
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.result import Run, Status
from ciforge.store.runs.run_folder import RunFolder
from tests.tables import each

JOB = "daemon/debian-13/default"
CLANG = "daemon/debian-13/clang"
FIRST = "20260101T000000Z-aaaaaa"
SECOND = "20260202T000000Z-bbbbbb"


@pytest.fixture
def two(past: Past) -> Past:
    past.run(FIRST, "2026-01-01T00:00:00Z", {JOB: Status.PASSED})
    past.run(SECOND, "2026-02-02T00:00:00Z", {JOB: Status.FAILED, CLANG: Status.PASSED})
    return past


def test_report_is_about_the_newest_run(two: Past, types: Types) -> None:
    typed = types("report", "--markdown")
    assert typed.code == 0
    assert typed.lines[0] == "## ❌ ciforge: 1 passed, 1 failed"
    assert f"`{SECOND}`" in typed.out


def test_report_without_an_option_prints_the_summary(two: Past, types: Types) -> None:
    typed = types("report")
    assert typed.err.endswith(f"\nrun {SECOND}; {JOB}, {CLANG}\n")
    assert f"    repeat  ciforge run {JOB}\n    shell   ciforge shell {JOB}\n" in typed.out
    assert typed.lines[-1] == "1 passed, 1 failed in 7 s"


def test_report_names_a_job_without_a_result(past: Past, types: Types) -> None:
    folder = past.run(FIRST, "2026-01-01T00:00:00Z", {JOB: Status.PASSED, CLANG: Status.PASSED})
    shutil.rmtree(folder / CLANG.replace("/", ","))
    typed = types("report")
    assert typed.lines[-1] == "1 passed in 7 s"
    assert f"no result: {CLANG}" in typed.err


def test_report_of_a_run_is_named_by_a_prefix(two: Past, types: Types) -> None:
    assert types("report", "202601", "--markdown").lines[0] == "## ✅ ciforge: 1 passed"


def test_report_writes_several_formats_at_once(two: Past, types: Types, here: Path) -> None:
    words = ("--html", "site", "--junit", "j.xml", "--sarif", "s.json", "--markdown", "m.md")
    typed = types("report", *words)
    assert (typed.code, typed.out) == (0, "")
    assert "site/index.html" in typed.err
    assert (here / "site" / "jobs" / "daemon,debian-13,default.html").is_file()
    assert ElementTree.parse(here / "j.xml").getroot().get("failures") == "1"
    assert json.loads((here / "s.json").read_text())["version"] == "2.1.0"
    assert (here / "m.md").read_text().startswith("## ")


@pytest.mark.parametrize("option", ["--junit", "--sarif", "--markdown"])
def test_report_to_a_dash_is_standard_output(
    two: Past, types: Types, option: str, here: Path
) -> None:
    typed = types("report", option, "-")
    assert typed.code == 0
    assert typed.out
    assert not (here / "-").exists()


def test_report_for_github_has_annotations_and_a_summary(
    two: Past, types: Types, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    typed = types("report", "--github")
    assert [line.partition("::")[0] for line in typed.lines] == [""]
    assert typed.out.startswith("::error title=")
    assert f"in {JOB}\n" in typed.out
    assert summary.read_text().startswith("before\n## ❌ ciforge")


def test_report_for_github_without_a_summary_file_has_annotations_only(
    two: Past, types: Types, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert types("report", "--github").code == 0


@each(
    ("words", "said"),
    [
        (("nope", "--markdown"), "no run 'nope'"),
        (("20", "--markdown"), "'20' matches 2 runs"),
        (("--junit", "-", "--sarif", "-"), "two reports cannot be written to the same FILE"),
        (("--github", "--markdown"), "two reports cannot be written to the same FILE"),
        (("--junit", "x", "--sarif", "x"), "two reports cannot be written to the same FILE"),
        (("--markdown", FIRST), f"ciforge report {FIRST} --markdown"),
        (("--junit", "nowhere/j.xml"), "nowhere/j.xml: No such file"),
        (("--html", "ciforge.yml"), "ciforge.yml"),
        (("--html", "."), "is not a ciforge report"),
    ],
)
def test_report_with_contradictory_options_is_wrong_input(
    two: Past, types: Types, words: tuple[str, ...], said: str
) -> None:
    typed = types("report", *words)
    assert (typed.code, typed.out) == (2, "")
    assert said in typed.err


def test_report_before_the_first_run_says_so(types: Types) -> None:
    typed = types("report", "--markdown")
    assert typed.code == 2
    assert "`ciforge run` runs jobs" in typed.err


def test_report_names_a_damaged_result_and_has_the_rest(two: Past, types: Types) -> None:
    (two.state / "runs" / SECOND / "daemon,debian-13,clang" / "result.json").write_text("{")
    typed = types("report", SECOND, "--html", "site")
    assert typed.code == 0
    page = Path("site/index.html").read_text()
    assert "damaged" in page
    assert "unknown" in page


def keep(two: Past, why: Diagnosis) -> None:
    RunFolder(two.state / "runs" / SECOND).write_diagnosis(why)


def test_report_repeats_the_diagnosis_of_the_run(two: Past, types: Types) -> None:
    found = Finding(kind=FindingKind.MISSING_HEADER, subject="event.h", root_line="no event.h")
    cause = Cause(
        key="k", kind=FindingKind.MISSING_HEADER, title="event.h is missing", findings={JOB: found}
    )
    keep(two, Diagnosis(run=SECOND, causes=(cause,), findings={JOB: (found,)}))
    assert "### 1. `event.h is missing`" in types("report", "--markdown").out


@pytest.mark.parametrize("text", ["{", '{"v": 1}', '{"v": 99, "run": "x"}', '{"v": 1, "run": "x"}'])
def test_report_with_a_damaged_diagnosis_diagnoses_again(
    two: Past, types: Types, text: str
) -> None:
    (two.state / "runs" / SECOND / "diagnosis.json").write_text(text)
    assert types("report", "--html", "site").code == 0
    assert "diagnosis.json" in Path("site/index.html").read_text()


@each(
    ("said", "again"),
    [
        (("ciforge", "run"), ""),
        (("ciforge", "run", "debian", "--jobs", "2", "--keep"), ""),
        (("ciforge", "run", "--patch", "a b.diff"), " --patch 'a b.diff'"),
        (("ciforge", "run", "--rev=portable=v1"), " --rev=portable=v1"),
        (("ciforge", "run", "--source", "p=.", "--any"), " --source p=. --any"),
        (("ciforge", "run", "--rev"), " --rev ''"),
        (("ciforge", "run", "--engine", "ssh"), " --engine ssh"),
    ],
)
def test_repeat_command_builds_the_same(said: tuple[str, ...], again: str) -> None:
    run = Run(id="r", project="p", started="", version="0", command=said)
    assert repetition(run, "a/b/c", []) == f"ciforge run a/b/c{again}"


def test_repeat_command_names_the_project_file() -> None:
    run = Run(id="r", project="p", started="", version="0")
    assert repetition(run, "a/b/c", ["--file", "x y.yml"]) == "ciforge run a/b/c --file 'x y.yml'"
