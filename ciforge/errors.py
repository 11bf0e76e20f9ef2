"""Errors that a person can act on: each has an exit code, a message and, if there is one, a next step."""

from collections.abc import Iterable, Sequence
from typing import ClassVar


class CiforgeError(Exception):
    """A failure that a person can act on: one message, no traceback."""

    exit_code: ClassVar[int]

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(CiforgeError):
    """Wrong input: an option, a selector, a path, a revision."""

    exit_code = 2


class InputError(UsageError):
    """Problems in files that people write, all at once, each as `file:line:col: message`."""

    def __init__(self, problems: Sequence[str], *, hint: str = "") -> None:
        super().__init__("\n".join(problems), hint=hint)
        self.problems = tuple(problems)


class EngineError(CiforgeError):
    """The engine, a registry or a mirror failed: nothing is known about the source."""

    exit_code = 3


class EngineLost(EngineError):
    """The engine went away in the middle: an exit code is not certain."""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """` (did you mean 'release'?)` for the nearest of `choices`, or nothing."""
    import difflib  # only for mistakes: it takes long to load

    near = difflib.get_close_matches(word, sorted(choices), n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""
