"""The name of `incidents.db`, and its errors."""

from contextlib import AbstractContextManager
from pathlib import Path

from ciforge.store.sqlite import database_errors

FILE_NAME = "incidents.db"


def explained(file: Path) -> AbstractContextManager[None]:
    """Errors of SQLite and the system as a HistoryProblem that names the file."""
    return database_errors(file, hint(file))


def hint(file: Path) -> str:
    """A hint for a file that cannot be rebuilt."""
    return (
        "it was left as it is, and holds what no run's files know: repair it, restore a copy "
        f"({file.name}.version-N), or move it away by hand"
    )
