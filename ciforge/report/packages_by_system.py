"""The packages of a dependency on each distribution, as lines of text. Pure."""

from collections.abc import Iterable, Iterator

from ciforge.model.distro import Catalogue, Dependency, Distribution
from ciforge.report.system_table import provided

_UNKNOWN = "not known"


def packages_by_system(catalogue: Catalogue, names: Iterable[str]) -> Iterator[str]:
    """A line for each dependency and distribution, in columns: packages, and in brackets the source.

    A release that differs from its distribution has a line of its own; what has no source is not known."""
    cells = [
        row
        for name in names
        for _, distribution in sorted(catalogue.distributions.items())
        for row in _rows(name, distribution)
    ]
    widths = [max((len(row[index]) for row in cells), default=0) for index in range(3)]
    for row in cells:
        columns = (text.ljust(width) for text, width in zip(row, widths, strict=False))
        yield f"{'  '.join(columns)}  {row[3]}".rstrip()


def _rows(name: str, distribution: Distribution) -> Iterator[tuple[str, str, str, str]]:
    """Name, system, packages and `[source]`."""
    dependency = distribution.packages.get(name)
    if dependency is None or not dependency.source:
        yield name, distribution.distribution, _UNKNOWN, ""
        return
    every = {release.release for release in distribution.releases}
    if set(dependency.releases) < every or not dependency.releases:
        yield name, distribution.distribution, *_told(dependency, "")
    for release in distribution.releases:
        if release.release in dependency.releases:
            yield name, distribution.release_id(release), *_told(dependency, release.release)


def _told(dependency: Dependency, release: str) -> tuple[str, str]:
    return provided(dependency, release), f"[{dependency.on(release).source}]"
