"""What is known now, for whoever only looks: quicker than `incidents`, which can also write and send."""

from contextlib import closing
from pathlib import Path

from ciforge.history.book import read_book
from ciforge.history.ledger_file import FILE_NAME, explained
from ciforge.history.ledger_schema import open_ledger
from ciforge.model.incident import Book


def present(state: Path, project: str) -> Book:
    """All standings (without packages) and open incidents; nothing is made where nothing is.

    Raises HistoryProblem where the database is damaged or newer, and leaves it as it is.
    """
    file = state / FILE_NAME
    if not file.exists():
        return Book(project=project)
    with explained(file), closing(open_ledger(file)) as db:
        return read_book(db, project, packages=False)
