"""Advice that names the dependency which a log lacks, by the table of dependencies."""

import re
from collections.abc import Callable, Iterable, Mapping

import attrs

from ciforge.diagnose.causes.fingerprint import base_name, header_name, library_name
from ciforge.model.dependency_index import DependencyIndex
from ciforge.model.finding import Basis, Finding, FindingKind

_PLAIN = re.compile(
    r"^(?:Add|Install) (?:the package (?:that ships|of|whose m4 files define) (?:.*? to `dependencies`|.*?(?=, or )|.*(?=\.$))"
    r"|\S+ to `dependencies`)"
)
"""Advice about a package without its name."""
_LOOK_UPS: Mapping[FindingKind, Callable[[DependencyIndex, str], str]] = {
    FindingKind.MISSING_HEADER: lambda index, name: index.header(header_name(name)),
    FindingKind.MISSING_LIBRARY: lambda index, name: index.library(library_name(name)),
    FindingKind.MISSING_PACKAGE: lambda index, name: index.module(name) or index.anything(name),
    FindingKind.MISSING_TOOL: lambda index, name: index.tool(base_name(name)),
    FindingKind.MISSING_MACRO: lambda index, name: index.macro(name),
    FindingKind.YACC_LEX: lambda index, name: index.tool(base_name(name)),
    FindingKind.CMAKE_ERROR: lambda index, name: index.package(name),
    FindingKind.MESON_ERROR: lambda index, name: index.module(name),
}


def with_dependencies(
    findings: Iterable[Finding], knowledge: DependencyIndex
) -> tuple[Finding, ...]:
    """The findings; advice that says to add some package names the dependency, if the table has it.

    Advice that was checked on the machine stays as it is.
    """
    return tuple(_named(finding, knowledge) for finding in findings)


def _named(finding: Finding, knowledge: DependencyIndex) -> Finding:
    look_up = _LOOK_UPS.get(finding.kind)
    if look_up is None or finding.basis is Basis.ASKED:
        return finding
    if not (dependency := look_up(knowledge, finding.subject)):
        return finding
    text = f"Add `{dependency}` to `dependencies` if it is not there"
    return attrs.evolve(finding, advice=_PLAIN.sub(lambda _: text, finding.advice))
