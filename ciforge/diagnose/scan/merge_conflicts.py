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


def with_conflict_marker(finding: Finding) -> Finding:
    """Conflict markers that a compiler, a make or a shell stumbles over."""
    if finding.kind not in _FALLEN or "conflict marker" in finding.subject:
        return finding
    if not any(_MERGE.match(bare(line)) for line in finding.excerpt):
        return finding
    return attrs.evolve(
        finding, kind=FindingKind.SYNTAX_ERROR, subject=_CONFLICT_MARKER, advice=f"Resolve the merge in {finding.file or 'the file'}: conflict markers were left behind.",
    )  # fmt: skip


_CONFLICT_MARKER = "version control conflict marker in file"


def only_conflict_markers(findings: Sequence[Finding]) -> list[Finding]:
    """Conflict markers are the only cause of their file."""
    merged = {finding.file for finding in findings if finding.subject == _CONFLICT_MARKER}
    kept: list[Finding] = []
    for finding in findings:
        again = any(_same_place(finding, other) for other in kept)
        if finding.file not in merged or (finding.subject == _CONFLICT_MARKER and not again):
            kept.append(finding)
    return kept


def _same_place(finding: Finding, other: Finding) -> bool:
    return (
        (finding.file, finding.subject)
        == (other.file, other.subject)
        == (finding.file, _CONFLICT_MARKER)
    )
