"""Findings that take more than one line: keywords of C23, conflicting declarations, names of one header, merge conflicts."""

import re
from collections.abc import Iterable, Sequence

import attrs

from ciforge.diagnose.names.library_symbols import advice_of_symbol, name_without_64
from ciforge.diagnose.names.standard_headers import header_of, macro_header_of
from ciforge.diagnose.names.system_headers import is_of_system, system_of_header
from ciforge.diagnose.rules.error_numbers import REASONS
from ciforge.diagnose.rules.known_names import with_known_name
from ciforge.diagnose.scan.caret_errors import with_source_line
from ciforge.diagnose.scan.conditionals import without_consequences
from ciforge.diagnose.scan.data_races import with_races
from ciforge.diagnose.scan.log_lines import bare
from ciforge.model.finding import Basis, Finding, FindingKind, Severity

_KEYWORDS = frozenset(
    [
        "bool",
        "true",
        "false",
        "nullptr",
        "static_assert",
        "thread_local",
        "alignas",
        "alignof",
        "constexpr",
        "typeof",
        "typeof_unqual",
    ]
)
_CARET = re.compile(r"^(?P<before>[\s|]*)\^")
_SHOWN = re.compile(r"^\s*\d+ \| ?")
_MERGE = re.compile(r"^(?:\s*\d+ \|)?\s*(?:<{7}|>{7}|\|{7})(?: \S.*)?$|^(?:\s*\d+ \|)?\s*={7}$")
_NOTE = re.compile(
    r"(?P<file>(?:[A-Za-z]:(?=[\\/]))?[^\s:]+):(?P<line>\d+):(?:\d+:)? note: (?:previous (?:implicit )?(?:declaration|definition)|declared here)"
)
_EMPTY = re.compile(r"\(\s*\)")
_INT = re.compile(r"from '(?:int|long|unsigned int)'|-Wint-conversion|from type 'int'|'int' to ")
_IMPLICIT_PLACES = (FindingKind.TYPE_CONFLICT, FindingKind.WERROR, FindingKind.OTHER)
_FALLEN = (
    FindingKind.SYNTAX_ERROR,
    FindingKind.UNKNOWN_TYPE,
    FindingKind.OTHER,
    FindingKind.MAKE_SYNTAX,
    FindingKind.MISSING_MACRO,
)
NAMED = (
    FindingKind.IMPLICIT_DECLARATION,
    FindingKind.UNDECLARED,
    FindingKind.UNKNOWN_TYPE,
    FindingKind.INCOMPLETE_TYPE,
)
"""Kinds that a missing `#include` explains."""
_LISTED = 6
_C23 = (
    "{name} is a keyword of C23, the default of newer compilers: include <stdbool.h> and the like instead of defining it, or "
    "build with -std=gnu17."
)


def refined(findings: Sequence[Finding]) -> list[Finding]:
    """Findings of one log with what the lines around them, and other findings, add."""
    found = _only_merges(
        [_merge(_c23(_sized(_named_test(with_source_line(one))))) for one in findings]
    )
    found = with_races(_same_line(without_consequences(found)))
    found = [
        _too_old(_of_system(_member(_whose(_macro(_symbol(_reason(with_known_name(one))))))))
        for one in found
    ]
    return [_large(one) for one in with_headers(found)]


def with_headers(findings: Iterable[Finding]) -> list[Finding]:
    """Findings about names of standard headers, with advice that lists all names that one `#include` fixes in a file."""
    found = [attrs.evolve(one, header=_header(one)) for one in findings]
    names: dict[tuple[str, str], list[str]] = {}
    for one in found:
        if one.header and one.severity is Severity.ERROR:
            names.setdefault((one.file, one.header), []).append(one.subject)
    return [
        _told_include(one, names[one.file, one.header])
        if (one.file, one.header) in names and one.kind in NAMED
        else one
        for one in found
    ]


def _told_include(one: Finding, names: Sequence[str]) -> Finding:
    basis = Basis.DEDUCED if one.basis is Basis.MANUAL else one.basis
    return attrs.evolve(one, advice=_include(one, names), basis=basis)


