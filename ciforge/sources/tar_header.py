"""Headers of tar entries, byte for byte those of `tarfile`, whose own code takes most of the time of a large tree."""

import tarfile

from ciforge.sources.tree_entry import EntryKind

_TYPES = {
    EntryKind.FILE: tarfile.REGTYPE,
    EntryKind.FOLDER: tarfile.DIRTYPE,
    EntryKind.LINK: tarfile.SYMTYPE,
}
_NAME = tarfile.LENGTH_NAME
_LARGEST = 8**11
"""The first size that eleven octal digits cannot hold."""
# The owner is 0:0 without a name, the checksum is counted as eight spaces, and no entry is a device.
_HEAD = b"%b%07o\x000000000\x000000000\x00%011o\x00%011o\x00"
_TAIL = b"ustar\x0000" + bytes(247)
_SPACES = 8 * ord(" ")
_END_OF_FILE = tarfile.REGTYPE + bytes(_NAME) + _TAIL
"""What follows the checksum of a file."""
_SUM_OF_FILE = sum(_END_OF_FILE) + _SPACES


def tar_header(
    kind: EntryKind, path: bytes, *, mode: int, mtime: int, size: int, target: bytes
) -> bytes:
    """The header of an entry that belongs to 0:0, in pax format; `mtime` is what eleven octal digits can hold."""
    name = path + b"/" if kind is EntryKind.FOLDER else path
    short = len(name) <= _NAME and len(target) <= _NAME and size < _LARGEST
    if not (short and name.isascii() and target.isascii()):
        return _any_header(kind, path, mode, mtime, size, target)
    head = _HEAD % (name.ljust(_NAME, b"\0"), mode & 0o7777, size, mtime)
    if kind is EntryKind.FILE and not target:  # most entries are
        return b"%b%06o\x00 %b" % (head, sum(head) + _SUM_OF_FILE, _END_OF_FILE)
    tail = _TYPES[kind] + target.ljust(_NAME, b"\0") + _TAIL
    checksum = sum(head) + sum(tail) + _SPACES
    return b"%b%06o\x00 %b" % (head, checksum, tail)


def _any_header(
    kind: EntryKind, path: bytes, mode: int, mtime: int, size: int, target: bytes
) -> bytes:
    info = tarfile.TarInfo(path.decode(errors="surrogateescape"))
    info.type, info.mode, info.mtime, info.size = _TYPES[kind], mode, mtime, size
    info.linkname = target.decode(errors="surrogateescape")
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
