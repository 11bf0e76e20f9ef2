"""Where a descriptor names each package: file, line and column, inherited names at their own place."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from ciforge.load.yaml_document import Document
from ciforge.model.distro import Distribution, Release
from ciforge.model.flaw import Path as Way


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
        document, way = _place(line, name, release.release, packages)
        for index, package in enumerate(packages):
            yield PackagePlace(name, package, document.place((*way, index)))


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
