"""Findings of one log that are causes of their own, without those that follow from others."""

from collections.abc import Sequence

import attrs

from ciforge.diagnose.keys import DISTRIBUTION, base_name, key_of
from ciforge.model.finding import Finding, Kind, Severity
from ciforge.model.knowledge import Knowledge

_NAMES = frozenset(
    {
        Kind.SYNTAX_ERROR, Kind.UNKNOWN_TYPE, Kind.INCOMPLETE_TYPE, Kind.UNDECLARED,
        Kind.IMPLICIT_DECLARATION, Kind.TYPE_CONFLICT, Kind.REDEFINITION, Kind.WERROR,
    }
)  # fmt: skip
"""What a compiler says of a file that it could not make sense of."""
_LOST = frozenset({Kind.SYNTAX_ERROR, Kind.UNKNOWN_TYPE, Kind.INCOMPLETE_TYPE})
"""After one of these a compiler has lost the thread, and says more than is true."""
_EVERYTHING = frozenset(Kind)


@attrs.frozen(kw_only=True)
class _Follows:
    """`what` follows from `first`."""

    first: frozenset[Kind]
    what: frozenset[Kind]
    same_file: bool = True
    """Only where both are in one source file, or the first is in a header."""
    only_later: bool = True
    """Only what the log has further down."""


_ROWS = (
    _Follows(first=DISTRIBUTION, what=_EVERYTHING - DISTRIBUTION, same_file=False, only_later=False),
    _Follows(first=frozenset({Kind.DEPS_NETWORK}), what=frozenset({Kind.DEPS_NOT_FOUND}),
        same_file=False, only_later=False),
    _Follows(first=frozenset({Kind.MISSING_TOOL, Kind.YACC_LEX}), same_file=False,
        what=frozenset({Kind.MISSING_MACRO, Kind.SYNTAX_ERROR, Kind.MAKE_RULE,
            Kind.MISSING_HEADER, Kind.INSTALL_ERROR})),
    _Follows(first=frozenset({Kind.MISSING_MACRO, Kind.AUTOTOOLS_VERSION}), same_file=False,
        what=frozenset({Kind.SYNTAX_ERROR, Kind.AUTOTOOLS_VERSION, Kind.MISSING_TOOL})),
    _Follows(first=frozenset({Kind.MISSING_PACKAGE}), same_file=False,
        what=frozenset({Kind.CONFIGURE_CHECK, Kind.MESON_ERROR, Kind.CMAKE_ERROR})),
    _Follows(first=frozenset({Kind.MISSING_HEADER}), what=_NAMES),
    _Follows(first=_LOST, what=_NAMES),
    _Follows(first=frozenset({Kind.UNDECLARED, Kind.IMPLICIT_DECLARATION}),
        what=frozenset({Kind.SYNTAX_ERROR, Kind.TYPE_CONFLICT, Kind.WERROR})),
    _Follows(first=frozenset({Kind.TYPE_CONFLICT, Kind.REDEFINITION}),
        what=frozenset({Kind.WERROR, Kind.SYNTAX_ERROR})),
)  # fmt: skip
"""Each row with what compilers, make and package managers do: see `tests/unit/diagnose`."""


def causes_of_their_own(
    findings: Sequence[Finding], knowledge: Knowledge
) -> tuple[tuple[str, Finding], ...]:
    """Keys with their findings, in the order of the log; never empty unless `findings` is.

    Warnings count only with an error of the same key, or where there are no errors.
    """
    ordered = sorted(findings, key=_place)
    errors = [one for one in ordered if one.severity is Severity.ERROR]
    kept: list[Finding] = []
    for one in errors or ordered[:1]:
        if not any(_explains(other, one, knowledge) for other in _before(one, errors, kept)):
            kept.append(one)
    keys = {key_of(one, knowledge) for one in kept}
    joined = [
        one
        for one in ordered
        if one in kept or (one.severity is Severity.WARNING and key_of(one, knowledge) in keys)
    ]
    return tuple((key_of(one, knowledge), one) for one in joined)


def _place(finding: Finding) -> tuple[int, int, int, str, str]:
    """Where in the log, else in the source; whatever order findings come in."""
    kind = list(Kind).index(finding.kind)
    return finding.log_line, finding.line or 0, kind, finding.file, finding.subject


def _before(one: Finding, errors: Sequence[Finding], kept: Sequence[Finding]) -> list[Finding]:
    """What may explain `one`: everything that was kept, and what explains whatever its place."""
    strong = DISTRIBUTION if one.kind is not Kind.OTHER else _EVERYTHING - {Kind.OTHER}
    return [*kept, *(other for other in errors if other.kind in strong and other is not one)]


def _explains(first: Finding, then: Finding, knowledge: Knowledge) -> bool:
    if then.kind is Kind.OTHER:
        return first.kind is not Kind.OTHER
    if key_of(first, knowledge) == key_of(then, knowledge):
        return False  # The same cause twice; whoever joins keys sees to that.
    return any(_applies(row, first, then) for row in _ROWS)


def _applies(row: _Follows, first: Finding, then: Finding) -> bool:
    if first.kind not in row.first or then.kind not in row.what:
        return False
    if row.only_later and first.log_line > then.log_line > 0:
        return False
    return not row.same_file or _same_file(first, then)


def _same_file(first: Finding, then: Finding) -> bool:
    """A header is part of every file that comes after it."""
    if not first.file or not then.file:
        return False
    return base_name(first.file) == base_name(then.file) or first.file.endswith((".h", ".hpp"))
