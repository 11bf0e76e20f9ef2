"""The steps from the packages of a green build to those of a red one, one version of one package each."""

import itertools
from collections.abc import Iterable, Mapping, Sequence

import attrs

from ciforge.bisect.commit_graph import CommitGraph
from ciforge.model.change import PackageChange, VersionStep

_MOST = 64
"""Versions of a package that are searched, the newest ones."""


@attrs.frozen
class VersionChain:
    """States of packages: 0 is the earliest, each step leads to the next one."""

    start: Mapping[str, str]
    """Packages to their earliest versions."""
    steps: tuple[VersionStep, ...]

    def at(self, state: int) -> dict[str, str]:
        """Returns the packages with their versions after so many steps."""
        found = dict(self.start)
        for step in self.steps[:state]:
            found |= dict.fromkeys(step.packages, step.after)
        return found

    def graph(self) -> CommitGraph:
        """Returns the states as commits of a history without branches; the good one is `0`."""
        last = len(self.steps)
        parents = {str(state): (str(state - 1),) for state in range(1, last + 1)}
        return CommitGraph(good="0", bad=str(last), parents=parents)


def version_chain(
    changes: Iterable[PackageChange], available: Mapping[str, Sequence[str]]
) -> VersionChain:
    """Returns the steps for all packages of which an earlier version can be had.

    `available` has the versions of each package that can be installed, the oldest first. Packages with
    the same versions change together: they are of one source, and often require each other's version.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for change in changes:
        if len(path := _path(change, available.get(change.name, ()))) > 1:
            groups.setdefault(path, []).append(change.name)
    start: dict[str, str] = {}
    steps: list[VersionStep] = []
    for path, names in groups.items():
        start |= dict.fromkeys(names, path[0])
        for before, after in itertools.pairwise(path):
            steps.append(VersionStep(packages=tuple(names), before=before, after=after))
    return VersionChain(start, tuple(steps))


def _path(change: PackageChange, listed: Sequence[str]) -> tuple[str, ...]:
    """The versions from the one of the green build, or the oldest that is left, to that of the red one."""
    if not change.before or change.after not in listed:
        return ()
    last = listed.index(change.after)
    first = listed.index(change.before) if change.before in listed else 0
    if first > last:  # an older version came back
        return tuple(reversed(listed[last : first + 1]))[-_MOST:]
    return tuple(listed[first : last + 1])[-_MOST:]
