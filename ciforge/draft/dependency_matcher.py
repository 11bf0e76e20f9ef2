"""Requirements to dependencies, by the table of dependencies; unknown names become doubts."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from ciforge.draft.aliases import index, no_package
from ciforge.draft.evidence import Requirement, RequirementKind, SourceLine
from ciforge.model.dependency_table import DependencyRow, DependencyTable
from ciforge.model.distro import Catalogue
from ciforge.model.index_name import is_index_name
from ciforge.model.project import Need

_CLUES = 50
"""Maximum number of reasons for one dependency."""


@attrs.frozen(kw_only=True)
class ResolvedDependency:
    """A dependency, and everything that requires it."""

    need: Need
    clues: tuple[SourceLine, ...]


@attrs.frozen
class Matcher:
    """Matches names with the table of dependencies and the descriptors."""

    catalogue: Catalogue
    table: DependencyTable = attrs.field(repr=False)
    _index: Mapping[tuple[RequirementKind, str], DependencyRow] = attrs.field(
        init=False, repr=False
    )
    _rows: Mapping[str, DependencyRow] = attrs.field(init=False, repr=False)
    _no_package: Mapping[RequirementKind, frozenset[str]] = attrs.field(init=False, repr=False)

    @_index.default
    def _by_name(self) -> Mapping[tuple[RequirementKind, str], DependencyRow]:
        return index(self.table)

    @_rows.default
    def _by_dependency(self) -> Mapping[str, DependencyRow]:
        return {row.dependency: row for row in self.table.dependencies}

    @_no_package.default
    def _without_package(self) -> Mapping[RequirementKind, frozenset[str]]:
        return no_package(self.table)

    def need(self, name: str) -> Need | None:
        """The dependency of that name; None if neither table nor descriptors have it."""
        if any(
            name in distribution.packages for distribution in self.catalogue.distributions.values()
        ):
            return Need(name=name)
        row = self._rows.get(name)
        if row is None or not row.packages:
            return None
        return Need(name=name, packages=dict.fromkeys(self.table.packaged_by, row.packages))

    def of_package(self, package: str) -> str:
        """The dependency with this package on a distribution of the table; empty if there is none."""
        rows = self._rows.values()
        return next((row.dependency for row in rows if package in row.packages), "")

    def row(self, requirement: Requirement) -> DependencyRow | None:
        """The row of the first known name; a header is also found by its folder."""
        for name in requirement.name.split(" "):
            folder = name.partition("/")[0] + "/"
            for spelling in (
                (name, folder) if requirement.kind is RequirementKind.HEADER else (name,)
            ):
                if found := self._index.get((requirement.kind, spelling)):
                    return found
        return None

    def is_nothing(self, requirement: Requirement) -> bool:
        """Whether it needs no package: it is in libc, or only on other systems."""
        names = requirement.name.split(" ")
        nothing = self._no_package.get(requirement.kind, frozenset())
        return names[0] in nothing or all(name in nothing for name in names)


def resolve_dependencies(
    requirements: Iterable[Requirement], matcher: Matcher
) -> tuple[list[ResolvedDependency], list[str]]:
    """Each dependency once, in the order of their first requirement; and the unknown ones."""
    found: dict[str, ResolvedDependency] = {}
    doubts: dict[tuple[RequirementKind, str], str] = {}
    for requirement in requirements:
        if matcher.is_nothing(requirement):
            continue
        row = matcher.row(requirement)
        need = matcher.need(row.dependency) if row else None
        if need is not None:
            found[need.name] = joined(found.get(need.name), need, [requirement.clue])
        elif name := indexed_name(requirement):
            found[name] = joined(found.get(name), Need(name=name), [requirement.clue])
        elif requirement.firm:
            doubts.setdefault((requirement.kind, requirement.name), _unknown(requirement))
    return list(found.values()), list(doubts.values())


_INDEXED: Mapping[RequirementKind, str] = {
    RequirementKind.MODULE: "pkg-config",
    RequirementKind.LIBRARY: "library",
    RequirementKind.HEADER: "header",
}
"""Kinds of requirements that package indexes answer."""


def indexed_name(requirement: Requirement) -> str:
    """Returns the name for package indexes of what a build cannot do without: `pkg-config:frob`; else nothing."""
    name = f"{_INDEXED.get(requirement.kind, '')}:{requirement.name}"
    return name if requirement.required and is_index_name(name) else ""


def joined(
    before: ResolvedDependency | None, need: Need, clues: Sequence[SourceLine]
) -> ResolvedDependency:
    """The dependency with one more reason."""
    if before is None:
        return ResolvedDependency(need=need, clues=tuple(dict.fromkeys(clues)))
    if len(before.clues) >= _CLUES:
        return before
    both = before.need
    if need.packages is not None:
        both = attrs.evolve(both, packages={**need.packages, **(both.packages or {})})
    return attrs.evolve(before, need=both, clues=tuple(dict.fromkeys((*before.clues, *clues))))


def _unknown(requirement: Requirement) -> str:
    names = " or ".join(repr(name) for name in requirement.name.split(" ")[:4])
    return f"{requirement.clue}: no known package has the {requirement.kind.value} {names}"
