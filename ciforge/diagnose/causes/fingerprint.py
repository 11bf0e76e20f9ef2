"""The key of the cause of a finding: independent of wording, place and tool."""

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from ciforge.model.cause import Trouble
from ciforge.model.dependency_index import DependencyIndex
from ciforge.model.finding import Finding, FindingKind

_LONGEST = 200
_VERSIONED = re.compile(r"@.*$", re.DOTALL)
"""`@GLIBC_2.34`, `@@OPENSSL_3.0.0`."""
_CALL = re.compile(r"\(.*$", re.DOTALL)
_TEMPORARY = re.compile(r"/tmp/\S+|\bcc[A-Za-z0-9]{6}\.[os]\b")  # noqa: S108 - only looked for
_PLACE = re.compile(r"\(\.\w[^()\s]*\+0x[0-9a-f]+\)|\b0x[0-9a-f]+\b|\[\d+/\d+\]")
_NUMBER = re.compile(r"\d+")
_HINT = re.compile(r"[;,]?\s*did you mean\b.*", re.IGNORECASE)
_TAG = re.compile(r"^(?:struct|union|enum|class)\s+")
_SPACE = re.compile(r"\s+")

DISTRIBUTION = frozenset(
    {
        FindingKind.DEPS_NETWORK,
        FindingKind.DEPS_NOT_FOUND,
        FindingKind.DISK_FULL,
        FindingKind.OUT_OF_MEMORY,
    }
)
"""Kinds that no change of the source fixes."""


def trouble_of(kind: FindingKind) -> Trouble:
    """Whether the source or the distribution is at fault."""
    return Trouble.DISTRIBUTION if kind in DISTRIBUTION else Trouble.SOURCE


def key_of(finding: Finding, knowledge: DependencyIndex) -> str:
    """`symbol:setgroups`, `dependency:libevent`; at most 200 characters."""
    make = _KEYS.get(finding.kind, _plain)
    return bounded(make(finding, knowledge))


def bounded(key: str) -> str:
    """`key`, or if it has more than 200 characters its beginning and a hash of all of it."""
    if len(key) <= _LONGEST:
        return key
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{key[: _LONGEST - 17]}~{digest}"


def symbol_name(text: str) -> str:
    """A symbol as the source has it: no version, no arguments, not the `_` that macOS puts first.

    One leading underscore goes, whatever the system: both spellings of one symbol become the same.
    """
    name = _VERSIONED.sub("", _CALL.sub("", text.strip().strip("\"'`"))).strip()
    return name[1:] if len(name) > 1 and name[0] == "_" and name[1] not in "_Z" else name


def normalized(text: str) -> str:
    """A message without the parts that differ between runs: numbers, places, temporary files, hints."""
    text = _HINT.sub("", text)
    for pattern in (_TEMPORARY, _PLACE):
        text = pattern.sub("…", text)
    return _SPACE.sub(" ", _NUMBER.sub("N", text)).strip()


def base_name(path: str) -> str:
    """The last part of a path: build folders of other depths call the same file otherwise."""
    return PurePosixPath(path).name or path


def header_name(text: str) -> str:
    """A header as it is included, without what leads to it from some build folder."""
    name = text.strip("<>\"' ")
    while name.startswith(("./", "../")):
        name = name.partition("/")[2]
    return base_name(name) if name.startswith("/") else name


def library_name(text: str) -> str:
    """`event` for `-levent`, `libevent.so`, `libevent.a` and `event`."""
    name = base_name(text.strip().removeprefix("-l").removeprefix(":"))
    return re.sub(r"^lib(?=.+\.(?:so|a|dylib)\b)|\.(?:so|a|dylib)\b[\d.]*$", "", name)


def _key_for(dependency: str, other: str) -> str:
    return f"dependency:{dependency}" if dependency else other


def _header(finding: Finding, knowledge: DependencyIndex) -> str:
    name = header_name(finding.subject)
    return _key_for(knowledge.header(name), f"header:{name}")


