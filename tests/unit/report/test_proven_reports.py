"""Every report shows that a job was proven by an earlier run, and did not run."""

import json
from pathlib import Path
from xml.etree import ElementTree

import attrs

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.event import JobEnded, RunEnded
from ciforge.model.result import Result, Run, Status
from ciforge.report.formatting import counted, outcome
from ciforge.report.html.site import write_site
from ciforge.report.jsonlines import json_line
from ciforge.report.junit import junit
from ciforge.report.live_table import table_lines
from ciforge.report.markdown import markdown
from ciforge.report.plain_lines import plain
from ciforge.report.progress import Board
from ciforge.report.run_report import RunReport
from ciforge.report.sarif import sarif
from ciforge.report.summary import summary

TIME = "2026-11-29T12:00:00Z"
BEFORE = "20261129T115700Z-1f3a9c"
SENTENCE = f"proven by run {BEFORE}, 3 minutes ago"
PROVEN = Result(
    job="d/debian-13/default", status=Status.PASSED, proven_by=BEFORE, reason=SENTENCE
)  # fmt: skip
PASSED = Result(job="d/debian-12/default", status=Status.PASSED, seconds=60)
COMPILED = attrs.evolve(
    PROVEN, job="d/freebsd-14/cross", status=Status.COMPILED, proves="compiles and links"
)
RESULTS = (PROVEN, PASSED, COMPILED)


def ended(result: Result) -> JobEnded:
    return JobEnded(
        run="r", time=TIME, job=result.job, status=result.status, seconds=result.seconds,
        result=result, log="" if result.proven_by else "/state/log.txt",
    )  # fmt: skip


RUN = RunEnded(run="r", time=TIME, seconds=1.0, results=tuple(map(ended, RESULTS)))
REPORT = RunReport(
    run=Run(id="r", project="p", started=TIME, version="1", jobs=tuple(one.job for one in RESULTS)),
    results=RESULTS,
    why=Diagnosis(run="r"),
)


def test_proven_job_has_its_own_word_and_a_cross_check_stays_compiled() -> None:
    assert [outcome(job) for job in RUN.results] == ["proven", "passed", "compiled"]
    assert counted(RUN.results) == "1 passed, 1 proven, 1 compiled"


def test_progress_line_and_summary_name_the_run() -> None:
    assert plain(RUN.results[0]) == f"ok    d/debian-13/default  {SENTENCE}"
    rows = summary(RUN, lambda _: ("", "")).splitlines()
    (row,) = (row for row in rows if row.startswith("proven "))
    assert row.endswith(SENTENCE)
    assert " s" not in row.replace(SENTENCE, "")


def test_live_table_names_the_run() -> None:
    board = Board(total=1)
    board.handle(RUN.results[0], 0.0)
    text = "\n".join(line.plain for line in table_lines(board, 1.0, 200, 20))
    assert SENTENCE in text


def test_json_has_the_run_for_proven_jobs_only() -> None:
    results = json.loads(json_line(RUN))["results"]
    assert [one.get("proven_by") for one in results] == [BEFORE, None, BEFORE]
    event = json.loads(json_line(RUN.results[0]))
    assert (event["status"], event["proven_by"], event["reason"]) == ("passed", BEFORE, SENTENCE)


def test_junit_case_of_a_proven_job_passes_and_says_so() -> None:
    root = ElementTree.fromstring(junit(REPORT))
    (case,) = (case for case in root.iter("testcase") if case.get("name") == "debian-13/default")
    assert [child.tag for child in case] == ["system-out"]
    assert (case[0].text, case.get("time")) == (SENTENCE, "0.000")


def test_markdown_of_a_run_with_proven_jobs_is_green_and_names_the_run() -> None:
    text = markdown(REPORT)
    assert text.startswith("## ✅ ciforge: 1 passed, 1 proven, 1 compiled")
    assert f"| ✅ | `d/debian-13/default` | {SENTENCE} |" in text


def test_sarif_names_proven_jobs_beside_its_results() -> None:
    (run,) = json.loads(sarif(REPORT))["runs"]
    proven = {PROVEN.job: BEFORE, COMPILED.job: BEFORE}
    assert run["properties"] == {"ciforge/proven_by": proven}
    nothing = attrs.evolve(REPORT, results=(PASSED,))
    assert "properties" not in json.loads(sarif(nothing))["runs"][0]


def test_page_of_a_proven_job_names_the_run_and_no_time(tmp_path: Path) -> None:
    write_site(REPORT, tmp_path)
    page = (tmp_path / "jobs" / "d,debian-13,default.html").read_text()
    assert SENTENCE in page
    assert " · 0 s" not in page
    assert "proven" in (tmp_path / "index.html").read_text()


def test_every_report_for_people_names_a_cache_that_was_wrong(tmp_path: Path) -> None:
    wrong = "the cache of compilers was wrong: <b>"
    result = attrs.evolve(PASSED, cache_problems=(wrong,))
    text = summary(attrs.evolve(RUN, results=(ended(result),)), lambda _: ("", ""))
    assert f"cache    {result.job}  {wrong}" in text.splitlines()
    report = attrs.evolve(REPORT, results=(result,))
    assert "A cache was wrong" in markdown(report)
    assert "wrong: \\<b\\>" in markdown(report)
    write_site(report, tmp_path / "site")
    page = (tmp_path / "site" / "jobs" / "d,debian-12,default.html").read_text()
    assert "the cache of compilers was wrong: &lt;b&gt;" in page
