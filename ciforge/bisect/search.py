"""The search for the commit that brought a cause: which commit to build next, and the answer.

The search builds nothing itself. Each verdict halves what is left; a commit that cannot be judged is
left out; both ends of the answer are confirmed without caches before it is given.
"""

import enum
from collections.abc import Mapping

import attrs

from ciforge.bisect.commit_graph import Ancestry, CommitGraph
from ciforge.model.bisection import Outcome


class Verdict(enum.Enum):
    """What a build of a commit says about the cause."""

    GOOD = "good"
    """The build came past the place of the cause, and does not show it."""
    BAD = "bad"
    """The build shows the cause."""
    OTHER = "other"
    """It failed for another reason before it could show the cause."""
    UNCLEAR = "unclear"
    """It failed in a way that may be different the next time: a time limit, the network, a test."""


VERDICT_TITLES = {
    Verdict.GOOD: "does not show it",
    Verdict.BAD: "shows it",
    Verdict.OTHER: "fails for another reason",
    Verdict.UNCLEAR: "ended without a verdict",
}


@attrs.frozen
class Build:
    """A commit to build next; `cold`: without caches."""

    commit: str
    cold: bool


@attrs.frozen(kw_only=True)
class SearchResult:
    """The result of a search."""

    outcome: Outcome
    commits: tuple[str, ...]
    """The commit that brought the cause, or all that may have, each after its parents."""
    parent: str = ""
    """For FOUND: a commit before it that lacks the cause, built without caches; empty if none is known."""
    confirmed: bool = False
    """For FOUND: whether builds without caches showed the cause there, and not in the parent."""
    skipped: tuple[str, ...] = ()
    """Commits that could not be judged."""
    flaky: tuple[str, ...] = ()
    """Commits whose builds differed."""


class Search:
    """One search: `next` says what to build, `record` takes the verdict, until `next` is a SearchResult.

    `past` has verdicts of earlier runs; where a build contradicts one of them, all of them are dropped.
    Those of the bad commit are not used: only a build now may say that it lacks the cause.
    `doubtful`: the surroundings changed since the good end was built, so that it is built first.
    """

    def __init__(
        self, graph: CommitGraph, past: Mapping[str, Verdict], *, doubtful: bool = False
    ) -> None:
        self._graph = graph
        self._ancestry = Ancestry(graph)
        self._past = {c: v for c, v in past.items() if c in self._ancestry and c != graph.bad}
        self._doubtful = doubtful
        self._built: dict[str, list[tuple[bool, Verdict]]] = {}

    def next(self) -> Build | SearchResult:
        """The next commit to build, or the answer."""
        if again := self._undecided():
            return Build(again, cold=True)
        if self._doubtful and self._cold(self._graph.good) is None:
            return Build(self._graph.good, cold=True)
        if self._doubtful and self._verdict(self._graph.good) is Verdict.BAD:
            return self._answer(Outcome.GOOD_SHOWS_IT, (self._graph.good,))
        return self._step(self.left())

    def _step(self, left: int) -> Build | SearchResult:
        """The commit that splits what is left best; the last ones are built cold, to be ends of the answer."""
        if middle := self._ancestry.middle(left, self._known()):
            return Build(middle, cold=left.bit_count() <= _LAST)
        commits = self._ancestry.listed(left)
        if len(commits) == 1:
            return self._confirmed(commits[0])
        if commits:
            return self._answer(Outcome.RANGE, commits)
        return self._answer(Outcome.BAD_LACKS_IT, (self._graph.bad,))

    def record(self, build: Build, verdict: Verdict) -> None:
        """Takes the verdict of a build."""
        self._built.setdefault(build.commit, []).append((build.cold, verdict))
        past = self._past.get(build.commit)
        if past is not None and past is not verdict and verdict in _CLEAR:
            self._past.clear()

    def left(self) -> int:
        """The commits that may have brought the cause, as a set of the ancestry."""
        verdicts = {commit: self._verdict(commit) for commit in (*self._past, *self._built)}
        inside = {c: v for c, v in verdicts.items() if c in self._ancestry}
        left = self._ancestry.of(self._graph.bad)
        for commit, verdict in inside.items():
            if verdict is Verdict.GOOD:
                left &= ~self._ancestry.of(commit)
        for commit, verdict in inside.items():
            if verdict is Verdict.BAD and self._ancestry.holds(left, commit):
                left &= self._ancestry.of(commit)
        return left

    @property
    def candidates(self) -> tuple[str, ...]:
        """The commits that may have brought the cause, each after its parents."""
        return self._ancestry.listed(self.left())

    def unfinished(self) -> SearchResult:
        """The answer if the search ends here."""
        return self._answer(Outcome.RANGE, self.candidates)

    def _confirmed(self, commit: str) -> Build | SearchResult:
        """The answer once both of its ends were built without caches, or the build that lacks."""
        if self._cold(commit) is None:
            return Build(commit, cold=True)
        parent = self._parent(commit)
        if parent and self._cold(parent) is None:
            return Build(parent, cold=True)
        if parent and self._verdict(parent) is Verdict.BAD:  # one of the graph would be a candidate
            return self._answer(Outcome.GOOD_SHOWS_IT, (parent,))
        return self._answer(Outcome.FOUND, (commit,), parent)

    def _parent(self, commit: str) -> str:
        """The parent that is confirmed: of several one that was not built, since it was only inferred."""
        parents = self._graph.parents[commit]
        done = [parent for parent in parents if self._cold(parent) is not None]
        unknown = [parent for parent in parents if parent not in self._built]
        return next(iter((*done, *unknown, *parents)), "")

    def _undecided(self) -> str:
        """A commit that is to be built once more: unclear once, or with two verdicts that differ."""
        for commit, built in self._built.items():
            verdicts = [verdict for _, verdict in built]
            once = verdicts == [Verdict.UNCLEAR]
            if once or (len(verdicts) == 2 and {*verdicts} == {Verdict.GOOD, Verdict.BAD}):
                return commit
        return ""

    def _verdict(self, commit: str) -> Verdict | None:
        """What most builds of a commit say; if none is clear, what an earlier run said."""
        verdicts = [verdict for _, verdict in self._built.get(commit, ())]
        clear = [verdict for verdict in verdicts if verdict in _CLEAR]
        if clear:
            return max(clear, key=clear.count)
        return self._past.get(commit, verdicts[-1] if verdicts else None)

    def _cold(self, commit: str) -> Verdict | None:
        """The last verdict of a build without caches."""
        return next((v for cold, v in reversed(self._built.get(commit, ())) if cold), None)

    def _known(self) -> frozenset[str]:
        """Commits that need no further build, or would not be judged by one."""
        return frozenset((*self._built, *self._past))

    def _answer(self, outcome: Outcome, commits: tuple[str, ...], parent: str = "") -> SearchResult:
        built = self._built.items()
        lacks = bool(parent) and self._cold(parent) is Verdict.GOOD
        fine = lacks or not parent
        confirmed = outcome is Outcome.FOUND and fine and self._cold(commits[0]) is Verdict.BAD
        return SearchResult(
            outcome=outcome, commits=commits, parent=parent if lacks else "", confirmed=confirmed,
            skipped=tuple(c for c in (*self._past, *self._built) if self._verdict(c) not in _CLEAR),
            flaky=tuple(c for c, all_ in built if len({verdict for _, verdict in all_}) > 1),
        )  # fmt: skip


_CLEAR = (Verdict.GOOD, Verdict.BAD)
_LAST = 3
"""Commits left at which a step is likely to be an end of the answer."""
