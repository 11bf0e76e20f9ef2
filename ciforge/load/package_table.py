"""The table of packages for dependencies that no descriptor has; read when a project uses one of them."""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import yaml

from ciforge.model.distro import Catalogue, Dependency, Distribution, Provision
from ciforge.resources import data_folder

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_ROW = re.compile(r"^  ([^\s:]+): \{", re.MULTILINE)
_ABSENT = "-"
GAP = "no package is known for it; spell it out in the project file"
"""Why a dependency is missing on a system that its row does not name; this fact has no source."""


@attrs.frozen
class PackageTable:
    """Rows of `packages.yml`: dependency, then distribution or release, to packages with their sources."""

    sources: Mapping[str, str]
    rows: Mapping[str, Mapping[str, str]]
    apart: frozenset[str] = frozenset()
    """Distributions that lack packages of the one that they are like."""

    def dependency(self, name: str, line: Sequence[Distribution]) -> Dependency:
        """A dependency on the first distribution of `line`; the others are those that it is like."""
        row, distribution = self.rows[name], line[0]
        found = next((each.distribution for each in line if each.distribution in row), "")
        provision = _provision(row[found]) if found else Provision(missing=GAP)
        releases = {
            release.release: _provision(row[distribution.release_id(release)])
            for release in distribution.releases
            if distribution.release_id(release) in row
        }
        return Dependency(
            packages=provision.packages, missing=provision.missing, source=provision.source,
            releases=releases,
        )  # fmt: skip


def _provision(cell: str) -> Provision:
    """`libkrb5-dev | deb lcitool` to the packages and their sources."""
    names, _, sources = cell.partition(" | ")
    source = ", ".join(sources.split())
    if names == _ABSENT:
        return Provision(missing="not packaged", source=source)
    return Provision(packages=tuple(names.split()), source=source)


def table_file() -> Path:
    """The file of the table, which a project cannot replace."""
    return data_folder("distros") / "tables" / "packages.yml"


@functools.cache
def _text() -> str:
    return table_file().read_text(encoding="utf-8")


@functools.cache
def table_names() -> frozenset[str]:
    """The names of the rows, without reading what is in them."""
    return frozenset(_ROW.findall(_text()))


@functools.cache
def package_table() -> PackageTable:
    """The whole table. A test holds the file to its form, so that no user sees a mistake in it."""
    values = yaml.load(_text(), Loader=_LOADER)  # noqa: S506 - a base loader: it makes texts, lists and mappings only
    return PackageTable(
        sources=values["sources"], rows=values["packages"], apart=frozenset(values["apart"])
    )


def supplemented(catalogue: Catalogue, names: Iterable[str]) -> Catalogue:
    """The catalogue with what its descriptors lack of `names` and the table has."""
    catalogue = attrs.evolve(catalogue, tabled=table_names())
    wanted = [name for name in dict.fromkeys(names) if name in catalogue.tabled]
    if not wanted:
        return catalogue
    table = package_table()
    distributions = {
        key: attrs.evolve(
            distribution,
            packages={
                **{name: table.dependency(name, line) for name in wanted},
                **distribution.packages,
            },
        )
        for key, distribution in catalogue.distributions.items()
        for line in [tuple(_line(catalogue, distribution, table.apart))]
    }
    return attrs.evolve(catalogue, distributions=distributions)


def _line(
    catalogue: Catalogue, distribution: Distribution | None, apart: frozenset[str]
) -> Iterator[Distribution]:
    """A distribution, and those whose packages it has, the nearest first."""
    while distribution:
        yield distribution
        distribution = (
            None
            if distribution.distribution in apart
            else catalogue.distributions.get(distribution.like)
        )
