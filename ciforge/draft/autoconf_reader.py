"""Reads configure.ac and m4 files: which macros request which dependencies."""

import itertools
import re
from collections.abc import Iterator, Mapping

from ciforge.draft.evidence import Requirement, RequirementKind, SourceLine, TextFile

_ASKS: Mapping[str, tuple[RequirementKind, int]] = {
    "AC_CHECK_LIB": (RequirementKind.LIBRARY, 0),
    "AC_SEARCH_LIBS": (RequirementKind.LIBRARY, 1),
    "PKG_CHECK_MODULES": (RequirementKind.MODULE, 1),
    "PKG_CHECK_MODULES_STATIC": (RequirementKind.MODULE, 1),
    "PKG_CHECK_EXISTS": (RequirementKind.MODULE, 0),
    "AC_CHECK_HEADER": (RequirementKind.HEADER, 0),
    "AC_CHECK_HEADERS": (RequirementKind.HEADER, 0),
    "AC_CHECK_HEADERS_ONCE": (RequirementKind.HEADER, 0),
    "AC_CHECK_PROG": (RequirementKind.TOOL, 1),
    "AC_CHECK_PROGS": (RequirementKind.TOOL, 1),
    "AC_CHECK_TOOL": (RequirementKind.TOOL, 1),
    "AC_PATH_PROG": (RequirementKind.TOOL, 1),
    "AC_PATH_PROGS": (RequirementKind.TOOL, 1),
}
"""Macros to the kind of requirement, and to the arguments that hold the names."""

_MEANS: Mapping[str, str] = {
    "AM_INIT_AUTOMAKE": "automake",
    "LT_INIT": "libtool",
    "AC_PROG_LIBTOOL": "libtool",
    "AM_PROG_LIBTOOL": "libtool",
    "AC_PROG_YACC": "bison",
    "AC_PROG_LEX": "flex",
    "AM_PROG_LEX": "flex",
    "AC_PROG_CXX": "c++",
    "AM_GNU_GETTEXT": "gettext",
    "AM_GNU_GETTEXT_VERSION": "gettext",
    "AM_PATH_PYTHON": "python3",
    "IT_PROG_INTLTOOL": "intltool",
}
"""Macros that belong to a tool, or search for one."""

_BOOTSTRAP = ("automake", "libtool", "gettext", "intltool", "autoconf-archive")
"""Requirements that are needed only to generate configure."""

_LONGEST = 4000
"""Maximum number of characters of the arguments of one macro."""

_MOST = 2000
"""Maximum number of macros that are read per file."""

_CALL = re.compile(rf"\b({'|'.join(sorted({*_ASKS, *_MEANS}, key=len, reverse=True))})\b(\()?")
_COMMENT = re.compile(r"(?m)\bdnl\b[^\n]*|^[ \t]*#[^\n]*")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+/-]*")
_OPENED = re.compile(r"(?m)^[ \t]*(?:if|case)\b")
_CLOSED = re.compile(r"(?m)^[ \t]*(?:fi|esac)\b")
_ARCHIVE = re.compile(r"(?m)^[ \t]*(AX_[A-Z0-9_]+)\b")
_DEFUN = re.compile(r"\b(?:AC_DEFUN|AC_DEFUN_ONCE|AU_ALIAS)\(\[?(\w+)")
_OWN_USER = re.compile(r"(?m)^[ \t]*\w*(?:USER|GROUP)\w*=[\"']?(_[a-z][a-z0-9_-]{0,30})\b")


def without_comments(text: str) -> str:
    """The text with comments replaced by blanks, so that offsets stay the same."""
    return _COMMENT.sub(lambda found: " " * len(found[0]), text)


def requirements(file: TextFile, *, bootstrap: bool) -> Iterator[Requirement]:
    """The requirements in one file; without `bootstrap`, not those for generating configure."""
    text = without_comments(file.text)
    for found in itertools.islice(_CALL.finditer(text), _MOST):
        macro = found[1]
        if macro in _MEANS:
            if bootstrap or _MEANS[macro] not in _BOOTSTRAP:
                yield Requirement(
                    kind=RequirementKind.TOOL, name=_MEANS[macro], clue=file.clue(found.start())
                )
        elif found[2]:
            yield from _asked(file, text, found)


