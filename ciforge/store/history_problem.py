"""What can be wrong with a file of the state folder."""

from ciforge.errors import UsageError


class HistoryProblem(UsageError):
    """A file of the state folder is damaged, written by a newer ciforge, or inaccessible."""


class StorageProblem(HistoryProblem):
    """The system refuses access to the state folder; none of its files is damaged."""

    exit_code = 3