def listed(names: Sequence[str], most: int = _LISTED) -> str:
    """`open, O_CREAT and 4 more`."""
    shown = list(dict.fromkeys(names))
    if len(shown) > most:
        return f"{', '.join(shown[: most - 1])} and {len(shown) - most + 1} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _include(one: Finding, names: Sequence[str]) -> str:
    several = len(set(names)) > 1
    file = one.file.rpartition("/")[2] or "the file"
    return (
        f"`#include <{one.header}>` in {file}, for {listed(names)}. If it is there already, a feature-test macro hides "
        f"{'them, or this system does not have them' if several else 'it, or this system does not have it'}."
    )


def _header(one: Finding) -> str:
    if one.header or one.kind not in NAMED or not one.file or is_of_system(one.file):
        return one.header
    return header_of(one.subject)


def _merge(one: Finding) -> Finding:
    """Conflict markers that a compiler, a make or a shell stumbles over."""
    if one.kind not in _FALLEN or "conflict marker" in one.subject:
        return one
    if not any(_MERGE.match(bare(line)) for line in one.excerpt):
        return one
    return attrs.evolve(
        one, kind=FindingKind.SYNTAX_ERROR, subject=_CONFLICT_MARKER, advice=f"Resolve the merge in {one.file or 'the file'}: conflict markers were left behind.",
    )  # fmt: skip


_CONFLICT_MARKER = "version control conflict marker in file"


def _only_merges(findings: Sequence[Finding]) -> list[Finding]:
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


def _named_test(one: Finding) -> Finding:
    """bats prints the name of a test in the line above its place, behind a sign that no word is."""
    if one.kind is not FindingKind.TEST_FAILURE or "(in test file" not in one.root_line:
        return one
    at = one.excerpt.index(one.root_line) if one.root_line in one.excerpt else 0
    found = _TEST.search(one.excerpt[at - 1]) if at else None
    if found is None:
        return one
    return attrs.evolve(
        one, subject=found["name"][:200], root_line=one.excerpt[at - 1], log_line=one.log_line - 1,
        advice=f"See {one.file}:{one.line}, and run this test alone.",
    )  # fmt: skip


_TEST = re.compile(r"(?:\u2717 |^not ok \d+ (?:- )?)(?P<name>\S.*?)(?: \[\d+(?:ms)?\]| in \d+ms)?$")


def _sized(one: Finding) -> Finding:
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


def _c23(one: Finding) -> Finding:
    """clang points at a keyword of C23 instead of naming it."""
    if one.kind is not FindingKind.SYNTAX_ERROR:
        return one
    name = one.subject if one.subject in _KEYWORDS else _pointed_at(one)
    if name not in _KEYWORDS:
        return one
    return attrs.evolve(one, subject=name, advice=_C23.format(name=name))


def _pointed_at(one: Finding) -> str:
    """The word that the caret below a line of source points at."""
    lines = [bare(line) for line in one.excerpt]
    try:
        at = one.excerpt.index(one.root_line)
    except ValueError:
        return ""
    for source, pointer in zip(lines[at + 1 : at + 3], lines[at + 2 : at + 4], strict=False):
        if found := _CARET.match(pointer):
            word = re.match(r"\w+", source[len(found["before"]) :])
            return word[0] if word and _SHOWN.sub("", source) else ""
    return ""


def _same_line(findings: Sequence[Finding]) -> list[Finding]:
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


def _macro(one: Finding) -> Finding:
    """A macro without its header is taken for a function, which no library has."""
    if one.kind not in (FindingKind.UNDEFINED_SYMBOL, FindingKind.MISSING_DSO):
        return one
    header = macro_header_of(one.subject.removeprefix("_"))
    if not header:
        return one
    name, file = one.subject.removeprefix("_"), one.file or "the file that uses it"
    advice = f"`#include <{header}>` in {file}: {name} is a macro there, and no library has it. Without the header it is taken for a function."
    return attrs.evolve(one, header=header, advice=advice, basis=Basis.DEDUCED)


