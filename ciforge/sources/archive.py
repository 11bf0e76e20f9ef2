"""Unpacks tar archives from untrusted sources."""

import bz2
import gzip
import lzma
import os
import posixpath
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import attrs

from ciforge.errors import UsageError
from ciforge.sanitize import escaped
from ciforge.sources.tar_reader import Member, TarError, members
from ciforge.sources.tar_writer import ordered
from ciforge.sources.tree_entry import (
    Content,
    Entry,
    EntryKind,
    Readable,
    SourceTree,
    folder,
    link,
)
from ciforge.untrusted import open_file


@attrs.frozen(kw_only=True)
class Limits:
    """Limits beyond which an archive is refused as a decompression bomb."""

    members: int = 200_000
    size: int = 2 << 30
    """Maximum unpacked size, in bytes."""
    ratio: int = 200
    """Maximum ratio of unpacked to packed size, checked above `small`."""
    small: int = 64 << 20


_OPENERS: dict[bytes, Callable[[BinaryIO], Readable]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"\xfd7zXZ\0": lzma.LZMAFile,
    b"BZh": bz2.BZ2File,
}
_STRANGERS = {b"PK\x03\x04": "a zip archive", b"\x28\xb5\x2f\xfd": "compressed by zstd"}
_BLOCK = 1 << 20
_FILE, _HARD_LINK, _LINK, _FOLDER = b"0", b"1", b"2", b"5"
_REFUSED = {
    b"3": "a device", b"4": "a device", b"6": "a fifo",
    b"S": "a sparse file", b"M": "a part of a larger archive",
}  # fmt: skip


@contextmanager
def open_archive(place: Path, work: Path, limits: Limits | None = None) -> Iterator[SourceTree]:
    """The tree in a tar file, compressed or not, without its single top folder; open in this block.

    Raises UsageError, with the name of the member, for anything that could write outside of the
    source.
    """
    limits = limits or Limits()
    with tempfile.TemporaryFile(dir=work) as plain:
        try:
            size = _unpack(place, plain, limits)
            entries = _entries(plain, size, limits)
            tree = ordered(entries)
        except (TarError, EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
            reason = (
                str(error) if isinstance(error, TarError) else f"it cannot be unpacked ({error})"
            )
            raise UsageError(f"{escaped(str(place))}: damaged archive: {reason}") from None
        except UsageError as error:
            raise UsageError(f"{escaped(str(place))}: {error}", hint=error.hint) from None
        yield SourceTree(entries=tuple(_without_top(tree)))


def _unpack(place: Path, plain: BinaryIO, limits: Limits) -> int:
    with os.fdopen(open_file(place), "rb") as file:
        magic = file.read(6)
        for start, name in _STRANGERS.items():
            if magic.startswith(start):
                raise UsageError(
                    f"it is {name}", hint="make it a .tar, .tar.gz, .tar.xz or .tar.bz2"
                )
        file.seek(0)
        opener = next((o for start, o in _OPENERS.items() if magic.startswith(start)), None)
        stream: Readable = opener(file) if opener else file
        return _copy(stream, plain, os.fstat(file.fileno()).st_size, limits)


def _copy(stream: Readable, plain: BinaryIO, packed: int, limits: Limits) -> int:
    size = 0
    while block := _read(stream):
        size += len(block)
        if size > limits.size:
            raise UsageError(f"it unpacks to more than {limits.size} bytes")
        if size > max(limits.small, packed * limits.ratio):
            raise UsageError(f"it unpacks to more than {limits.ratio} times its size")
        plain.write(block)
    return size


def _read(stream: Readable) -> bytes:
    try:
        return stream.read(_BLOCK)
    except OSError as error:
        # BZ2File has no error class.
        raise EOFError(error) from None


def _entries(plain: BinaryIO, end: int, limits: Limits) -> list[Entry]:
    found: dict[bytes, Entry] = {}
    entries, count, size = [], 0, 0
    sizes: dict[bytes, int] = {}
    for member in members(plain, end):
        count += 1
        if count > limits.members:
            raise UsageError(f"it has more than {limits.members} members")
        path = _safe(member.name)
        if not path:
            continue
        entry = _entry(member, path, found, plain)
        sizes[path] = sizes.get(_safe(member.link), 0) if member.type == _HARD_LINK else member.size
        size += sizes[path]
        if size > limits.size:
            raise UsageError(f"{escaped(path)}: it unpacks to more than {limits.size} bytes")
        found[path] = entry
        entries.append(entry)
    return entries


def _safe(name: bytes) -> bytes:
    if name.startswith(b"/"):
        raise UsageError(f"{escaped(name)}: an absolute path")
    if b".." in name.split(b"/"):
        raise UsageError(f"{escaped(name)}: a path that leads out of the archive")
    path = posixpath.normpath(name) if name else b"."
    return b"" if path == b"." else path


def _entry(member: Member, path: bytes, found: dict[bytes, Entry], plain: BinaryIO) -> Entry:
    if member.type in _REFUSED:
        raise UsageError(
            f"{escaped(path)}: {_REFUSED[member.type]}, which is not allowed in a source"
        )
    if member.type == _FOLDER:
        return folder(path, member.mtime)
    if member.type == _LINK:
        return link(path, member.link, member.mtime)
    if member.type == _HARD_LINK:
        return _copied(member, path, found)
    if member.type != _FILE:
        raise UsageError(f"{escaped(path)}: an unknown kind of member ({escaped(member.type)!r})")
    opener: Callable[[], Content] = partial(_content, plain, member.offset, member.size)
    return Entry(
        path=path, kind=EntryKind.FILE, mode=member.mode, mtime=member.mtime, open=opener
    )  # fmt: skip


def _copied(member: Member, path: bytes, found: dict[bytes, Entry]) -> Entry:
    """The file that a hard link names, as a copy."""
    other = found.get(_safe(member.link))
    if other is None or other.kind is EntryKind.FOLDER:
        raise UsageError(
            f"{escaped(path)}: a hard link to {escaped(member.link)}, which is not an earlier file"
        )
    return attrs.evolve(other, path=path)


@contextmanager
def _content(plain: BinaryIO, offset: int, size: int) -> Iterator[tuple[int, Readable]]:
    plain.seek(offset)
    yield size, plain


def _without_top(tree: list[Entry]) -> Iterator[Entry]:
    # The commit hash that `git archive` writes; an old tar unpacks it as a file.
    tree = [entry for entry in tree if entry.path != b"pax_global_header"]
    tops = [entry for entry in tree if b"/" not in entry.path]
    if len(tops) != 1 or tops[0].kind is not EntryKind.FOLDER:
        yield from tree
        return
    for entry in tree:
        if entry is not tops[0]:
            yield attrs.evolve(entry, path=entry.path[len(tops[0].path) + 1 :])
