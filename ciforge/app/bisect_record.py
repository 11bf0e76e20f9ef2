"""Keeps the answer of a search with the incidents that it explains."""

import attrs

from ciforge.app.bisect_answer import Bisected
from ciforge.app.incident_changes import change_incidents
from ciforge.model.bisection import Outcome
from ciforge.model.incident import Incident
from ciforge.sources.commit_parents import is_ancestor


def keep_bisection(bisected: Bisected) -> tuple[str, ...]:
    """Adds the answer to the open incidents of its cause; their ids.

    An incident is one of them only if its first bad commit contains every commit that the answer names:
    the same cause on another branch may have come with another one. A search that ended early, or that
    found the cause gone, changes nothing. Raises HistoryProblem.
    """
    bisection = bisected.bisection
    if bisection.unfinished or bisection.outcome is Outcome.BAD_LACKS_IT:
        return ()

    def explained(incident: Incident) -> Incident:
        same = incident.branch_ref.repo == bisected.job.repo and incident.key == bisected.sought.key
        shows = same and bisected.job.id in incident.broken and _contains(bisected, incident)
        return attrs.evolve(incident, bisection=bisection) if shows else incident

    return tuple(
        incident.id for incident in change_incidents(bisected.state, bisected.project, explained)
    )


def _contains(bisected: Bisected, incident: Incident) -> bool:
    named = [commit.revision for commit in bisected.bisection.commits]
    bad = incident.bad.revision
    return bool(bad) and all(is_ancestor(bisected.repository, revision, bad) for revision in named)
