"""Why a test failed, from the logs that automake and Meson write beside the log of the job."""

import re
from collections.abc import Iterable, Iterator

import attrs

from ciforge.diagnose.scan.log_lines import bare
from ciforge.model.finding import Finding, FindingKind
from ciforge.sanitize import log_line

_SHOWN = 8
"""Lines of a test that are quoted."""
_LIMIT = 4000
"""Lines of one test that are read."""
_AUTOMAKE = re.compile(r"^(?:FAIL|XPASS|ERROR): (?P<test>\S+)$")
_UNDERLINE = re.compile(r"^=+$")
_AUTOMAKE_ENDS = re.compile(r"^(?:FAIL|XPASS|ERROR) \S+ \(exit status: \d+\)$")
_MESON = re.compile(r"^=+ \d+/\d+ =+$")
_MESON_FIELD = re.compile(r"^(?P<key>test|result): +(?P<value>\S.*)$")
_MESON_NOISE = re.compile(
    r"^-+ (?:stdout|stderr|output) -+$|^=+$|^(?:start time|duration|command): "
)
_PASSED = ("exit status 0", "SKIP")


def quoted(findings: Iterable[Finding], logs: Iterable[Iterable[str]]) -> tuple[Finding, ...]:
    """The findings; those of a test that failed with its last lines in one of `logs`."""
    findings = tuple(findings)
    if not any(finding.kind is FindingKind.TEST_FAILURE for finding in findings):
        return findings
    reasons: dict[str, tuple[str, ...]] = {}
    for log in logs:
        for test, lines in _sections(bare(log_line(line)) for line in log):
            reasons.setdefault(test, tuple(lines[-_SHOWN:]))
    return tuple(_with_reason(finding, reasons) for finding in findings)


def _with_reason(finding: Finding, reasons: dict[str, tuple[str, ...]]) -> Finding:
    reason = reasons.get(finding.subject, ())
    if finding.kind is not FindingKind.TEST_FAILURE or not reason:
        return finding
    new = tuple(line for line in reason if line not in finding.excerpt)
    return attrs.evolve(finding, excerpt=(*finding.excerpt, *new))


def _sections(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """The name of each test that failed, and what it printed."""
    test, body, before = "", list[str](), ""
    for line in lines:
        if _UNDERLINE.match(line) and (title := _AUTOMAKE.match(before)):
            test, body = title["test"], []
        elif _MESON.match(line):
            yield from _ended(test, body)
            test, body = "", []
        elif (field := _MESON_FIELD.match(line)) and not body:
            if field["key"] == "test":
                test = field["value"]
            elif field["value"].startswith(_PASSED):
                test = ""
        elif test and line.strip() and not _MESON_NOISE.match(line) and len(body) < _LIMIT:
            body.append(line)
            if _AUTOMAKE_ENDS.match(line):
                yield test, body
                test, body = "", []
        before = line
    yield from _ended(test, body)


def _ended(test: str, body: list[str]) -> Iterator[tuple[str, list[str]]]:
    if test and body:
        yield test, body
