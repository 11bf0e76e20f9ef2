"""Reads a folder that others may be writing to, without following links."""

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import SEEK_SET, BytesIO
from pathlib import Path
from shutil import copyfileobj

import attrs

from ciforge.errors import UsageError
from ciforge.sanitize import escaped
from ciforge.sources.tree_entry import (
    Content,
    Entry,
    EntryKind,
    MessageHandler,
    Readable,
    folder,
    link,
)
from ciforge.untrusted import FileOpener

_SPOOL = 1 << 20
_ATTEMPTS = 3


@attrs.define(eq=False, repr=False)
class SafeTree:
    """A folder to read; paths below it are bytes. Paths under `left` are left out."""

    root: Path
    on_message: MessageHandler
    left: tuple[bytes, ...] = ()
    _real: dict[bytes, bool] = attrs.field(factory=dict, init=False)
    _opener: FileOpener | None = attrs.field(default=None, init=False)
    _top: bytes = attrs.field(default=b"", init=False)
    """The root with a slash at its end."""

    def lstat(self, path: bytes) -> os.stat_result | None:
        """The file at `path` itself; None if there is none, or if a folder above it is a link."""
        if self.is_excluded(path) or not self.is_real(path.rpartition(b"/")[0]):
            return None
        try:
            return os.lstat(self.absolute(path))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def entry(self, path: bytes, info: os.stat_result, mtime: int) -> Entry | None:
        """The entry for a file; None and a message for sockets, fifos and devices."""
        if stat.S_ISREG(info.st_mode):
            mode = info.st_mode & 0o777
            opener: Callable[[], Content] = partial(stable_copy, self, path)
            return Entry(path=path, kind=EntryKind.FILE, mode=mode, mtime=mtime, open=opener)
        if stat.S_ISDIR(info.st_mode):
            return folder(path, mtime)
        if stat.S_ISLNK(info.st_mode):
            return self._link(path, mtime)
        self.on_message(f"{escaped(path)} is neither file, folder nor link: left out")
        return None

    def _link(self, path: bytes, mtime: int) -> Entry | None:
        try:
            return link(path, os.readlink(self.absolute(path)), mtime)  # noqa: PTH115
        except OSError:
            self.on_message(f"{escaped(path)} vanished while it was read: left out")
            return None

    def absolute(self, path: bytes) -> bytes:
        """The path for the operating system."""
        if not self._top:
            self._top = os.path.join(os.fsencode(self.root), b"")  # noqa: PTH118 - bytes, which a Path cannot have
        return self._top + path

    def is_excluded(self, path: bytes) -> bool:
        """Whether `path` belongs to ciforge and not to the source."""
        return bool(self.left) and any(
            path == left or path.startswith(left + b"/") for left in self.left
        )

    def open(self, path: bytes) -> int:
        """A descriptor of the file; no part of its path is followed as a link."""
        if self._opener is None:
            self._opener = FileOpener(self.root)
        return self._opener.open(path)

    def is_real(self, path: bytes) -> bool:
        """Whether every part of `path` is a folder and not a link."""
        if self._real.get(path):
            return True  # and all above it are, for they were looked at first
        parts = path.split(b"/") if path else []
        for parent in (b"/".join(parts[:n]) for n in range(1, len(parts) + 1)):
            if parent not in self._real:
                self._real[parent] = self._is_folder(parent)
            if not self._real[parent]:
                return False
        return True

    def _is_folder(self, path: bytes) -> bool:
        try:
            return stat.S_ISDIR(os.lstat(self.absolute(path)).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False


class _Small:
    """The contents of a small file; for many files, a generator would cost as much as their names."""

    __slots__ = ("_data",)

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __enter__(self) -> tuple[int, Readable]:
        return len(self._data), BytesIO(self._data)

    def __exit__(self, *_: object) -> None:
        return


def stable_copy(tree: SafeTree, path: bytes) -> Content:
    """A copy of a file at one moment; a message if the file keeps changing. Raises FileNotFoundError."""
    small = _small(tree, path)
    return _large_copy(tree, path) if small is None else _Small(small)


@contextmanager
def _large_copy(tree: SafeTree, path: bytes) -> Iterator[tuple[int, Readable]]:
    with tempfile.SpooledTemporaryFile(_SPOOL) as copy:
        for _ in range(_ATTEMPTS):
            if _copied(tree, path, copy):
                break
        else:
            tree.on_message(f"{escaped(path)} changes while it is read: taken as it was read last")
        size = copy.tell()
        copy.seek(0, SEEK_SET)
        yield size, copy


def _small(tree: SafeTree, path: bytes) -> bytes | None:
    """The contents of a small file; None if it is large or changed, and has to be copied."""
    try:
        descriptor = tree.open(path)
        try:
            before = os.fstat(descriptor)
            if before.st_size > _SPOOL:
                return None
            data = os.read(descriptor, before.st_size + 1)
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _explained(tree, path, error) from None
    return data if _is_same(before, after, len(data)) else None


def _is_same(before: os.stat_result, after: os.stat_result, size: int) -> bool:
    """Whether a file that was read did not change meanwhile, and all of it was read."""
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return same and size == after.st_size


def _explained(tree: SafeTree, path: bytes, error: OSError) -> Exception:
    """What an error of opening or reading means: the user may not read it, or it is no longer there."""
    if isinstance(error, PermissionError):
        return UsageError(f"{escaped(tree.absolute(path))}: {error.strerror}")
    # A link, a folder or a device took the file's place.
    return error if isinstance(error, FileNotFoundError) else FileNotFoundError(path)


def _copied(tree: SafeTree, path: bytes, copy: "tempfile.SpooledTemporaryFile[bytes]") -> bool:
    copy.seek(0)
    copy.truncate()
    try:
        with open(tree.open(path), "rb") as file:  # noqa: PTH123 - a descriptor, no path
            before = os.fstat(file.fileno())
            copyfileobj(file, copy)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise _explained(tree, path, error) from None
    return _is_same(before, after, copy.tell())
