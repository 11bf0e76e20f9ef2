"""Signs to dependencies, by the table; what the table does not know becomes a doubt."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from ciforge.draft.aliases import index, no_package
from ciforge.draft.evidence import Requirement, RequirementKind, SourceLine
from ciforge.model.dependency_table import DependencyRow, DependencyTable
from ciforge.model.distro import Catalogue
from ciforge.model.project import Need

_CLUES = 50
"""Reasons for one dependency that are counted."""


@attrs.frozen(kw_only=True)
class ResolvedDependency:
    """A dependency, and all that points to it."""

    need: Need
    clues: tuple[SourceLine, ...]


@attrs.frozen
class Matcher:
    """Knows the table and the descriptors."""

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
        """The dependency of that name; None where neither table nor descriptors know it."""
        if any(name in one.packages for one in self.catalogue.distributions.values()):
            return Need(name=name)
        row = self._rows.get(name)
        if row is None or not row.packages:
            return None
        return Need(name=name, packages=dict.fromkeys(self.table.packaged_by, row.packages))

    def of_package(self, package: str) -> str:
        """The dependency that the table's distributions call so; empty where there is none."""
        rows = self._rows.values()
        return next((row.dependency for row in rows if package in row.packages), "")

    def row(self, sign: Requirement) -> DependencyRow | None:
        """The first of its names that the table knows; a header counts by its folder, too."""
        for name in sign.name.split(" "):
            folder = name.partition("/")[0] + "/"
            for spelling in (name, folder) if sign.kind is RequirementKind.HEADER else (name,):
                if found := self._index.get((sign.kind, spelling)):
                    return found
        return None

    def is_nothing(self, sign: Requirement) -> bool:
        """Whether it needs no package: libc has it, or only other systems have."""
        names = sign.name.split(" ")
        nothing = self._no_package.get(sign.kind, frozenset())
        return names[0] in nothing or all(name in nothing for name in names)


def resolve_dependencies(
    signs: Iterable[Requirement], matcher: Matcher
) -> tuple[list[ResolvedDependency], list[str]]:
    """Each dependency once, in the order of the first sign; and what nobody knows."""
    found: dict[str, ResolvedDependency] = {}
    doubts: dict[tuple[RequirementKind, str], str] = {}
    for sign in signs:
        if matcher.is_nothing(sign):
            continue
        row = matcher.row(sign)
        need = matcher.need(row.dependency) if row else None
        if need is not None:
            found[need.name] = joined(found.get(need.name), need, [sign.clue])
        elif sign.firm:
            doubts.setdefault((sign.kind, sign.name), _unknown(sign))
    return list(found.values()), list(doubts.values())


def joined(
    before: ResolvedDependency | None, need: Need, clues: Sequence[SourceLine]
) -> ResolvedDependency:
    """One more reason for a dependency, or the first."""
    if before is None:
        return ResolvedDependency(need=need, clues=tuple(dict.fromkeys(clues)))
    if len(before.clues) >= _CLUES:
        return before
    both = before.need
    if both.packages is not None and need.packages is not None:
        both = attrs.evolve(both, packages={**need.packages, **both.packages})
    return attrs.evolve(before, need=both, clues=tuple(dict.fromkeys((*before.clues, *clues))))


def _unknown(sign: Requirement) -> str:
    names = " or ".join(repr(name) for name in sign.name.split(" ")[:4])
    return f"{sign.clue}: no package is known for the {sign.kind.value} {names}"
