"""Writes a tar file that is the same, byte by byte, for the same tree."""

import errno
import hashlib
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

import attrs

from ciforge.errors import UsageError
from ciforge.sanitize import escaped
from ciforge.sources.tar_header import tar_header
from ciforge.sources.tree_entry import Entry, EntryKind, MessageHandler, folder

# The maximum of eleven octal digits in a tar header: the year 2242.
_LAST = 8**11 - 1
_DEEPEST = 200
_BLOCK = 1 << 20
_ZEROS = bytes(tarfile.BLOCKSIZE)


class Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


@attrs.frozen(kw_only=True)
class Packed:
    """What was written to a tar file."""

    digest: str
    """sha256 over every path, mode and byte; it does not depend on times and owners."""
    order: str
    """sha256 over which entries are older than which, the only thing that make reads from times."""
    newest: int
    """The latest time of an entry, in seconds since 1970; 0 without entries."""


def pack(entries: Iterable[Entry], archive: Path, on_message: MessageHandler) -> Packed:
    """Writes the tar file.

    Uncompressed pax, parents before children, all owned by 0:0. Raises UsageError as `ordered`
    does.
    """
    digest, times = hashlib.sha256(), list[int]()
    part = archive.with_name(f".{archive.name}.part")
    try:
        with part.open("wb", buffering=_BLOCK) as tar:
            for entry in ordered(entries):
                if _try(tar, entry, digest, on_message):
                    times.append(_mtime(entry))
            tar.write(bytes(2 * tarfile.BLOCKSIZE))
            tar.write(bytes(-tar.tell() % tarfile.RECORDSIZE))
        part.replace(archive)
    finally:
        part.unlink(missing_ok=True)
    return Packed(digest=digest.hexdigest(), order=_order(times), newest=max(times, default=0))


def _try(tar: BinaryIO, entry: Entry, digest: Digest, on_message: MessageHandler) -> bool:
    """Adds an entry; whether its file was still there."""
    try:
        _add(tar, entry, digest)
    except FileNotFoundError:
        on_message(f"{escaped(entry.path)} vanished while it was read: left out")
        return False
    return True


def _order(times: Sequence[int]) -> str:
    """A hash of the order of times: equal for two lists if each pair compares alike."""
    ranks = {time: rank for rank, time in enumerate(sorted(set(times)))}
    return hashlib.sha256(" ".join(str(ranks[time]) for time in times).encode()).hexdigest()


def _mtime(entry: Entry) -> int:
    """The time of an entry within the bounds of a tar header."""
    return min(max(entry.mtime, 0), _LAST)


def ordered(entries: Iterable[Entry]) -> list[Entry]:
    """The entries in order, with every folder above them and without `.git`.

    Raises UsageError for a path that leaves the tree, is repeated, or leads through a link.
    """
    tree: dict[bytes, Entry] = {}
    for entry in entries:
        if b".git" not in _checked(entry, tree):
            tree[entry.path] = entry
    oldest = min((e.mtime for e in tree.values() if e.kind is not EntryKind.FOLDER), default=0)
    for path in list(tree):
        _add_parents(path, tree, oldest)
    return [tree[path] for path in sorted(tree)]


def _checked(entry: Entry, tree: dict[bytes, Entry]) -> list[bytes]:
    """The parts of its path. Raises UsageError for one that leaves the tree, or is repeated."""
    parts = entry.path.split(b"/")
    if b"" in parts or b"." in parts or b".." in parts or b"\0" in entry.path:
        raise UsageError(f"{escaped(entry.path)!r}: a path that leads out of the source")
    if len(parts) > _DEEPEST:
        raise UsageError(f"{escaped(entry.path[:40])}…: more than {_DEEPEST} folders deep")
    same = tree.get(entry.path)
    if same and (same.kind, entry.kind) != (EntryKind.FOLDER, EntryKind.FOLDER):
        raise UsageError(f"{escaped(entry.path)}: this path is in the archive twice")
    return parts


def _add_parents(path: bytes, tree: dict[bytes, Entry], mtime: int) -> None:
    parent = path.rpartition(b"/")[0]
    while parent and parent not in tree:
        tree[parent] = folder(parent, mtime)
        parent = parent.rpartition(b"/")[0]
    # The folders above this one are looked at for its own sake.
    if parent and (above := tree[parent]).kind is not EntryKind.FOLDER:
        raise UsageError(f"{escaped(path)}: its path leads through a {above.kind.value}")


def _add(tar: BinaryIO, entry: Entry, digest: Digest) -> None:
    path, target = entry.path, entry.target
    with entry.open() as (size, stream):
        header = tar_header(
            entry.kind, path, mode=entry.mode, mtime=_mtime(entry), size=size, target=target
        )
        kind = b"file" if entry.kind is EntryKind.FILE else entry.kind.value.encode()
        sizes = (len(path), len(target), size)
        about = b"%s %o %d %d %d\0%s%s" % (kind, entry.mode, *sizes, path, target)
        digest.update(about)
        tar.write(header)
        rest = size
        while rest:
            block = stream.read(min(rest, _BLOCK))
            if not block:
                raise OSError(errno.EIO, "the file is shorter than it was", path)
            digest.update(block)
            tar.write(block)
            rest -= len(block)
        if size:
            tar.write(_ZEROS[: -size % tarfile.BLOCKSIZE])
