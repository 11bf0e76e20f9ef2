"""Reports of Go's race detector, joined with the tests that fail for them.

Wordings: src/runtime/race and src/testing/testing.go of golang/go.
"""

from collections.abc import Sequence

import attrs

from ciforge.diagnose.rules.memory_checkers import RACE, RACES
from ciforge.model.finding import Finding, FindingKind

_DETECTED = "race detected during execution of test"


def with_races(findings: Sequence[Finding]) -> list[Finding]:
    """The findings; a test in which a race was detected with the place of the race, which is no finding then."""
    race = next((finding for finding in findings if _is_race(finding)), None)
    test = next((finding for finding in findings if _is_racing(finding)), None)
    if race is None or test is None:
        return list(findings)
    joined = attrs.evolve(
        test, file=race.file, line=race.line, advice=race.advice, basis=race.basis,
        excerpt=(*race.excerpt, *(line for line in test.excerpt if line not in race.excerpt)),
    )  # fmt: skip
    return [joined if finding is race else finding for finding in findings if finding is not test]


def _is_race(finding: Finding) -> bool:
    return (
        finding.kind is FindingKind.TEST_FAILURE
        and finding.subject == RACES
        and RACE[:14] in finding.advice
    )


def _is_racing(finding: Finding) -> bool:
    return finding.kind is FindingKind.TEST_FAILURE and any(
        _DETECTED in line for line in finding.excerpt
    )
