"""Advice to include a header, for all names of it that a file uses."""

import re
from collections.abc import Iterable, Sequence

import attrs

from ciforge.diagnose.names.standard_headers import header_of
from ciforge.diagnose.names.system_headers import is_of_system
from ciforge.diagnose.scan.log_lines import bare
from ciforge.model.finding import Basis, Finding, FindingKind, Severity

NAMED = (
    FindingKind.IMPLICIT_DECLARATION,
    FindingKind.UNDECLARED,
    FindingKind.UNKNOWN_TYPE,
    FindingKind.INCOMPLETE_TYPE,
)
"""Kinds that a missing `#include` explains."""
_LISTED = 6
_DECLARED_HERE = re.compile(r": note: '[^']+' declared here")


def with_headers(findings: Iterable[Finding]) -> list[Finding]:
    """Findings about names of standard headers, with advice that lists all names that one `#include` fixes in a file."""
    found = [attrs.evolve(finding, header=_header(finding)) for finding in findings]
    names: dict[tuple[str, str], list[str]] = {}
    for named in found:
        if named.header and named.severity is Severity.ERROR:
            names.setdefault((named.file, named.header), []).append(named.subject)
    return [
        _told_include(finding, names[finding.file, finding.header])
        if (finding.file, finding.header) in names and finding.kind in NAMED
        else finding
        for finding in found
    ]


def _told_include(finding: Finding, names: Sequence[str]) -> Finding:
    basis = Basis.DEDUCED if finding.basis is Basis.MANUAL else finding.basis
    return attrs.evolve(finding, advice=_include(finding, names), basis=basis)


def listed(names: Sequence[str], most: int = _LISTED) -> str:
    """`open, O_CREAT and 4 more`."""
    shown = list(dict.fromkeys(names))
    if len(shown) > most:
        return f"{', '.join(shown[: most - 1])} and {len(shown) - most + 1} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _include(finding: Finding, names: Sequence[str]) -> str:
    several = len(set(names)) > 1
    if _is_included(finding):
        return (
            f"<{finding.header}> is included, and on this system it does not declare {listed(names)}: check for "
            f"{'them' if several else 'it'} in configure, and do without elsewhere."
        )
    file = finding.file.rpartition("/")[2] or "the file"
    return (
        f"`#include <{finding.header}>` in {file}, for {listed(names)}. If it is there already, a feature-test macro hides "
        f"{'them, or this system does not have them' if several else 'it, or this system does not have it'}."
    )


def _is_included(finding: Finding) -> bool:
    """Whether the compiler suggests another name of that very header, which it therefore reads."""
    place = f"/{finding.header}:"
    return any(place in line and _DECLARED_HERE.search(bare(line)) for line in finding.excerpt)


def _header(finding: Finding) -> str:
    if (
        finding.header
        or finding.kind not in NAMED
        or not finding.file
        or is_of_system(finding.file)
    ):
        return finding.header
    return header_of(finding.subject)
