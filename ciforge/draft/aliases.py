"""Names in a source tree to dependencies, by the table of dependencies."""

import re
from collections.abc import Iterator, Mapping

from ciforge.draft.evidence import RequirementKind
from ciforge.model.dependency_table import DependencyRow, DependencyTable

IMPLIED = frozenset(("cc", "libc", "make", "pkg-config", "findutils", "useradd-tool"))
"""Dependencies that every recipe for C already has."""

ANYWAY = IMPLIED | {
    "clang", "ccache", "git", "ca-certificates", "tar", "gzip", "xz", "which", "diffutils", "patch",
}  # fmt: skip
"""Those, and packages that only the CI itself needs."""

COMPILERS = re.compile(
    r"(?:gcc|g\+\+|clang|llvm|lld|lldb|clang-tools|clang-tidy|clang-format|libc\+\+)-?[0-9.]+(?:-dev)?"
)
"""Compilers of certain versions, which a variant may request."""

FOR_BOOTSTRAP = frozenset(("autoconf", "automake", "libtool", "m4", "autoconf-archive"))
"""Dependencies that are needed only to generate configure."""


def no_package(table: DependencyTable) -> Mapping[RequirementKind, frozenset[str]]:
    """Names that need no package, or do not exist on Linux; they are not reported."""
    return {
        RequirementKind.LIBRARY: frozenset(table.no_library),
        RequirementKind.MODULE: frozenset(table.no_module),
        RequirementKind.CMAKE: frozenset(table.no_cmake),
    }


def index(table: DependencyTable) -> Mapping[tuple[RequirementKind, str], DependencyRow]:
    """Every row by each of its names."""
    return {(kind, name): row for row in table.dependencies for kind, name in _names(row)}


def headers(table: DependencyTable) -> tuple[str, ...]:
    """All headers, and folders of headers, that belong to a dependency."""
    return tuple(name for row in table.dependencies for name in row.headers)


def _names(row: DependencyRow) -> Iterator[tuple[RequirementKind, str]]:
    yield from ((RequirementKind.HEADER, name) for name in row.headers)
    yield from ((RequirementKind.LIBRARY, name) for name in row.libraries)
    yield from ((RequirementKind.MODULE, name) for name in row.modules)
    yield from ((RequirementKind.CMAKE, name) for name in row.cmake)
    yield from ((RequirementKind.TOOL, name) for name in row.tools)
