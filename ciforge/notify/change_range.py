"""Commits between the two sides of a transition, or packages if the source is the same."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import attrs

from ciforge.model.change import PackageChange, package_changes
from ciforge.model.incident import Observation, Range, Transition, TransitionKind
from ciforge.model.project import Project
from ciforge.model.result import SourceUsed
from ciforge.sources import mirror_of
from ciforge.sources.commit_range import commit_range

Places = Callable[[str], Sequence[Path]]
"""A repository's name to local git repositories that may have its commits, the likeliest first."""

_RANGED = (TransitionKind.BROKEN, TransitionKind.CHANGED, TransitionKind.SPREAD, TransitionKind.RETURNED, TransitionKind.FLAKY, TransitionKind.PARTIAL,
           TransitionKind.FIXED)  # fmt: skip
_MOST_PACKAGES = 100


def span(change: Transition, places: Places) -> Range | None:
    """The range of a transition; None if one of its sides is unknown."""
    before, after = change.before, change.after
    if change.kind not in _RANGED or before is None or after is None:
        return None
    packages = _packages(before, after)
    bounds = Range(
        before=before.point, after=after.point, packages=packages[:_MOST_PACKAGES],
        packages_of=after.job if packages else "",
    )  # fmt: skip
    return bounds if bounds.same_source else _with_commits(bounds, change, places)


def _with_commits(bounds: Range, change: Transition, places: Places) -> Range:
    good, bad = bounds.before.revision, bounds.after.revision
    if not (good and bad):
        unknown = (
            "one of the two runs built no commit" if good or bad else "neither run built a commit"
        )
        return attrs.evolve(bounds, unknown=unknown)
    unknown = "there is no local copy of the repository"
    for place in places(change.incident.branch_ref.repo):
        found = commit_range(place, good, bad)
        if not found.unknown:
            return attrs.evolve(bounds, commits=found.commits, more=found.more)
        unknown = found.unknown
    return attrs.evolve(bounds, unknown=unknown)


def _packages(before: Observation, after: Observation) -> tuple[PackageChange, ...]:
    """Differences between two results of one job; empty for two jobs, or if a list is unknown."""
    return package_changes(before.packages, after.packages) if before.job == after.job else ()


def places_of(
    project: Project, state: Path, sources: Sequence[SourceUsed], at_hand: Mapping[str, Path]
) -> Places:
    """Lists the places that may have the commits of a run's sources: known checkouts, its tree, its mirror."""

    def places(repo: str) -> list[Path]:
        origins = [used.origin for used in sources if used.repo == repo and used.origin]
        addresses = [*origins, *([entry.git] if (entry := project.repos.get(repo)) else [])]
        trees = [Path(origin) for origin in origins if Path(origin).is_absolute()]
        mirrors = [mirror_of(address, state / "mirrors") for address in addresses if address]
        found = [*([at_hand[repo]] if repo in at_hand else []), *trees, *mirrors]
        return [place for place in dict.fromkeys(found) if place.is_dir()]

    return places
