"""Symbols that no library defines, for a known reason."""

import re
from collections.abc import Sequence

import attrs

from ciforge.diagnose.names.library_symbols import advice_of_symbol, name_without_64
from ciforge.diagnose.names.standard_headers import header_elsewhere, macro_header_of
from ciforge.diagnose.scan.header_names import NAMED
from ciforge.model.finding import Basis, Finding, FindingKind


def with_macro(finding: Finding) -> Finding:
    """A macro without its header is taken for a function, which no library has."""
    if finding.kind not in (FindingKind.UNDEFINED_SYMBOL, FindingKind.MISSING_DSO):
        return finding
    header = macro_header_of(finding.subject.removeprefix("_"))
    if not header:
        return finding
    if header == "sys/sysmacros.h" and any("first referenced" in line for line in finding.excerpt):
        header = "sys/mkdev.h"
    name, file = finding.subject.removeprefix("_"), finding.file or "the file that uses it"
    advice = f"`#include <{header}>` in {file}{header_elsewhere(name)}: {name} is a macro there, and no library has it. Without the header it is taken for a function."
    return attrs.evolve(finding, header=header, advice=advice, basis=Basis.DEDUCED)


def with_function_defined_twice(finding: Finding) -> Finding:
    """A function that two objects define; `extern` and one definition, the advice for variables, does not fit."""
    if finding.kind is not FindingKind.MULTIPLE_DEFINITION or not any(
        "type=FUNC" in line or (finding.subject in line and _OF_FUNCTION.search(line))
        for line in (*finding.excerpt, finding.root_line)
    ):
        return finding
    return attrs.evolve(
        finding, advice=_FUNCTION_TWICE.format(finding.subject), basis=Basis.DEDUCED
    )


_OF_FUNCTION = re.compile(r"\(\.text|in function ")
_FUNCTION_TWICE = (
    "Two objects of this link define the function {0}: link only one of them, make one `static` or rename it; "
    "a function in a header must be `static inline`."
)


def without_ignored_libraries(findings: Sequence[Finding]) -> list[Finding]:
    """The findings without symbols that are missing because the linker ignored a library of another architecture."""
    if not any("ignoring file" in finding.root_line for finding in findings):
        return list(findings)
    return [finding for finding in findings if finding.kind is not FindingKind.UNDEFINED_SYMBOL]


def with_symbol_reason(finding: Finding) -> Finding:
    """A symbol that is missing for a known reason: an option brings it, or another system's object needs it."""
    if finding.kind not in (FindingKind.UNDEFINED_SYMBOL, FindingKind.MISSING_DSO):
        return finding
    for line in finding.excerpt:
        if match := _NOT_NAMED.fullmatch(line.strip()):
            advice = f"Link with `-l{match['library']}`, which has {finding.subject}."
            return attrs.evolve(finding, advice=advice, basis=Basis.DEDUCED)
    advice = advice_of_symbol(finding.subject)
    if not advice and _OF_CXX.match(finding.subject) and "ship a replacement" in finding.advice:
        advice = _CXX.format(finding.subject)
    return attrs.evolve(finding, advice=advice, basis=Basis.MANUAL) if advice else finding


_OF_CXX = re.compile(r"(?!std::)[\w<>, *&]+::")
_CXX = (
    "Link the object or library that defines {0}, after what uses it. If none does: a source that the Makefile does not list, a template or "
    "inline function that another file defines, or a library that another compiler built."
)
_NOT_NAMED = re.compile(r">>> lib\S+ has it, and -l(?P<library>\S+) is not on the command line")
"""What the linker of a cross check says of a symbol."""


def with_plain_name(finding: Finding) -> Finding:
    """A name of glibc for large files, which other C libraries do not have."""
    if finding.kind not in (*NAMED, FindingKind.UNDEFINED_SYMBOL) or finding.basis is Basis.ASKED:
        return finding
    plain = name_without_64(finding.subject)
    if not plain:
        return finding
    advice = f"{finding.subject} is a name of glibc, which musl 1.2.4 and newer, the BSDs and Darwin lack: use {plain} and build with -D_FILE_OFFSET_BITS=64."
    return attrs.evolve(finding, advice=advice, basis=Basis.DEDUCED)
