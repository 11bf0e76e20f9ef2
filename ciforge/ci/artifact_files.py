"""The files that are read from an artifact of a hosted job, and where they are written; no others are."""

import lzma
import os
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO

import attrs

from ciforge.errors import CiforgeError

LARGEST = 512 * 1024 * 1024
"""Bytes of one artifact, unpacked; a log has at most 68 MiB, and each file beside it 16."""
LARGEST_RESULT = 16 * 1024 * 1024
"""Bytes of a result.json; one with all packages has some ten thousand."""
_MOST = 200
"""Files of one artifact."""
_LARGEST_DIRECTORY = 1024 * 1024
"""Bytes of an archive's own list of its files, of which each has some hundred."""
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError,
    ValueError, OverflowError, RuntimeError,
)  # fmt: skip
"""Exceptions of reading a damaged archive, or one with an unknown compression."""
_NAME = re.compile(r"(?:result\.json|log\.txt|artifacts/[A-Za-z0-9_][A-Za-z0-9._+,-]{0,127})")


class ArtifactError(CiforgeError):
    """An artifact is none of ours, or is damaged."""

    exit_code = 3


@attrs.frozen
class ArtifactFile:
    """One file of an artifact, by its path in the job's folder."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


def of_folder(folder: Path) -> list[ArtifactFile]:
    """The files of an unpacked artifact; links and what has another name stay where they are."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if _NAME.fullmatch(name) and stat.S_ISREG(path.lstat().st_mode):
            found.append(ArtifactFile(name, path.stat().st_size, partial(_readable, path)))
    return _bounded(found, str(folder))


def _readable(path: Path) -> IO[bytes]:
    return path.open("rb")


def open_archive(file: IO[bytes], name: str) -> zipfile.ZipFile:
    """A zip archive, whose list of files is small. Raises ArtifactError."""
    try:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 65557))
        end = file.read().rpartition(b"PK\x05\x06")[2]
        if len(end) >= 18 and int.from_bytes(end[8:12], "little") > _LARGEST_DIRECTORY:
            raise ArtifactError(f"{name}: contains more files than {_MOST}")
        return zipfile.ZipFile(file)
    except (*_DAMAGE, OSError) as error:
        raise ArtifactError(f"{name}: damaged: {error}") from None


def temporary_archive(write: Callable[[IO[bytes]], object], name: str) -> zipfile.ZipFile:
    """The archive that `write` writes to an unnamed temporary file; close it. Raises ArtifactError, and what `write` raises."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the archive, which alone refers to it
    try:
        write(file)
        return open_archive(file, name)
    except BaseException:
        file.close()
        raise


def of_archive(archive: zipfile.ZipFile, name: str) -> list[ArtifactFile]:
    """The files of an artifact as the service packs it. Raises ArtifactError."""
    found = [
        ArtifactFile(entry.filename, entry.file_size, partial(archive.open, entry))
        for entry in archive.infolist()
        if _NAME.fullmatch(entry.filename) and not entry.flag_bits & 1
    ]
    return _bounded(found, name)


def _bounded(pieces: list[ArtifactFile], name: str) -> list[ArtifactFile]:
    names = {piece.name for piece in pieces}
    if "result.json" not in names:
        raise ArtifactError(f"{name}: holds no result.json")
    if len(names) < len(pieces):
        raise ArtifactError(f"{name}: contains a file twice")
    if len(pieces) > _MOST or sum(piece.size for piece in pieces) > LARGEST:
        raise ArtifactError(f"{name}: contains more than {_MOST} files or {LARGEST} bytes")
    return pieces


def write(pieces: list[ArtifactFile], folder: Path) -> None:
    """Copies them into a job's folder, `result.json` last. Raises ArtifactError, OSError."""
    for piece in sorted(pieces, key=lambda piece: piece.name == "result.json"):
        target = folder / piece.name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = target.with_name(f".{target.name}.new")
        try:
            with piece.open() as source, new.open("wb") as stream:
                shutil.copyfileobj(_Limited(source, piece), stream)
        except _DAMAGE as error:
            raise ArtifactError(f"{piece.name}: damaged: {error}") from None
        new.replace(target)


def head(pieces: Sequence[ArtifactFile]) -> bytes:
    """Its result.json. Raises ArtifactError, OSError."""
    piece = next(piece for piece in pieces if piece.name == "result.json")
    if piece.size > LARGEST_RESULT:
        raise ArtifactError(f"result.json: larger than {LARGEST_RESULT} bytes")
    try:
        with piece.open() as stream:
            return _Limited(stream, piece).read(LARGEST_RESULT + 1)
    except _DAMAGE as error:
        raise ArtifactError(f"result.json: damaged: {error}") from None


class _Limited:
    """A stream that ends where its directory says: an archive may promise little and hold much."""

    def __init__(self, source: IO[bytes], piece: ArtifactFile) -> None:
        self._source, self._left, self._name = source, piece.size, piece.name

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise ArtifactError(f"{self._name}: is larger than its header says")
        return data


def folders(top: Path) -> Iterator[Path]:
    """Unpacked artifacts: `top` itself, or each folder in it that holds a result; no link."""
    if _is_plain(top / "result.json"):
        yield top
        return
    for path in sorted(top.iterdir()):
        if path.is_dir() and not path.is_symlink() and _is_plain(path / "result.json"):
            yield path


def _is_plain(file: Path) -> bool:
    return file.is_file() and not file.is_symlink()
