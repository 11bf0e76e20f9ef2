"""The independent causes among the findings of one log, without consequences of others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import attrs

from ciforge.diagnose.causes.fingerprint import DISTRIBUTION, base_name, key_of
from ciforge.model.dependency_index import DependencyIndex
from ciforge.model.finding import Finding, FindingKind, Severity

_NAMES = frozenset(
    {
        FindingKind.SYNTAX_ERROR, FindingKind.UNKNOWN_TYPE, FindingKind.INCOMPLETE_TYPE, FindingKind.UNDECLARED,
        FindingKind.IMPLICIT_DECLARATION, FindingKind.TYPE_CONFLICT, FindingKind.REDEFINITION, FindingKind.WERROR,
    }
)  # fmt: skip
"""Errors that compilers report after another error in the same file."""
_LOST = frozenset({FindingKind.SYNTAX_ERROR, FindingKind.UNKNOWN_TYPE, FindingKind.INCOMPLETE_TYPE})
"""After one of these a compiler reports errors that are not there."""
_EVERYTHING = frozenset(FindingKind)


@attrs.frozen(kw_only=True)
class _Cascade:
    """`what` follows from `first`."""

    first: frozenset[FindingKind]
    what: frozenset[FindingKind]
    same_file: bool = True
    """Only where both are in one source file, or the first is in a header."""
    only_later: bool = True
    """Only findings further down in the log."""


_ROWS = (
    _Cascade(first=DISTRIBUTION, what=_EVERYTHING - DISTRIBUTION, same_file=False, only_later=False),
    _Cascade(first=frozenset({FindingKind.DEPS_NETWORK}), what=frozenset({FindingKind.DEPS_NOT_FOUND}),
        same_file=False, only_later=False),
    _Cascade(first=frozenset({FindingKind.MISSING_TOOL, FindingKind.YACC_LEX}), same_file=False,
        what=frozenset({FindingKind.MISSING_MACRO, FindingKind.SYNTAX_ERROR, FindingKind.MAKE_RULE,
            FindingKind.MISSING_HEADER, FindingKind.INSTALL_ERROR})),
    _Cascade(first=frozenset({FindingKind.MISSING_MACRO, FindingKind.AUTOTOOLS_VERSION}), same_file=False,
        what=frozenset({FindingKind.SYNTAX_ERROR, FindingKind.AUTOTOOLS_VERSION, FindingKind.MISSING_TOOL})),
    _Cascade(first=frozenset({FindingKind.MISSING_PACKAGE}), same_file=False,
        what=frozenset({FindingKind.CONFIGURE_CHECK, FindingKind.MESON_ERROR, FindingKind.CMAKE_ERROR})),
    # CMake goes on to generate what it cannot, make to install what it may not.
    _Cascade(first=frozenset({FindingKind.CMAKE_ERROR}), what=frozenset({FindingKind.CMAKE_ERROR}), same_file=False),
    _Cascade(first=frozenset({FindingKind.INSTALL_ERROR}), what=frozenset({FindingKind.INSTALL_ERROR}), same_file=False),
    _Cascade(first=frozenset({FindingKind.MISSING_HEADER}), what=_NAMES),
    _Cascade(first=_LOST, what=_NAMES),
    _Cascade(first=frozenset({FindingKind.UNDECLARED, FindingKind.IMPLICIT_DECLARATION}),
        what=frozenset({FindingKind.SYNTAX_ERROR, FindingKind.TYPE_CONFLICT, FindingKind.WERROR})),
    _Cascade(first=frozenset({FindingKind.TYPE_CONFLICT, FindingKind.REDEFINITION}),
        what=frozenset({FindingKind.WERROR, FindingKind.SYNTAX_ERROR})),
)  # fmt: skip
"""Each row with what compilers, make and package managers do: see `tests/unit/diagnose`."""


_BY_KIND = {kind: tuple(row for row in _ROWS if kind in row.what) for kind in FindingKind}
_ORDER = {kind: place for place, kind in enumerate(FindingKind)}

Keyed = tuple[str, Finding]
"""A finding with its key."""


def independent_causes(findings: Sequence[Finding], knowledge: DependencyIndex) -> list[Keyed]:
    """Keys with their findings, in the order of the log; never empty unless `findings` is.

    Warnings count only with an error of the same key, or where there are no errors.
    """
    ordered = [(key_of(finding, knowledge), finding) for finding in sorted(findings, key=_place)]
    errors = [pair for pair in ordered if pair[1].severity is Severity.ERROR] or ordered[:1]
    kept = set(_without_consequences(errors))
    keys = {key for key, _ in kept}
    return [
        pair
        for pair in ordered
        if pair in kept or (pair[1].severity is Severity.WARNING and pair[0] in keys)
    ]


def _place(finding: Finding) -> tuple[int, int, int, str, str, str, str]:
    """The sort key of a finding: its place in the log, then in the source."""
    return (
        finding.log_line, finding.line or 0, _ORDER[finding.kind], finding.file, finding.subject,
        finding.severity.value, finding.root_line,
    )  # fmt: skip


def _without_consequences(ordered: Sequence[Keyed]) -> list[Keyed]:
    before: dict[FindingKind, list[Keyed]] = defaultdict(list)
    for pair in ordered:
        if pair[1].kind in DISTRIBUTION:
            before[pair[1].kind].append(pair)
    any_known = any(finding.kind is not FindingKind.OTHER for _, finding in ordered)
    kept = []
    for key, finding in ordered:
        if finding.kind is FindingKind.OTHER and any_known:
            continue
        rows = _BY_KIND[finding.kind]
        if not any(_explained(row, key, finding, before) for row in rows):
            kept.append((key, finding))
            before[finding.kind].append((key, finding))
    return kept


def _explained(
    row: _Cascade, key: str, finding: Finding, before: Mapping[FindingKind, Sequence[Keyed]]
) -> bool:
    """Whether an earlier finding explains this one; two findings with one key do not explain each other."""
    return any(
        _applies(row, first, finding) and other != key
        for kind in row.first
        for other, first in before.get(kind, ())
    )


def _applies(row: _Cascade, first: Finding, then: Finding) -> bool:
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
