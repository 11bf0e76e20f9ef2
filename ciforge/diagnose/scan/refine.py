"""Findings of one log with what the lines around them, and other findings, add."""

import re
from collections.abc import Callable, Sequence

import attrs

from ciforge.diagnose.rules.known_names import with_known_name
from ciforge.diagnose.scan.caret_errors import with_source_line
from ciforge.diagnose.scan.conditionals import without_consequences
from ciforge.diagnose.scan.data_races import with_races
from ciforge.diagnose.scan.declarations import (
    with_member_test,
    with_other_declaration,
    with_structure,
    without_implicit_int,
)
from ciforge.diagnose.scan.header_names import with_headers
from ciforge.diagnose.scan.keywords import with_keyword
from ciforge.diagnose.scan.merge_conflicts import only_conflict_markers, with_conflict_marker
from ciforge.diagnose.scan.requirements import (
    with_broken_module,
    with_probed_header,
    with_system,
    with_system_reason,
    with_versions,
)
from ciforge.diagnose.scan.symbols import (
    with_function_defined_twice,
    with_macro,
    with_plain_name,
    with_symbol_reason,
    without_ignored_libraries,
)
from ciforge.model.finding import Finding, FindingKind


def _with_test_name(finding: Finding) -> Finding:
    """bats prints the name of a test in the line above its place, behind a sign that no word is."""
    if finding.kind is not FindingKind.TEST_FAILURE or "(in test file" not in finding.root_line:
        return finding
    at = finding.excerpt.index(finding.root_line) if finding.root_line in finding.excerpt else 0
    found = _TEST.search(finding.excerpt[at - 1]) if at else None
    if found is None:
        return finding
    return attrs.evolve(
        finding, subject=found["name"][:200], root_line=finding.excerpt[at - 1], log_line=finding.log_line - 1,
        advice=f"See {finding.file}:{finding.line}, and run this test alone.",
    )  # fmt: skip


def _with_test_place(finding: Finding) -> Finding:
    """bats prints the place of a failed test of TAP in the line below it."""
    if finding.kind is not FindingKind.TEST_FAILURE or finding.file:
        return finding
    found = next((match for line in finding.excerpt if (match := _PLACE.match(line))), None)
    return attrs.evolve(finding, file=found["file"], line=int(found["line"])) if found else finding


_PLACE = re.compile(r"# \(in test file (?P<file>[^\s,]+), line (?P<line>\d{1,8})\)")
_TEST = re.compile(r"(?:\u2717 |^not ok \d+ (?:- )?)(?P<name>\S.*?)(?: \[\d+(?:ms)?\]| in \d+ms)?$")


_EACH_FIRST = (
    with_probed_header,
    with_source_line,
    _with_test_name,
    _with_test_place,
    with_structure,
    with_keyword,
    with_conflict_marker,
)
"""What is done to each finding before those are dropped that follow from others, in this order."""
_EACH_THEN = (
    with_known_name, with_system_reason, with_symbol_reason, with_function_defined_twice, with_macro, with_other_declaration, with_member_test, with_system,
    with_versions, with_broken_module,
)  # fmt: skip
"""What is done to each finding that is left, in this order."""


def refined(findings: Sequence[Finding]) -> list[Finding]:
    """The findings of a log with better subjects, places and advice, and without consequences of others."""
    found = only_conflict_markers([_through(_EACH_FIRST, finding) for finding in findings])
    found = with_races(without_implicit_int(without_consequences(without_ignored_libraries(found))))
    found = with_headers([_through(_EACH_THEN, finding) for finding in found])
    return [with_plain_name(finding) for finding in found]


def _through(steps: Sequence[Callable[[Finding], Finding]], finding: Finding) -> Finding:
    """The finding after all steps."""
    for step in steps:
        finding = step(finding)
    return finding
