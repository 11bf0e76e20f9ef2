"""Which commit to search for next: those between the last good build and the first bad one."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import attrs

from ciforge.model.incident import Incident, IncidentKind
from ciforge.model.watch_state import WatchOutcome, WatchState
from ciforge.sources.commit_range import commit_range
from ciforge.sources.mirror import mirror_of
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.incidents.read_only import present
from ciforge.store.runs.run_folder import read_diagnosis, run_path
from ciforge.watch.watch_queue import SEARCHES

_LIMIT = 2 * 3600
"""Seconds of one search, in which no new commit is built."""


@attrs.frozen(kw_only=True)
class CommitSearch:
    """The arguments of a search for the commit that brought the cause of an incident."""

    incident: str
    job: str
    good: str
    bad: str
    cause: int
    limit: int = _LIMIT
    """In seconds."""


def next_search(
    state: Path, project: str, watched: WatchState, addresses: Mapping[str, str]
) -> CommitSearch | None:
    """The first open incident that a build of the watch opened, and whose commit is not known."""
    built = {
        decision.run for decision in watched.decisions if decision.outcome is WatchOutcome.BUILT
    }
    if not built:
        return None
    for incident in _unexplained(present(state, project).incidents.values(), built, watched):
        address = addresses.get(incident.branch_ref.repo)
        if not (address and _has_commits_between(mirror_of(address, state / "mirrors"), incident)):
            continue
        if search := _search(state, incident):
            return search
    return None


def _unexplained(
    incidents: Iterable[Incident], built: set[str], watched: WatchState
) -> Iterator[Incident]:
    for incident in incidents:
        new = incident.open and incident.kind is IncidentKind.CAUSE and incident.bad.run in built
        if (
            new
            and not incident.bisection
            and not incident.flaky
            and incident.good
            and incident.broken
        ):
            moved = incident.good.revision and incident.good.revision != incident.bad.revision
            if moved and watched.searches.get(incident.id, 0) < SEARCHES:
                yield incident


def _has_commits_between(mirror: Path, incident: Incident) -> bool:
    """Whether there is a commit between; else the bad one brought the cause, and mail names it."""
    if incident.good is None:
        return False
    found = commit_range(mirror, incident.good.revision, incident.bad.revision)
    return not found.unknown and len(found.commits) + found.more > 1


def _search(state: Path, incident: Incident) -> CommitSearch | None:
    try:
        diagnosis = read_diagnosis(run_path(state, incident.bad.run))
    except HistoryProblem:
        return None
    for job in incident.broken:
        keys = (
            [cause.key for cause in diagnosis.causes if job in cause.findings] if diagnosis else []
        )
        if incident.key in keys and incident.good:
            return CommitSearch(
                incident=incident.id, job=job, good=incident.good.revision, bad=incident.bad.revision,
                cause=keys.index(incident.key) + 1,
            )  # fmt: skip
    return None
