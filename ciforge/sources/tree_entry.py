"""The entries of a source, whatever its kind, each with its contents."""

import enum
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from typing import Protocol

import attrs

from ciforge.model.source_version import SourceVersion
from ciforge.sources.git import Repository

MessageHandler = Callable[[str], None]


class EntryKind(enum.Enum):
    """The kinds of files that a source may contain."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


Content = AbstractContextManager[tuple[int, Readable]]
"""A size in bytes, and a stream with at least as many; FileNotFoundError if the file vanished."""


@contextmanager
def nothing() -> Iterator[tuple[int, Readable]]:
    """The contents of folders and links: none."""
    yield 0, BytesIO()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Entry:
    """One file, folder or link; the path is relative to the top, as bytes with `/` between the
    parts.
    """

    path: bytes
    kind: EntryKind
    mode: int = 0o755
    mtime: int = 0
    """Whole seconds since 1970."""
    target: bytes = b""
    """The target of a link, exactly as written."""
    open: Callable[[], Content] = nothing


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SourceTree:
    """All entries of one source, and its commit (empty without git)."""

    entries: tuple[Entry, ...]
    revision: str = ""
    changes: int = 0
    stored: bool = False
    """Whether the contents are those of git's objects, without conversions of a checkout."""
    branch: str = ""
    """The branch that its incidents belong to, or `pull/12/head`, `HEAD`; empty if unknown."""
    version: SourceVersion = attrs.field(factory=SourceVersion)
    """What git says of the commit."""
    repository: Repository | None = None
    """Where the commit is."""


def folder(path: bytes, mtime: int) -> Entry:
    """The entry of a folder; the build user may enter it, whatever its mode was."""
    return Entry(path=path, kind=EntryKind.FOLDER, mode=0o755, mtime=mtime)


def link(path: bytes, target: bytes, mtime: int) -> Entry:
    """The entry of a symbolic link, which is never followed."""
    return Entry(path=path, kind=EntryKind.LINK, mode=0o777, mtime=mtime, target=target)
