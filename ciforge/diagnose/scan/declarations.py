"""Declarations that conflict, are incomplete or lack a member: what the lines around an error add about them."""

import re
from collections.abc import Sequence

import attrs

from ciforge.diagnose.names.standard_headers import header_of
from ciforge.diagnose.names.system_headers import is_of_system
from ciforge.diagnose.scan.log_lines import bare
from ciforge.model.finding import Basis, Finding, FindingKind, Severity

_NOTE = re.compile(
    r"(?P<file>(?:[A-Za-z]:(?=[\\/]))?[^\s:]+):(?P<line>\d+):(?:\d+:)? note: (?:previous (?:implicit )?(?:declaration|definition)|declared here)"
)
_EMPTY = re.compile(r"\(\s*\)")
_INT = re.compile(r"from '(?:int|long|unsigned int)'|-Wint-conversion|from type 'int'|'int' to ")
_IMPLICIT_PLACES = (FindingKind.TYPE_CONFLICT, FindingKind.WERROR, FindingKind.OTHER)


def with_structure(finding: Finding) -> Finding:
    """gcc names the variable whose structure is unknown; the line of source below names the structure."""
    if finding.kind is not FindingKind.INCOMPLETE_TYPE or "storage size of '" not in bare(
        finding.root_line
    ):
        return finding
    at = finding.excerpt.index(finding.root_line) if finding.root_line in finding.excerpt else 0
    source = finding.excerpt[at + 1] if at + 1 < len(finding.excerpt) else ""
    match = re.search(rf"\b(struct|union) (\w+) +\**{re.escape(finding.subject)}\b", bare(source))
    if match is None:
        return finding
    tag = f"{match[1]} {match[2]}"
    return attrs.evolve(
        finding,
        subject=tag,
        advice=finding.advice.replace(f"the type of {finding.subject}", tag, 1),
    )


def without_implicit_int(findings: Sequence[Finding]) -> list[Finding]:
    """Drop errors about the implicit int of a function that is undeclared in the same line."""
    undeclared: dict[tuple[str, int | None], Finding] = {
        (finding.file, finding.line): finding
        for finding in findings
        if finding.kind is FindingKind.IMPLICIT_DECLARATION and finding.file and finding.line
    }
    kept: list[Finding] = []
    raised: set[tuple[str, int | None]] = set()
    for finding in findings:
        root = undeclared.get((finding.file, finding.line))
        if (
            root is None
            or finding is root
            or finding.kind not in _IMPLICIT_PLACES
            or not _INT.search(bare(finding.root_line))
        ):
            kept.append(finding)
        elif (root.file, root.line) not in raised and root.severity is Severity.WARNING:
            raised.add((root.file, root.line))
            kept.append(attrs.evolve(root, severity=Severity.ERROR))
    return [
        finding
        for finding in kept
        if finding.severity is Severity.ERROR or (finding.file, finding.line) not in raised
    ]


_MEMBER = re.compile(
    r"'(?P<tag>(?:struct |union )\w+)'(?: \{aka [^}]*\})? has no member named|no member named '[^']+' in '(?P<in>(?:struct |union )\w+)'"
)


def with_member_test(finding: Finding) -> Finding:
    """A member that a structure of ISO C or POSIX does not have on this system."""
    found = (
        _MEMBER.search(bare(finding.root_line)) if finding.kind is FindingKind.UNDECLARED else None
    )
    tag = (found["tag"] or found["in"]) if found else ""
    if not tag or not header_of(tag):
        return finding
    advice = f"{tag} of this system has no {finding.subject}: test for it in configure, as with AC_CHECK_MEMBERS([{tag}.{finding.subject}])."
    return attrs.evolve(finding, advice=advice, basis=Basis.MANUAL)


def with_other_declaration(finding: Finding) -> Finding:
    """Name the conflicting declaration, whose place is in the compiler's note."""
    if finding.kind is not FindingKind.TYPE_CONFLICT or "-" in finding.subject:
        return finding
    lines = [bare(line) for line in finding.excerpt]
    note = next((match for line in lines if (match := _NOTE.search(line))), None)
    if note is None:
        return finding
    name, place = finding.subject, f"{note['file']}:{note['line']}"
    if is_of_system(note["file"]):
        advice = f"The system declares {name} otherwise, in {place}: make {finding.file}:{finding.line} agree, define it only where the system has none, or rename it."
        return attrs.evolve(finding, advice=advice)
    after = lines[lines.index(note.string) :]
    advice = (
        f"{place} declares {name} otherwise than {finding.file}:{finding.line}: make both agree."
    )
    if any(
        _EMPTY.search(line) or f"'{kind}(void)'" in line
        for line in after
        for kind in ("int", "void")
    ):
        advice += " If one of them says (): since C23, the default of newer compilers, that means no parameters."
    return attrs.evolve(finding, advice=advice)
