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


def with_structure(one: Finding) -> Finding:
    """gcc names the variable whose structure is unknown; the line of source below names the structure."""
    if one.kind is not FindingKind.INCOMPLETE_TYPE or "storage size of '" not in bare(
        one.root_line
    ):
        return one
    at = one.excerpt.index(one.root_line) if one.root_line in one.excerpt else 0
    source = one.excerpt[at + 1] if at + 1 < len(one.excerpt) else ""
    found = re.search(rf"\b(struct|union) (\w+) +\**{re.escape(one.subject)}\b", bare(source))
    if found is None:
        return one
    tag = f"{found[1]} {found[2]}"
    return attrs.evolve(one, subject=tag, advice=one.advice.replace(one.subject, tag, 1))


def without_implicit_int(findings: Sequence[Finding]) -> list[Finding]:
    """Drop errors about the implicit int of a function that is undeclared in the same line."""
    undeclared: dict[tuple[str, int | None], Finding] = {
        (one.file, one.line): one
        for one in findings
        if one.kind is FindingKind.IMPLICIT_DECLARATION and one.file and one.line
    }
    kept: list[Finding] = []
    raised: set[tuple[str, int | None]] = set()
    for one in findings:
        root = undeclared.get((one.file, one.line))
        if (
            root is None
            or one is root
            or one.kind not in _IMPLICIT_PLACES
            or not _INT.search(bare(one.root_line))
        ):
            kept.append(one)
        elif (root.file, root.line) not in raised and root.severity is Severity.WARNING:
            raised.add((root.file, root.line))
            kept.append(attrs.evolve(root, severity=Severity.ERROR))
    return [
        one for one in kept if one.severity is Severity.ERROR or (one.file, one.line) not in raised
    ]


_MEMBER = re.compile(
    r"'(?P<tag>(?:struct |union )\w+)'(?: \{aka [^}]*\})? has no member named|no member named '[^']+' in '(?P<in>(?:struct |union )\w+)'"
)


def with_member_test(one: Finding) -> Finding:
    """A member that a structure of ISO C or POSIX does not have on this system."""
    found = _MEMBER.search(bare(one.root_line)) if one.kind is FindingKind.UNDECLARED else None
    tag = (found["tag"] or found["in"]) if found else ""
    if not tag or not header_of(tag):
        return one
    advice = f"{tag} of this system has no {one.subject}: test for it in configure, as with AC_CHECK_MEMBERS([{tag}.{one.subject}])."
    return attrs.evolve(one, advice=advice, basis=Basis.MANUAL)


def with_other_declaration(one: Finding) -> Finding:
    """Name the conflicting declaration, whose place is in the compiler's note."""
    if one.kind is not FindingKind.TYPE_CONFLICT or "-" in one.subject:
        return one
    lines = [bare(line) for line in one.excerpt]
    note = next((found for line in lines if (found := _NOTE.search(line))), None)
    if note is None:
        return one
    name, place = one.subject, f"{note['file']}:{note['line']}"
    if is_of_system(note["file"]):
        advice = f"The system declares {name} otherwise, in {place}: make {one.file}:{one.line} agree, define it only where the system has none, or rename it."
        return attrs.evolve(one, advice=advice)
    after = lines[lines.index(note.string) :]
    advice = f"{place} declares {name} otherwise than {one.file}:{one.line}: make both agree."
    if any(
        _EMPTY.search(line) or f"'{kind}(void)'" in line
        for line in after
        for kind in ("int", "void")
    ):
        advice += " If one of them says (): since C23, the default of newer compilers, that means no parameters."
    return attrs.evolve(one, advice=advice)
