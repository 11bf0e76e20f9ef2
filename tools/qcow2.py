"""A disk image of QEMU (qcow2, version 3, deflate, no backing file) to the bytes of its disk.

The format: https://gitlab.com/qemu-project/qemu docs/interop/qcow2.rst
"""

import struct
import zlib
from typing import IO

_COMPRESSED = 1 << 62
_OFFSET = 0x00FF_FFFF_FFFF_FE00


def expand(source: IO[bytes], target: IO[bytes]) -> None:
    """Writes the disk, with holes. Raises ValueError for an image that it cannot read."""
    header = source.read(48)
    magic, _, backing, _, bits, size, encrypted, entries, table = struct.unpack(
        ">IIQIIQIIQ", header
    )
    if magic != 0x514649FB or backing or encrypted:
        raise ValueError("not a plain qcow2 image")
    cluster, in_table = 1 << bits, 1 << (bits - 3)
    target.truncate(size)
    for index, first in enumerate(_words(source, table, entries)):
        offset = first & _OFFSET
        for place, entry in enumerate(_words(source, offset, in_table) if offset else ()):
            data = _cluster(source, entry, bits)
            if data:
                target.seek((index * in_table + place) * cluster)
                target.write(data[:cluster])


def _words(source: IO[bytes], offset: int, count: int) -> tuple[int, ...]:
    source.seek(offset)
    return struct.unpack(f">{count}Q", source.read(8 * count))


def _cluster(source: IO[bytes], entry: int, bits: int) -> bytes:
    """The bytes of one cluster; none for a hole."""
    if entry & _COMPRESSED:
        shift = 62 - (bits - 8)
        offset = entry & ((1 << shift) - 1)
        sectors = (entry & (_COMPRESSED - 1)) >> shift
        source.seek(offset)
        packed = source.read((sectors + 1) * 512 - offset % 512)
        return zlib.decompressobj(-12).decompress(packed, 1 << bits)
    if not entry & _OFFSET or entry & 1:
        return b""
    source.seek(entry & _OFFSET)
    return source.read(1 << bits)