def _library(finding: Finding, knowledge: DependencyIndex) -> str:
    name = library_name(finding.subject)
    return _key_for(knowledge.library(name), f"library:{name}")


def _module(finding: Finding, knowledge: DependencyIndex) -> str:
    name = header_name(finding.subject.split()[0] if finding.subject.split() else "")
    return _key_for(knowledge.module(name) or knowledge.anything(name), f"package:{name}")


def _check(finding: Finding, knowledge: DependencyIndex) -> str:
    name = finding.subject.strip()
    found = knowledge.anything(header_name(name)) or knowledge.anything(library_name(name))
    return _key_for(found, f"configure:{normalized(name or finding.root_line)}")


def _macro(finding: Finding, knowledge: DependencyIndex) -> str:
    return _key_for(knowledge.macro(finding.subject), f"macro:{finding.subject}")


def _tool(finding: Finding, knowledge: DependencyIndex) -> str:
    name = base_name(re.sub(r"-\d[\d.]*$", "", finding.subject))
    return _key_for(knowledge.tool(name), f"tool:{name}")


def _symbol(finding: Finding, _knowledge: DependencyIndex) -> str:
    return f"symbol:{symbol_name(finding.subject)}"


def _type(finding: Finding, _knowledge: DependencyIndex) -> str:
    return f"type:{_TAG.sub('', finding.subject)}"


def _duplicate(finding: Finding, _knowledge: DependencyIndex) -> str:
    return f"twice:{symbol_name(_TAG.sub('', finding.subject))}"


def _file(finding: Finding, _knowledge: DependencyIndex) -> str:
    return f"{finding.kind.value}:{base_name(finding.subject)}"


def _parse(finding: Finding, _knowledge: DependencyIndex) -> str:
    return f"syntax:{base_name(finding.file)}:{normalized(finding.subject)}"


def _promoted(finding: Finding, _knowledge: DependencyIndex) -> str:
    option = finding.subject.replace("-function-pointer-", "-pointer-")
    return f"werror:{base_name(finding.file)}:{option}"


def _conflict(finding: Finding, knowledge: DependencyIndex) -> str:
    """By its option where it has one: -Werror makes of the warning what later compilers make of it."""
    return (_promoted if "-" in finding.subject else _plain)(finding, knowledge)


def _plain(finding: Finding, _knowledge: DependencyIndex) -> str:
    return f"{finding.kind.value}:{normalized(finding.subject or finding.root_line)}"


_KEYS: Mapping[FindingKind, Callable[[Finding, DependencyIndex], str]] = {
    FindingKind.MISSING_HEADER: _header,
    FindingKind.MISSING_LIBRARY: _library,
    FindingKind.MISSING_PACKAGE: _module,
    FindingKind.CONFIGURE_CHECK: _check,
    FindingKind.CMAKE_ERROR: _check,
    FindingKind.MESON_ERROR: _check,
    FindingKind.MISSING_MACRO: _macro,
    FindingKind.MISSING_TOOL: _tool,
    FindingKind.YACC_LEX: _tool,
    FindingKind.IMPLICIT_DECLARATION: _symbol,
    FindingKind.UNDEFINED_SYMBOL: _symbol,
    FindingKind.MISSING_DSO: _symbol,
    FindingKind.UNDECLARED: _symbol,
    FindingKind.UNKNOWN_TYPE: _type,
    FindingKind.INCOMPLETE_TYPE: _type,
    FindingKind.REDEFINITION: _duplicate,
    FindingKind.MULTIPLE_DEFINITION: _duplicate,
    FindingKind.MAKE_RULE: _file,
    FindingKind.INTERNAL_COMPILER_ERROR: _file,
    FindingKind.SYNTAX_ERROR: _parse,
    FindingKind.WERROR: _promoted,
    FindingKind.TYPE_CONFLICT: _conflict,
}
"""The key function of each kind; the other kinds use `_plain`."""
