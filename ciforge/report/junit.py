"""JUnit XML, as Jenkins and similar tools read it: a suite for each repository, a case for each job.

The format is that of Jenkins' `junit-10.xsd` (jenkinsci/xunit-plugin). It has no value for an
allowed failure, so such a job is skipped, with the reason.
"""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from ciforge.model.result import Result, Status
from ciforge.report.formatting import NOT_GREEN, step_end
from ciforge.report.run_report import RunReport, became
from ciforge.sanitize import safe_line

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot contain (Extensible Markup Language 1.0, section 2.2, Char)."""


def junit(report: RunReport) -> bytes:
    """The document, in UTF-8."""
    suites = [_suite(report, repo) for repo in _repos(report)]
    root = ElementTree.Element("testsuites", _totals(suites, _attribute(report.run.project)))
    root.extend(suites)
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _repos(report: RunReport) -> list[str]:
    return list(dict.fromkeys(job.partition("/")[0] for job in _jobs(report)))


def _jobs(report: RunReport) -> list[str]:
    return list(dict.fromkeys([*report.run.jobs, *(result.job for result in report.results)]))


def _totals(suites: Sequence[ElementTree.Element], name: str) -> dict[str, str]:
    sums = {
        key: str(sum(int(suite.get(key, "0")) for suite in suites))
        for key in ("tests", "failures", "errors")
    }
    seconds = sum(float(suite.get("time", "0")) for suite in suites)
    return {"name": name, "time": _seconds(seconds), **sums}


def _suite(report: RunReport, repo: str) -> ElementTree.Element:
    results = {result.job: result for result in report.results}
    jobs = [job for job in _jobs(report) if job.partition("/")[0] == repo]
    cases = [_case(report, job, results.get(job)) for job in jobs]
    many = {word: sum(case.find(word) is not None for case in cases) for word in _VERDICTS}
    seconds = sum(results[job].seconds for job in jobs if job in results)
    suite = ElementTree.Element(
        "testsuite",
        {
            "name": repo, "tests": str(len(cases)), "failures": str(many["failure"]),
            "errors": str(many["error"]), "skipped": str(many["skipped"]),
            "time": _seconds(seconds), "timestamp": _attribute(report.run.started).rstrip("Z"),
            "id": _attribute(report.run.id),
        },
    )  # fmt: skip
    suite.extend(cases)
    return suite


_VERDICTS = ("failure", "error", "skipped")


def _case(report: RunReport, job: str, result: Result | None) -> ElementTree.Element:
    repo, _, rest = job.partition("/")
    seconds = _seconds(result.seconds if result else 0)
    case = ElementTree.Element("testcase", {"classname": repo, "name": rest, "time": seconds})
    if result is None:
        _add(case, "error", "the job has no result", "unknown")
        return case
    _judge(case, report, result)
    if result.steps or result.proves or result.proven_by:
        ElementTree.SubElement(case, "system-out").text = xml_text("\n".join(_steps(result)))
    return case


def _judge(case: ElementTree.Element, report: RunReport, result: Result) -> None:
    status, message = result.status, _message(report, result)
    if status is Status.SKIPPED or (result.allow_failure and status in NOT_GREEN):
        _add(case, "skipped", message)
    elif status in NOT_GREEN:
        _add(case, "failure", message, _kind(report, result), _details(report, result))
    elif not status.green:
        _add(case, "error", message, status.value, _details(report, result))


def _message(report: RunReport, result: Result) -> str:
    titles = [cause.title for _, cause in report.causes_of(result.job)]
    where = f" in {result.failed_step}" if result.failed_step else ""
    why = "; ".join(titles) or result.reason
    return f"{became(result)}{where}" + (f": {why}" if why else "")


def _kind(report: RunReport, result: Result) -> str:
    found = report.findings(result.job)
    return found[0].kind.value if found else result.status.value


def _details(report: RunReport, result: Result) -> str:
    """The findings; without any, the end of the log."""
    parts = [
        "\n".join(
            [
                _place(finding.file, finding.line, finding.root_line),
                *([finding.marked_advice] * bool(finding.advice)),
            ]
        )
        for finding in report.findings(result.job)[:20]
    ]
    return "\n\n".join(parts) or "\n".join(map(safe_line, result.tail))


def _place(file: str, line: int | None, text: str) -> str:
    at = safe_line(file) + (f":{line}" if file and line else "")
    return f"{at}: {safe_line(text)}" if at and at not in text else safe_line(text)


def _steps(result: Result) -> list[str]:
    return (
        [safe_line(result.proves)] * bool(result.proves)
        + [safe_line(result.reason)] * bool(result.proven_by)
        + [
            f"{safe_line(step.name)}: {step_end(step.exit_code)}, {step.seconds:.1f} s"
            for step in result.steps
        ]
        + [f"  | {safe_line(line)}" for line in result.tail]
    )


def _add(case: ElementTree.Element, tag: str, message: str, kind: str = "", text: str = "") -> None:
    attributes = {"message": _attribute(message)} | ({"type": kind} if kind else {})
    ElementTree.SubElement(case, tag, attributes).text = xml_text(text) or None


def _attribute(text: str) -> str:
    return xml_text(safe_line(text))


def xml_text(text: str) -> str:
    """Text without what XML cannot hold: each such character becomes U+FFFD."""
    return _ILLEGAL.sub("\ufffd", text)


def _seconds(number: float) -> str:
    return f"{max(number, 0.0):.3f}"
