"""Keeps the answer of a search with the incidents that it explains."""

import attrs

from ciforge.app.bisect_run import Bisected
from ciforge.app.incident_changes import change_incidents
from ciforge.model.bisection import Outcome
from ciforge.model.incident import Incident


def keep_bisection(bisected: Bisected) -> tuple[str, ...]:
    """Adds the answer to the open incidents of its cause; their ids.

    A search that was ended early, or that found the cause gone, changes nothing. Raises HistoryProblem.
    """
    bisection = bisected.bisection
    if bisection.unfinished or bisection.outcome is Outcome.BAD_LACKS_IT:
        return ()

    def explained(incident: Incident) -> Incident:
        same = incident.branch_ref.repo == bisected.job.repo and incident.key == bisected.sought.key
        shows = same and bisected.job.id in incident.broken
        return attrs.evolve(incident, bisection=bisection) if shows else incident

    return tuple(one.id for one in change_incidents(bisected.state, bisected.project, explained))