def _symbol(one: Finding) -> Finding:
    """A symbol that is missing for a known reason: an option brings it, or another system's object needs it."""
    if one.kind not in (FindingKind.UNDEFINED_SYMBOL, FindingKind.MISSING_DSO):
        return one
    for line in one.excerpt:
        if found := _NOT_NAMED.fullmatch(line.strip()):
            advice = f"Link with `-l{found['library']}`, which has {one.subject}."
            return attrs.evolve(one, advice=advice, basis=Basis.DEDUCED)
    advice = advice_of_symbol(one.subject)
    return attrs.evolve(one, advice=advice, basis=Basis.MANUAL) if advice else one


_NOT_NAMED = re.compile(r">>> lib\S+ has it, and -l(?P<library>\S+) is not on the command line")
"""What the linker of a cross check says of a symbol."""


def _large(one: Finding) -> Finding:
    """A name of glibc for large files, which other C libraries do not have."""
    if one.kind not in (*NAMED, FindingKind.UNDEFINED_SYMBOL) or one.basis is Basis.ASKED:
        return one
    plain = name_without_64(one.subject)
    if not plain:
        return one
    advice = f"{one.subject} is a name of glibc, which musl 1.2.4 and newer, the BSDs and Darwin lack: use {plain} and build with -D_FILE_OFFSET_BITS=64."
    return attrs.evolve(one, advice=advice, basis=Basis.MANUAL)


def _reason(one: Finding) -> Finding:
    """What a program could not do with a file, where the reason of the system says more than the rule."""
    if one.kind is not FindingKind.INSTALL_ERROR or not one.advice.endswith(_UNMADE):
        return one
    found = next((advice for reason, advice in REASONS.items() if reason in one.root_line), "")
    if not found or any(reason in one.root_line for reason in _PLAIN_REASONS):
        return one
    return attrs.evolve(one, advice=found.format(subject=one.subject))


_UNMADE = "see the step that should create it."
_PLAIN_REASONS = ("No such file or directory", "Permission denied")


def _of_system(one: Finding) -> Finding:
    """A header that only other systems have: no package brings it."""
    system = system_of_header(one.subject) if one.kind is FindingKind.MISSING_HEADER else ""
    if not system:
        return one
    file = one.file.rpartition("/")[2] or "The file that needs it"
    advice = f"{one.subject} is a header of {system}: check for it in configure, and build {file} without it elsewhere."
    return attrs.evolve(one, advice=advice, basis=Basis.MANUAL)


_OLDER = re.compile(
    r"Requested '(?P<name>\S+) >=? (?P<wanted>\S+)' but version of \S+ is (?P<here>[\w.+-]*\w)"
)


def _too_old(one: Finding) -> Finding:
    """A package that is there, in a version that does not suffice."""
    if one.kind is not FindingKind.MISSING_PACKAGE:
        return one
    found = next((old for line in one.excerpt if (old := _OLDER.search(bare(line)))), None)
    if found is None or found["name"] != one.subject:
        return one
    advice = f"{one.subject} is {found['here']} here, and {found['wanted']} is required: accept the older one, or leave this release out."
    return attrs.evolve(one, advice=advice, basis=Basis.MANUAL)


_MEMBER = re.compile(
    r"'(?P<tag>(?:struct |union )\w+)'(?: \{aka [^}]*\})? has no member named|no member named '[^']+' in '(?P<in>(?:struct |union )\w+)'"
)


def _member(one: Finding) -> Finding:
    """A member that a structure of ISO C or POSIX does not have on this system."""
    found = _MEMBER.search(bare(one.root_line)) if one.kind is FindingKind.UNDECLARED else None
    tag = (found["tag"] or found["in"]) if found else ""
    if not tag or not header_of(tag):
        return one
    advice = f"{tag} of this system has no {one.subject}: test for it in configure, as with AC_CHECK_MEMBERS([{tag}.{one.subject}])."
    return attrs.evolve(one, advice=advice, basis=Basis.MANUAL)


def _whose(one: Finding) -> Finding:
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
