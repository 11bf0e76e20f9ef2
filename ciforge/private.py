"""Permissions of files that only their owner can read, and passwords in addresses."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MASK = 0o077
_persons: list[int] = []
"""The person's umask while ours holds; one that is in no block has the person's."""

_LOGIN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<user>[^/\s]*)@", re.I)
_LOGIN_IN_WORD = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<user>[^/]*)@", re.I)
_QUERY = re.compile(r"(https?://[^\s?'\"]*\?)[^\s#'\"]+", re.I)


@contextmanager
def private_files() -> Iterator[None]:
    """A block in which new files and folders are readable by their owner only."""
    _persons.append(os.umask(_MASK))
    try:
        yield
    finally:
        os.umask(_persons.pop())


@contextmanager
def shared_files() -> Iterator[None]:
    """A block in which new files have the permissions of the user's umask."""
    before = os.umask(shared_umask()) if _persons else None
    try:
        yield
    finally:
        if before is not None:
            os.umask(before)


def shared_umask() -> int:
    """The user's umask, for child processes; -1, which changes nothing, if it is in effect."""
    return _persons[-1] if _persons else -1


def private_folder(place: Path) -> Path:
    """Creates the folder and missing parents, readable by their owner only."""
    for folder in reversed([one for one in (place, *place.parents) if not one.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    return place


def masked(text: str) -> str:
    """A message without the passwords and tokens of addresses; plain user names of ssh stay."""
    return _QUERY.sub(r"\1***", _LOGIN.sub(_harmless, text))


def masked_word(word: str) -> str:
    """One argument of a command, an address or `REPO=ADDRESS`, without its password, which may
    contain blanks.
    """
    return _QUERY.sub(r"\1***", _LOGIN_IN_WORD.sub(_harmless, word))


def _harmless(found: "re.Match[str]") -> str:
    user = found["user"]
    keep = "ssh" in found["scheme"].lower() and ":" not in user
    return f"{found['scheme']}://{user + '@' if keep else ''}"
