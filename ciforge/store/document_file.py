"""Reads a JSON document of the state folder: a regular file of a bounded size."""

from pathlib import Path
from typing import TypeVar

from ciforge.store.documents import from_document
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.storage_errors import explained
from ciforge.untrusted import read_file

T = TypeVar("T")


def read_document(file: Path, model: type[T], largest: int, hint: str = "") -> T:
    """Returns the value in a file of at most `largest` bytes; `hint` says what to do about a damaged one.

    Raises HistoryProblem, also for a file that is missing or is no regular file.
    """
    with explained(file):
        data = read_file(file, largest)
    try:
        return from_document(data, model)
    except ValueError as error:
        raise HistoryProblem(f"{file}: damaged: {error}", hint=hint) from None
