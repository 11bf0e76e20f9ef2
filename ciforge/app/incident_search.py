"""Finds open incidents by what a person remembers of them."""

from collections.abc import Sequence

from ciforge.errors import UsageError
from ciforge.model.incident import Incident
from ciforge.model.open_cause import open_cause

_DIGITS = 3
"""A text of so many digits at most is a number of the list."""


def matching_incidents(ranked: Sequence[Incident], text: str) -> tuple[int, ...]:
    """Returns the numbers, from 1, of the incidents that `text` means.

    It is a number of the list, the beginning of an id, or else a part of a title, a branch or the id of a job that
    shows the cause, in upper or lower case. Raises UsageError if no incident matches.
    """
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS:
        found = [int(text)] if 1 <= int(text) <= len(ranked) else _by_id(ranked, text)
    else:
        found = _by_id(ranked, text) or _by_words(ranked, text)
    if not found:
        raise UsageError(
            f"no open incident matches {text!r}", hint="`ciforge incident` lists the open ones"
        )
    return tuple(found)


def _by_id(ranked: Sequence[Incident], text: str) -> list[int]:
    return [at for at, incident in enumerate(ranked, 1) if text and incident.id.startswith(text)]


def _by_words(ranked: Sequence[Incident], text: str) -> list[int]:
    wanted = text.strip().casefold()
    return [at for at, incident in enumerate(ranked, 1) if wanted and wanted in _words_of(incident)]


def _words_of(incident: Incident) -> str:
    branch = incident.branch_ref
    words = (open_cause(incident).title, branch.repo, branch.branch, *incident.broken)
    return "\n".join(words).casefold()
