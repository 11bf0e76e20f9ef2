"""The name of `incidents.db`, and what is said where it cannot be used."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ciforge.store.storage_errors import of_database, of_system

FILE_NAME = "incidents.db"


@contextmanager
def explained(file: Path) -> Iterator[None]:
    """SQLite's, the system's and the documents' errors as a HistoryProblem that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise of_database(error, file, hint(file)) from None
    except OSError as error:
        raise of_system(error, file) from None


def hint(file: Path) -> str:
    """What to do about a file that cannot be made anew."""
    return (
        "it was left as it is, and holds what no run's files know: repair it, restore a copy "
        f"({file.name}.version-N), or move it away by hand"
    )
