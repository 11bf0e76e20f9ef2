"""SARIF 2.1.0 (OASIS, 2020): a result for each cause and place in the source, a rule for each kind.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. GitHub refuses a log with a result that has no
physical location with a region: https://docs.github.com/en/code-security/reference/code-scanning/sarif-support
"""

import json
from collections.abc import Iterator
from posixpath import normpath
from typing import Any
from urllib.parse import quote

import attrs

from ciforge.model.diagnosis import Warned
from ciforge.model.finding import Finding
from ciforge.model.result import Run
from ciforge.report.run_report import RunReport, warning_words
from ciforge.report.sarif_rules import RULES, WARNING, rule_descriptors
from ciforge.sanitize import safe_line

_FINGERPRINT = "ciforge/cause/v1"
_SOURCE = "/ciforge/src/"
"""The source folder in a container: paths below it are relative to the source."""

_NO_PLACE = "ciforge.yml"
"""The file of a result that is about no file: it says what the job is."""


@attrs.frozen(kw_only=True)
class _Found:
    """One result: the same finding at the same place, with its jobs."""

    key: str
    rule: str
    text: str
    subject: str
    file: str
    line: int | None
    jobs: list[str] = attrs.field(factory=list)


_Place = tuple[str, str, int | None]


def sarif(report: RunReport) -> str:
    """The log, as JSON."""
    run = {
        "tool": {"driver": _driver(report.run)},
        "automationDetails": {"id": f"ciforge/{report.run.project}/{report.run.id}"},
        "invocations": [_invocation(report)],
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The top of the source tree."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(found) for found in _found(report)],
    }
    if provenance := list(_provenance(report.run)):
        run["versionControlProvenance"] = provenance
    if proven := {result.job: result.proven_by for result in report.results if result.proven_by}:
        run["properties"] = {"ciforge/proven_by": proven}
    log = {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
        "sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(log, indent=1) + "\n"


def _driver(run: Run) -> dict[str, Any]:
    return {"name": "ciforge", "version": safe_line(run.version), "rules": rule_descriptors()}


def _invocation(report: RunReport) -> dict[str, Any]:
    run = report.run
    invocation: dict[str, Any] = {"executionSuccessful": run.exit_code in (0, 1)}
    if run.exit_code is not None:
        invocation["exitCode"] = run.exit_code
    times = {"startTimeUtc": run.started, "endTimeUtc": run.ended}
    return invocation | {key: value for key, value in times.items() if value}


def _provenance(run: Run) -> Iterator[dict[str, str]]:
    for source in run.sources:
        if source.origin.partition(":")[0] in ("https", "http", "git", "ssh"):
            uri = {"repositoryUri": quote(safe_line(source.origin), safe=":/?#[]@!$&'()*+,;=%~")}
            yield uri | ({"revisionId": source.revision} if source.revision else {})


def _found(report: RunReport) -> list[_Found]:
    """The places of each cause, each once; then unexplained findings; then warnings."""
    found: dict[_Place, _Found] = {}
    for cause in report.causes:
        for job, finding in cause.findings.items():
            _put(found, _error(finding, cause.key, cause.title), job)
    for result in report.unexplained:
        for finding in report.findings(result.job)[:1]:
            _put(
                found,
                _error(finding, f"{finding.kind.value}:{finding.subject}"[:200], finding.root_line),
                result.job,
            )
    for job, all_ in report.why.warnings.items():
        for warned in all_:
            _put(found, _warning(warned), job)
    return list(found.values())


def _put(found: dict[_Place, _Found], result: _Found, job: str) -> None:
    jobs = found.setdefault((result.key, result.file, result.line), result).jobs
    if job not in jobs:
        jobs.append(job)


def _error(finding: Finding, key: str, title: str) -> _Found:
    text = ". ".join(part for part in (title or finding.kind.value, finding.marked_advice) if part)
    return _Found(
        key=key,
        rule=finding.kind.value,
        text=text,
        subject=finding.subject,
        file=finding.file,
        line=finding.line,
    )


def _warning(warning: Warned) -> _Found:
    text = f"{warning.text or warning.key} ({warning_words(warning)})"
    return _Found(
        key=warning.key,
        rule=WARNING,
        text=text,
        subject=warning.subject,
        file=warning.file,
        line=warning.line,
    )


def _result(found: _Found) -> dict[str, Any]:
    fingerprint = {_FINGERPRINT: safe_line(found.key)}
    return {
        "ruleId": found.rule,
        "ruleIndex": RULES.index(found.rule),
        "level": "warning" if found.rule == WARNING else "error",
        "message": {"text": safe_line(found.text)},
        "locations": [_location(found)],
        "fingerprints": fingerprint,
        "partialFingerprints": fingerprint,
        "occurrenceCount": len(found.jobs),
        "properties": {"jobs": found.jobs, "subject": safe_line(found.subject)},
    }


def _location(found: _Found) -> dict[str, Any]:
    """The jobs, and the place in the source; the first line of the file if the line is not known."""
    jobs = [{"fullyQualifiedName": job, "kind": "job"} for job in found.jobs]
    line = found.line if found.file and found.line and found.line > 0 else 1
    return {
        "logicalLocations": jobs,
        "physicalLocation": {
            "artifactLocation": artifact(found.file or _NO_PLACE),
            "region": {"startLine": line},
        },
    }


def artifact(file: str) -> dict[str, str]:
    """The URI of a file: relative to the top of the source, or absolute."""
    path = normpath(safe_line(file)).removeprefix(_SOURCE)
    while path.startswith("../"):
        path = path.removeprefix("../")
    if path.startswith("/"):
        return {"uri": "file://" + quote("/" + path.lstrip("/"))}
    return {"uri": quote(path), "uriBaseId": "SRCROOT"}
