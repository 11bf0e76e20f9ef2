"""What an artifact of a hosted job may bring along: nothing else leaves it, and nowhere else it goes."""

import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

import attrs

from ciforge.errors import CiforgeError

LARGEST = 512 * 1024 * 1024
"""Bytes of one artifact, unpacked; a log has at most 68 MiB, and each file beside it 16."""
_MOST = 200
"""Files of one artifact."""
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
"""What reading a damaged archive raises, or one packed in a way that Python does not know."""
_NAME = re.compile(r"(?:result\.json|log\.txt|artifacts/[A-Za-z0-9_][A-Za-z0-9._+-]{0,127})")


class ArtifactError(CiforgeError):
    """An artifact is none of ours, or is damaged."""

    exit_code = 3


@attrs.frozen
class Piece:
    """One file of an artifact, by its path in the job's folder."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


def of_folder(folder: Path) -> list[Piece]:
    """The files of an unpacked artifact; links and what has another name stay where they are."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if _NAME.fullmatch(name) and stat.S_ISREG(path.lstat().st_mode):
            found.append(Piece(name, path.stat().st_size, partial(_readable, path)))
    return _bounded(found, str(folder))


def _readable(path: Path) -> IO[bytes]:
    return path.open("rb")


def of_archive(archive: zipfile.ZipFile, name: str) -> list[Piece]:
    """The files of an artifact as the service packs it. Raises ArtifactError."""
    found = [
        Piece(entry.filename, entry.file_size, partial(archive.open, entry))
        for entry in archive.infolist()
        if _NAME.fullmatch(entry.filename) and not entry.flag_bits & 1
    ]
    return _bounded(found, name)


def _bounded(pieces: list[Piece], name: str) -> list[Piece]:
    if "result.json" not in {piece.name for piece in pieces}:
        raise ArtifactError(f"{name}: holds no result.json")
    if len(pieces) > _MOST or sum(piece.size for piece in pieces) > LARGEST:
        raise ArtifactError(f"{name}: holds more than {_MOST} files or {LARGEST} bytes")
    return pieces


def write(pieces: list[Piece], folder: Path) -> None:
    """Copies them into a job's folder, `result.json` last. Raises ArtifactError, OSError."""
    for piece in sorted(pieces, key=lambda one: one.name == "result.json"):
        target = folder / piece.name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = target.with_name(f".{target.name}.new")
        try:
            with piece.open() as source, new.open("wb") as stream:
                shutil.copyfileobj(_Limited(source, piece), stream)
        except _DAMAGE as error:
            raise ArtifactError(f"{piece.name}: damaged: {error}") from None
        new.replace(target)


class _Limited:
    """A stream that ends where its directory says: an archive may promise little and hold much."""

    def __init__(self, source: IO[bytes], piece: Piece) -> None:
        self._source, self._left, self._name = source, piece.size, piece.name

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise ArtifactError(f"{self._name}: is larger than it says")
        return data


def folders(top: Path) -> Iterator[Path]:
    """Unpacked artifacts: `top` itself, or each folder in it that holds a result."""
    if (top / "result.json").is_file():
        yield top
        return
    for path in sorted(top.iterdir()):
        if path.is_dir() and not path.is_symlink() and (path / "result.json").is_file():
            yield path
