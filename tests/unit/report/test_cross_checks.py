"""What every report says of a cross check that passed: what it has shown, and never that it passed on a system."""

import json
from pathlib import Path
from xml.etree import ElementTree

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.event import JobEnded, RunEnded
from ciforge.model.result import Result, Run, Status
from ciforge.report.formatting import counted, outcome
from ciforge.report.html.site import write_site
from ciforge.report.jsonlines import json_line
from ciforge.report.junit import junit
from ciforge.report.markdown import markdown
from ciforge.report.plain_lines import plain
from ciforge.report.run_report import RunReport
from ciforge.report.run_report import counted as counted_report
from ciforge.report.summary import summary

TIME = "2026-11-29T12:00:00Z"
PROVES = "compiles and links for FreeBSD 14.0 (its libc and headers; libssl 3.5.4 as in Debian)"
CROSS = Result(job="d/freebsd-14/cross", status=Status.COMPILED, proves=PROVES)
FAILED = Result(job="d/netbsd-10/cross@arm64", status=Status.FAILED, failed_step="build")
REAL = Result(job="d/debian-13/default", status=Status.PASSED)
RESULTS = (CROSS, FAILED, REAL)


def ended(result: Result) -> JobEnded:
    return JobEnded(
        run="r", time=TIME, job=result.job, status=result.status, seconds=1.0, result=result, log=""
    )


RUN = RunEnded(run="r", time=TIME, seconds=1.0, results=tuple(map(ended, RESULTS)))
REPORT = RunReport(
    run=Run(id="r", project="p", started=TIME, version="1", jobs=tuple(one.job for one in RESULTS)),
    results=RESULTS,
    why=Diagnosis(run="r"),
)


def test_cross_check_is_called_compiled_and_counted_separately() -> None:
    assert [outcome(job) for job in RUN.results] == ["compiled", "failed", "passed"]
    assert counted(RUN.results) == counted_report(REPORT) == "1 passed, 1 compiled, 1 failed"


def test_summary_of_a_cross_check_says_that_nothing_was_run() -> None:
    text = summary(RUN, lambda _: ("", ""))
    assert "cross checks: nothing ran on these systems" in text
    assert f"d/freebsd-14/cross  {PROVES}" in text


def test_progress_line_of_a_cross_check_has_its_sentence() -> None:
    assert plain(RUN.results[0]) == f"ok    d/freebsd-14/cross  compiled  1.0s  {PROVES}"


def test_json_has_a_sentence_only_for_cross_checks() -> None:
    results = json.loads(json_line(RUN))["results"]
    assert [one.get("proves") for one in results] == [PROVES, None, None]
    assert json.loads(json_line(RUN.results[0]))["proves"] == PROVES


def test_markdown_of_a_cross_check_has_its_sentence() -> None:
    text = markdown(REPORT)
    assert "### Compiled and linked; nothing ran there" in text
    assert "compiles and links for FreeBSD 14.0" in text
    assert "| compiled |" in text


def test_site_of_a_cross_check_has_its_sentence(tmp_path: Path) -> None:
    folder = write_site(REPORT, tmp_path / "site").parent
    assert "Compiled and linked; nothing ran there" in (folder / "index.html").read_text()
    (page,) = folder.glob("jobs/*freebsd-14*cross*.html")
    shown = page.read_text()
    assert "compiled" in shown
    assert "compiles and links for FreeBSD 14.0" in shown


def test_junit_of_a_cross_check_has_its_sentence() -> None:
    root = ElementTree.fromstring(junit(REPORT))
    case = root.find(".//testcase[@name='freebsd-14/cross']")
    assert case is not None
    assert PROVES in (case.findtext("system-out") or "")
