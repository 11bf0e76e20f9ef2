"""Changes that a person makes to open incidents."""

from collections.abc import Callable
from pathlib import Path

import attrs

from ciforge.model.incident import Incident
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.incident_errors import FILE_NAME


def change_incidents(
    state: Path, project: str, change: Callable[[Incident], Incident]
) -> tuple[Incident, ...]:
    """Applies `change` to each open incident in one transaction; those that it changed, as they are now.

    It returns an incident that it leaves alone itself. Raises HistoryProblem.
    """
    if not (state / FILE_NAME).exists():
        return ()
    with Incidents.open(state) as incidents, incidents.writing(project) as transaction:
        before = transaction.ledger()
        both = [
            (incident, change(incident)) for incident in before.incidents.values() if incident.open
        ]
        changed = {new.id: new for old, new in both if new is not old}
        after = attrs.evolve(before, incidents={**before.incidents, **changed})
        transaction.save(before, after)
    return tuple(changed.values())
