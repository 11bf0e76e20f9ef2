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
    for one in findings:
        if _is_damaged(one):
            damaged.setdefault(one.file, one)
    kept = [one for one in findings if not _follows(one, damaged)]
    # The root comes first.
    return sorted(kept, key=lambda one: damaged.get(one.file) is not one)


def _is_damaged(one: Finding) -> bool:
    return (
        one.kind is FindingKind.SYNTAX_ERROR
        and one.severity is Severity.ERROR
        and bool(one.file)
        and is_damaged_conditional(one.subject)
    )


def _follows(one: Finding, damaged: dict[str, Finding]) -> bool:
    root = damaged.get(one.file)
    return (
        root is not None
        and one is not root
        and one.kind in _FOLLOWS
        and one.severity is Severity.ERROR
    )
