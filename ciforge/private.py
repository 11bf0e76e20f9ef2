"""Permissions of files that only their owner can read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path  # loaded by commands that need it; each start would pay for it

_MASK = 0o077
_persons: list[int] = []
"""The person's umask while ours holds; one that is in no block has the person's."""


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


def private_folder(place: "Path") -> "Path":
    """Creates the folder and missing parents, readable by their owner only."""
    for folder in reversed([parent for parent in (place, *place.parents) if not parent.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    return place
