"""Reads ciforge's table of dependencies when it is first needed, since few commands use it."""

import functools
from collections.abc import Mapping
from typing import Any

import yaml

from ciforge.errors import UsageError, did_you_mean
from ciforge.model.dependency_index import DependencyIndex
from ciforge.model.dependency_table import DependencyRow, DependencyTable
from ciforge.resources import data_folder

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@functools.cache
def dependency_table() -> DependencyTable:
    """All rows. Tests check the file, so that users see no mistake in it."""
    file = data_folder("distros") / "tables" / "dependencies.yml"
    values = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
    rows = tuple(DependencyRow(**_tuples(row)) for row in values.pop("dependencies"))
    for_ci = frozenset(values.pop("for_ci"))
    return DependencyTable(dependencies=rows, for_ci=for_ci, **_tuples(values))


@functools.cache
def dependency_index() -> DependencyIndex:
    """All rows, by the names of what belongs to a dependency."""
    return DependencyIndex(dependency_table().dependencies)


def dependency_of(name: str) -> str:
    """The dependency of `pkg-config:NAME`, `header:NAME`, `library:NAME` or `command:NAME`; another name as it is.

    Raises UsageError where the table has no such name."""
    kind, colon, wanted = name.partition(":")
    look_up = {
        "pkg-config": DependencyIndex.module, "header": DependencyIndex.header,
        "library": DependencyIndex.library, "command": DependencyIndex.tool,
    }.get(kind)  # fmt: skip
    if not colon or look_up is None:
        return name
    if found := look_up(dependency_index(), wanted):
        return found
    near = did_you_mean(wanted, dependency_index().names_of(kind))
    raise UsageError(f"no known dependency has the {kind} {wanted!r}{near}")


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }
