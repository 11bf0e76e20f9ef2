"""Keeps the answer of a search with the incidents that it explains."""

import attrs

from ciforge.app.bisect_run import Bisected
from ciforge.model.bisection import Outcome
from ciforge.model.incident import Incident
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.incident_errors import FILE_NAME


def keep_bisection(bisected: Bisected) -> tuple[str, ...]:
    """Adds the answer to the open incidents of its cause; their ids.

    A search that was ended early, or that found the cause gone, changes nothing. Raises HistoryProblem.
    """
    bisection = bisected.bisection
    if bisection.unfinished or bisection.outcome is Outcome.BAD_LACKS_IT:
        return ()
    if not (bisected.state / FILE_NAME).exists():
        return ()
    with (
        Incidents.open(bisected.state) as incidents,
        incidents.writing(bisected.project) as transaction,
    ):
        before = transaction.ledger()
        changed = {
            incident.id: attrs.evolve(incident, bisection=bisection)
            for incident in before.incidents.values()
            if _explains(bisected, incident)
        }
        after = attrs.evolve(before, incidents={**before.incidents, **changed})
        transaction.save(before, after)
    return tuple(changed)


def _explains(bisected: Bisected, incident: Incident) -> bool:
    same = incident.branch_ref.repo == bisected.job.repo and incident.key == bisected.sought.key
    return same and incident.open and bisected.job.id in incident.broken
