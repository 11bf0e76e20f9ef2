"""What every kind of source is turned into before it is packed: entries, each with its content at hand."""

import enum
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from typing import Protocol

import attrs

MessageHandler = Callable[[str], None]


class EntryKind(enum.Enum):
    """What a tree may hold; nothing else is carried."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


Content = AbstractContextManager[tuple[int, Readable]]
"""A size in bytes, and a stream that has at least as many; FileNotFoundError where it vanished."""


@contextmanager
def nothing() -> Iterator[tuple[int, Readable]]:
    """No content: folders, links."""
    yield 0, BytesIO()


@attrs.frozen(kw_only=True)
class Entry:
    """One path of a tree, relative to its top, as bytes with `/` between the parts."""

    path: bytes
    kind: EntryKind
    mode: int = 0o755
    mtime: int = 0
    """Whole seconds since 1970."""
    target: bytes = b""
    """Where a link leads, exactly as it is written there."""
    open: Callable[[], Content] = nothing


@attrs.frozen(kw_only=True)
class SourceTree:
    """All entries of one source, and which commit they are (empty without git)."""

    entries: tuple[Entry, ...]
    revision: str = ""
    changes: int = 0
    stored: bool = False
    """Whether the contents are those of git's objects, without what a checkout does to them."""
    branch: str = ""
    """What its incidents belong to: a branch, `pull/12/head`, `HEAD`; empty if unknown."""


def folder(path: bytes, mtime: int) -> Entry:
    """A folder; the build user may enter it, whatever its mode was."""
    return Entry(path=path, kind=EntryKind.FOLDER, mode=0o755, mtime=mtime)


def link(path: bytes, target: bytes, mtime: int) -> Entry:
    """A symbolic link, which is carried and never followed."""
    return Entry(path=path, kind=EntryKind.LINK, mode=0o777, mtime=mtime, target=target)
