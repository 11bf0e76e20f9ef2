"""What a damaged conditional of the preprocessor brings along: errors in text that should have been left out."""

import re
from collections.abc import Sequence

from ciforge.model.finding import Finding, FindingKind, Severity

_DAMAGED = re.compile(
    r"#\w+ (?:without #if|after #else)|#(?:if|ifdef|ifndef|elif|else)|invalid preprocessing directive .*"
)
_FOLLOWS = frozenset(
    {
        FindingKind.SYNTAX_ERROR, FindingKind.UNKNOWN_TYPE, FindingKind.INCOMPLETE_TYPE, FindingKind.UNDECLARED,
        FindingKind.IMPLICIT_DECLARATION, FindingKind.TYPE_CONFLICT, FindingKind.REDEFINITION, FindingKind.WERROR,
    }
)  # fmt: skip
"""Kinds of errors in text that a condition should have left out."""


def is_damaged_conditional(subject: str) -> bool:
    """Whether a syntax error with this subject is about the beginning, middle or end of a conditional."""
    return _DAMAGED.fullmatch(subject) is not None


def without_consequences(findings: Sequence[Finding]) -> list[Finding]:
    """The findings without those of a file that follow from its damaged conditional, of which the first remains.

    A compiler reports what is in the text before the end of the conditional, which is where it finds the damage.
    """
    damaged: dict[str, Finding] = {}
    for finding in findings:
        if _is_damaged(finding):
            damaged.setdefault(finding.file, finding)
    kept = [finding for finding in findings if not _follows(finding, damaged)]
    # The root comes first.
    return sorted(kept, key=lambda finding: damaged.get(finding.file) is not finding)


def _is_damaged(finding: Finding) -> bool:
    return (
        finding.kind is FindingKind.SYNTAX_ERROR
        and finding.severity is Severity.ERROR
        and bool(finding.file)
        and is_damaged_conditional(finding.subject)
    )


def _follows(finding: Finding, damaged: dict[str, Finding]) -> bool:
    root = damaged.get(finding.file)
    return (
        root is not None
        and finding is not root
        and finding.kind in _FOLLOWS
        and finding.severity is Severity.ERROR
    )