def _asked(file: TextFile, text: str, found: "re.Match[str]") -> Iterator[Requirement]:
    kind, place = _ASKS[found[1]]
    given = arguments(text, found.end())
    if place >= len(given):
        return
    given_words = given[place].replace("[", " ").replace("]", " ").replace("\\\n", " ").split()
    begin = found.end() + sum(len(argument) + 1 for argument in given[:place])
    names = modules(given_words) if kind is RequirementKind.MODULE else given_words
    if kind is RequirementKind.LIBRARY and found[1] == "AC_SEARCH_LIBS" and len(names) > 1:
        yield Requirement(kind=kind, name=" ".join(names), clue=_where(file, found, begin))
        return
    for name in names[:50]:
        firm = kind in (RequirementKind.LIBRARY, RequirementKind.MODULE)
        required = _is_required(found[1], given) and _is_unconditional(text[: found.start()])
        if _NAME.fullmatch(name):
            place = max(text.find(name, begin), begin)
            clue = _where(file, found, place)
            yield Requirement(kind=kind, name=name, clue=clue, firm=firm, required=required)


def _is_unconditional(before: str) -> bool:
    """Whether a macro after this text is at the beginning of a line, in no other macro and in no condition."""
    if before[-1:] not in ("", "\n") or before.rstrip()[-1:] in ("[", "(", ","):
        return False
    return len(_OPENED.findall(before)) <= len(_CLOSED.findall(before))


def _is_required(macro: str, given: list[str]) -> bool:
    """Whether configure ends without what a macro looks for, as PKG_CHECK_MODULES does by itself."""
    ends = [argument.strip(" \t\n[").startswith("AC_MSG_ERROR") for argument in given]
    if macro.startswith("PKG_CHECK_MODULES"):
        return len(given) < 4 or not given[3].strip(" \t\n[]") or ends[3]
    return any(ends)


def _where(file: TextFile, found: "re.Match[str]", place: int) -> SourceLine:
    """The line of a name, preceded by its macro if that began on an earlier line."""
    above = file.line(found.start()) != file.line(place)
    return file.clue(place, f"{found[1]}: " if above else "")


def modules(arguments: list[str]) -> list[str]:
    """The names of pkg-config modules in a list that also has comparisons and versions."""
    text = re.sub(r"\s*[<>=!]=?\s*[^\s,]+", " ", " ".join(arguments))
    return [word.strip("'\"") for word in text.replace(",", " ").split()]


def arguments(text: str, begin: int) -> list[str]:
    """The arguments of a macro that begin at its `(`, with quotes and nested commas unchanged."""
    found: list[str] = []
    depth, start = 0, begin
    for place in range(begin, min(len(text), begin + _LONGEST)):
        match text[place]:
            case "(" | "[":
                depth += 1
            case ")" if depth == 0:
                return [*found, text[start:place]]
            case ")" | "]":
                depth -= 1
            case "," if depth == 0:
                found.append(text[start:place])
                start = place + 1
    return found


def project_name(file: TextFile) -> tuple[str, int] | None:
    """The name of the tarball in AC_INIT, else of the package, and its line."""
    text = without_comments(file.text)
    match = re.search(r"\bAC_INIT\(", text)
    if not match:
        return None
    given = [argument.strip().strip("[]").strip() for argument in arguments(text, match.end())]
    names = [given[place] for place in (3, 0) if place < len(given) and given[place]]
    return (names[0], match.start()) if names else None


def foreign_macros(text: str, brought: frozenset[str]) -> "re.Match[str] | None":
    """The first macro of the Autoconf Archive that the tree does not contain."""
    called = _ARCHIVE.finditer(without_comments(text))
    return next((found for found in called if found[1] not in brought), None)


def defined_macros(text: str) -> frozenset[str]:
    """The macros that an m4 file defines."""
    return frozenset(_DEFUN.findall(text))


def own_users(file: TextFile) -> Iterator[tuple[str, int]]:
    """Users whose names are set in configure, in the style of OpenBSD (`_smtpd`)."""
    for match in _OWN_USER.finditer(without_comments(file.text)):
        yield match[1], match.start(1)
