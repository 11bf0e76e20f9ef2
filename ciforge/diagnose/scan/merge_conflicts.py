"""Conflict markers of version control, over which a compiler, a make or a shell stumbles."""

import re
from collections.abc import Sequence

import attrs

from ciforge.diagnose.scan.log_lines import bare
from ciforge.model.finding import Finding, FindingKind

_MERGE = re.compile(r"^(?:\s*\d+ \|)?\s*(?:<{7}|>{7}|\|{7})(?: \S.*)?$|^(?:\s*\d+ \|)?\s*={7}$")
_FALLEN = (
    FindingKind.SYNTAX_ERROR,
    FindingKind.UNKNOWN_TYPE,
    FindingKind.OTHER,
    FindingKind.MAKE_SYNTAX,
    FindingKind.MISSING_MACRO,
)


def with_conflict_marker(one: Finding) -> Finding:
    """Conflict markers that a compiler, a make or a shell stumbles over."""
    if one.kind not in _FALLEN or "conflict marker" in one.subject:
        return one
    if not any(_MERGE.match(bare(line)) for line in one.excerpt):
        return one
    return attrs.evolve(
        one, kind=FindingKind.SYNTAX_ERROR, subject=_CONFLICT_MARKER, advice=f"Resolve the merge in {one.file or 'the file'}: conflict markers were left behind.",
    )  # fmt: skip


_CONFLICT_MARKER = "version control conflict marker in file"


def only_conflict_markers(findings: Sequence[Finding]) -> list[Finding]:
    """Conflict markers are the only cause of their file."""
    merged = {one.file for one in findings if one.subject == _CONFLICT_MARKER}
    kept: list[Finding] = []
    for one in findings:
        again = any(_same_place(one, other) for other in kept)
        if one.file not in merged or (one.subject == _CONFLICT_MARKER and not again):
            kept.append(one)
    return kept


def _same_place(one: Finding, other: Finding) -> bool:
    return (one.file, one.subject) == (other.file, other.subject) == (one.file, _CONFLICT_MARKER)
