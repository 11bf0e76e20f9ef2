"""Reads the ledger without writing; faster than `incident_database`."""

from contextlib import closing
from pathlib import Path

from ciforge.model.incident import IncidentLedger
from ciforge.store.incidents.incident_errors import FILE_NAME, explained
from ciforge.store.incidents.incident_schema import open_ledger
from ciforge.store.incidents.state_rows import read_ledger


def present(state: Path, project: str) -> IncidentLedger:
    """All job states (without packages) and open incidents; a missing database is not created.

    Raises HistoryProblem if the database is damaged or newer, and leaves it unchanged.
    """
    file = state / FILE_NAME
    if not file.exists():
        return IncidentLedger(project=project)
    with explained(file), closing(open_ledger(file)) as db:
        return read_ledger(db, project, packages=False)
