"""The commits between a good and a bad one, and how well each of them splits those that are left."""

from collections.abc import Collection, Iterable, Mapping

import attrs


@attrs.frozen(kw_only=True)
class CommitGraph:
    """The commits that the bad one has and the good one lacks; the bad one is among them."""

    good: str
    bad: str
    parents: Mapping[str, tuple[str, ...]]
    """The parents of each of these commits, each commit after its parents; a parent may be outside."""

    def __attrs_post_init__(self) -> None:
        if self.bad not in self.parents:
            raise ValueError("the bad commit is not one of the commits")


class Ancestry:
    """Sets of commits as bits of a number, so that thousands of commits are split in no time."""

    def __init__(self, graph: CommitGraph) -> None:
        self._order = tuple(graph.parents)
        self._place = {commit: at for at, commit in enumerate(self._order)}
        self._with_ancestors: list[int] = []
        for at, commit in enumerate(self._order):
            bits = 1 << at
            for parent in graph.parents[commit]:
                if parent in self._place:
                    bits |= self._with_ancestors[self._place[parent]]
            self._with_ancestors.append(bits)
        self.all = (1 << len(self._order)) - 1

    def __contains__(self, commit: str) -> bool:
        return commit in self._place

    def of(self, commit: str) -> int:
        """The commit with its ancestors."""
        return self._with_ancestors[self._place[commit]]

    def holds(self, commits: int, commit: str) -> bool:
        """Whether a set has the commit."""
        return bool(commits >> self._place[commit] & 1)

    def listed(self, commits: int) -> tuple[str, ...]:
        """The commits of a set, each after its parents."""
        return tuple(commit for at, commit in enumerate(self._order) if commits >> at & 1)

    def middle(self, commits: int, without: Collection[str]) -> str | None:
        """The commit whose ancestors are closest to half of the set; None if none is left to test."""
        rows = ((self._balance(commit, commits), commit) for commit in self.listed(commits))
        return _largest((balance, commit) for balance, commit in rows if commit not in without)

    def _balance(self, commit: str, commits: int) -> int:
        below = (self.of(commit) & commits).bit_count()
        return min(below, commits.bit_count() - below)


def _largest(rows: Iterable[tuple[int, str]]) -> str | None:
    """The first commit with the largest balance above 0: one that splits nothing is not worth a build."""
    best, chosen = 0, None
    for balance, commit in rows:
        if balance > best:
            best, chosen = balance, commit
    return chosen
