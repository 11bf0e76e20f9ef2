"""What is known now, for whoever only looks: quicker than `incidents`, which can also write and send."""

from contextlib import closing
from pathlib import Path

from ciforge.model.incident import IncidentLedger
from ciforge.store.incidents.incident_errors import FILE_NAME, explained
from ciforge.store.incidents.incident_schema import open_ledger
from ciforge.store.incidents.state_rows import read_book


def present(state: Path, project: str) -> IncidentLedger:
    """All standings (without packages) and open incidents; nothing is made where nothing is.

    Raises HistoryProblem where the database is damaged or newer, and leaves it as it is.
    """
    file = state / FILE_NAME
    if not file.exists():
        return IncidentLedger(project=project)
    with explained(file), closing(open_ledger(file)) as db:
        return read_book(db, project, packages=False)
