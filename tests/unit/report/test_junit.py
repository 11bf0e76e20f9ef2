"""JUnit XML: a suite for each repository, a case for each job."""

import re
from pathlib import Path
from xml.etree import ElementTree

import attrs
from reports import HOSTILE, MUSL, report, result, run

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.result import Status
from ciforge.report.junit import junit, xml_text
from ciforge.report.run_report import RunReport
from tests.tables import each

JOB = "daemon/debian-13/default"


def of(*results: object) -> ElementTree.Element:
    """The document of a run with these results, and of a job that left none."""
    made = RunReport(
        run=run(jobs=(*(one.job for one in results), "daemon/debian-12/default")),  # type: ignore[attr-defined]
        results=results,  # type: ignore[arg-type]
        why=Diagnosis(run="r"),
    )
    return ElementTree.fromstring(junit(made))


def case(root: ElementTree.Element, name: str) -> ElementTree.Element:
    return next(one for one in root.iter("testcase") if one.get("name") == name)


@each(
    ("status", "allowed", "verdict"),
    [
        (Status.PASSED, False, None),
        (Status.PASSED, True, None),
        (Status.FAILED, False, "failure"),
        (Status.TIMED_OUT, False, "failure"),
        (Status.FAILED, True, "skipped"),
        (Status.TIMED_OUT, True, "skipped"),
        (Status.SKIPPED, False, "skipped"),
        (Status.INFRASTRUCTURE, False, "error"),
        (Status.INFRASTRUCTURE, True, "error"),
        (Status.CANCELLED, False, "error"),
    ],
)
def test_junit_case_has_the_verdict_of_its_job(
    status: Status, allowed: bool, verdict: str | None
) -> None:
    found = case(of(result(JOB, status, allow_failure=allowed)), "debian-13/default")
    assert [one.tag for one in found if one.tag != "system-out"] == ([verdict] if verdict else [])


def test_junit_case_without_result_is_an_error() -> None:
    assert case(of(result(JOB)), "debian-12/default").find("error") is not None


def test_junit_totals_are_those_of_the_cases(tmp_path: Path) -> None:
    root = ElementTree.fromstring(junit(report(tmp_path)))
    for suite in [*root.iter("testsuite")]:
        for word, key in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.get(key, "")) == len(suite.findall(f"testcase/{word}"))
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
    assert root.get("failures") == "3"
    assert [suite.get("name") for suite in root] == ["portable", "filter"]


def test_junit_failure_has_cause_place_and_advice(tmp_path: Path) -> None:
    root = ElementTree.fromstring(junit(report(tmp_path)))
    failure = case(root, MUSL[0].partition("/")[2]).find("failure")
    assert failure is not None
    assert failure.get("message") == "failed in build: setgroups is not declared"
    assert failure.get("type") == "implicit-declaration"
    assert "add `#include <grp.h>` to src/daemon.c" in (failure.text or "")


def test_junit_output_lists_the_steps() -> None:
    said = case(of(result(JOB, Status.FAILED)), "debian-13/default").findtext("system-out")
    assert (said or "").splitlines()[:4] == [
        "prepare: exit 0, 1.5 s", "bootstrap: exit 0, 8.5 s",
        "configure: exit 0, 15.5 s", "build: exit 2, 22.5 s",
    ]  # fmt: skip


@each("letter", ["\0", "\x0b", "\x1b", "\ud800", "\ufffe", "\uffff", "\x08"])
def test_xml_text_replaces_illegal_characters(letter: str) -> None:
    assert xml_text(f"a{letter}b") == "a\ufffdb"


@each("letter", ["\t", "\n", "ä", "\u2028", "😀", "]]>", "<&"])
def test_xml_text_keeps_legal_characters(letter: str) -> None:
    root = ElementTree.Element("a")
    root.text = xml_text(letter)
    assert ElementTree.fromstring(ElementTree.tostring(root)).text == letter


def test_junit_with_hostile_text_is_well_formed(tmp_path: Path) -> None:
    data = junit(report(tmp_path)).decode()
    assert "<img" not in data
    assert re.search("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", data) is None
    found = case(ElementTree.fromstring(data), "fedora-44/clang").find("failure")
    assert found is not None
    assert HOSTILE[:40] in (found.get("message") or "")


def test_junit_of_a_run_without_jobs_is_well_formed() -> None:
    empty = RunReport(run=attrs.evolve(run(), jobs=()), results=(), why=Diagnosis(run="r"))
    assert ElementTree.fromstring(junit(empty)).get("tests") == "0"
