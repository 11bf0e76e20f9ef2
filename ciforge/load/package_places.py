"""Finds where a descriptor or a project file names each package; inherited names have their own place."""

import functools
from collections.abc import Container, Iterator, Sequence
from pathlib import Path

import attrs

from ciforge.load.package_table import table_file
from ciforge.load.yaml_document import Document
from ciforge.load.yaml_nodes import Node
from ciforge.model.distro import Distribution, Release
from ciforge.model.flaw import Path as Way
from ciforge.model.index_name import is_index_name


@attrs.frozen
class PackagePlace:
    """One name for the package manager."""

    dependency: str
    package: str
    place: str
    """`file:line:col`."""


def package_places(
    folders: Sequence[Path], distribution: Distribution, release: Release
) -> Iterator[PackagePlace]:
    """Every package of a release, in the order of its dependencies. Raises UsageError."""
    line = _documents(folders, distribution.distribution)
    for name, dependency in distribution.packages.items():
        packages = dependency.on(release.release).packages
        if is_index_name(name):
            continue  # its place is in the lock
        if not any(name in document.value.get("packages", {}) for document in line):
            place = _table_place(line, name, distribution.release_id(release))
            yield from (PackagePlace(name, package, place) for package in packages)
            continue
        document, way = _place(line, name, release.release, packages)
        for index, package in enumerate(packages):
            yield PackagePlace(name, package, document.place((*way, index)))


def _table_place(line: Sequence[Document], name: str, release_id: str) -> str:
    """The place in the table of what no descriptor has: that of the release, else of the nearest distribution."""
    table = _table()
    row = table.value["packages"][name]
    systems = [release_id, *(document.value["distribution"] for document in line)]
    return table.place(("packages", name, next((key for key in systems if key in row), "")))


@functools.cache
def _table() -> Document:
    return Document.read(table_file())


def _documents(folders: Sequence[Path], name: str) -> list[Document]:
    """The descriptor and those that it inherits from, the nearest first; later folders win."""
    line: list[Document] = []
    while name:
        read = {document.file for document in line}
        files = [folder / f"{name}.yml" for folder in reversed(folders)]
        file = next((file for file in files if file.is_file() and file not in read), None)
        if file is None:
            break
        line.append(Document.read(file))
        name = line[-1].value.get("like", "")
    return line


def _place(
    line: Sequence[Document], name: str, release: str, packages: Sequence[str]
) -> tuple[Document, Way]:
    """The list of these packages in the nearest descriptor that has it."""
    for document in line:
        facts = document.value.get("packages", {}).get(name)
        if facts is None:
            continue
        own = facts.get("releases", {}).get(release, {})
        if own.get("packages") == list(packages):
            return document, ("packages", name, "releases", release, "packages")
        return document, ("packages", name, "packages")
    return line[0], ("packages",)


def project_places(document: Document, packages: Container[str]) -> Iterator[PackagePlace]:
    """The places of `packages` that a project file names itself, below `dependencies:`."""
    for way, node in _scalars(document.root, ()):
        dependency = _dependency(way)
        if dependency and node.value in packages:
            yield PackagePlace(dependency, node.value, document.place(way))


def _scalars(node: Node, way: Way) -> Iterator[tuple[Way, Node]]:
    if isinstance(node.parts, dict):
        for name, (_, value) in node.parts.items():
            yield from _scalars(value, (*way, name))
    elif node.parts:
        for index, value in enumerate(node.parts):
            yield from _scalars(value, (*way, index))
    elif isinstance(node.value, str):
        yield way, node


def _dependency(way: Way) -> str:
    """`event` of `dependencies: [{event: {debian: libevent-dev}}]`; empty elsewhere."""
    if "dependencies" not in way:
        return ""
    names = [step for step in way[way.index("dependencies") + 1 :] if isinstance(step, str)]
    names = names[1:] if names[:1] == ["add"] else names
    return names[0] if len(names) > 1 else ""
