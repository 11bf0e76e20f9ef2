"""The source in a machine as ciforge knows it: what was copied there, and what observed steps made of it."""

import hashlib
import json
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs

from ciforge.engines.step_observer import MadeFile
from ciforge.sources.tar_reader import members

_COMPILED = (".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".S")
"""Ends of names of files that compilers read."""


@attrs.frozen(kw_only=True)
class SourceFile:
    """A file, link or folder of the source. `offset` is where its contents are in the archive; None:
    in `data`."""

    type: bytes
    mode: int
    mtime: int
    """Nanoseconds since 1970."""
    size: int = 0
    target: str = ""
    data: bytes = b""
    offset: int | None = None


class SourceState:
    """All files of the source by their paths, while steps change it."""

    def __init__(self, archive: Path, files: Mapping[str, SourceFile]) -> None:
        self._archive = archive
        self._files = dict(files)
        self._digests: dict[str, str] = {}

    @classmethod
    def of(cls, archive: Path) -> "SourceState":
        """The state right after the archive was unpacked. Raises OSError, TarError."""
        with archive.open("rb") as file:
            found = {
                member.name.rstrip(b"/").decode("utf-8", "surrogateescape"): SourceFile(
                    type=member.type, mode=member.mode & 0o7777, mtime=member.mtime * 10**9,
                    size=member.size, target=member.link.decode("utf-8", "surrogateescape"),
                    offset=member.offset,
                )
                for member in members(file, archive.stat().st_size)
            }  # fmt: skip
        return cls(archive, found)

    def copy(self) -> "SourceState":
        """The same, to be changed by itself; digests that are known are shared."""
        other = SourceState(self._archive, self._files)
        other._digests = dict(self._digests)
        return other

    def get(self, path: str) -> SourceFile | None:
        """The file of that path; None where there is none."""
        return self._files.get(path)

    def files(self) -> Iterable[tuple[str, SourceFile]]:
        """All paths with their files, in the order of the archive."""
        return self._files.items()

    def add(self, made: Iterable[MadeFile]) -> None:
        """Adds what a step made, and replaces what it changed."""
        for file in made:
            self._digests.pop(file.path, None)
            self._files[file.path] = SourceFile(
                type=file.type, mode=file.mode, mtime=file.mtime, size=len(file.data),
                target=file.target, data=file.data,
            )  # fmt: skip

    def content(self, path: str) -> bytes:
        """The bytes of a file. Raises OSError, KeyError."""
        file = self._files[path]
        if file.offset is None:
            return file.data
        with self._archive.open("rb") as archive:
            archive.seek(file.offset)
            return archive.read(file.size)

    def digest(self, path: str) -> str:
        """sha256 of the contents of a regular file; empty for anything else. Raises OSError."""
        file = self._files.get(path)
        if file is None or file.type != tarfile.REGTYPE:
            return ""
        if path not in self._digests:
            self._digests[path] = hashlib.sha256(self.content(path)).hexdigest()
        return self._digests[path]

    def shape(self) -> str:
        """A hash of what access times do not show: names, kinds, modes and links, and which files are empty.

        Scripts compare times and sizes of files without reading them. So all files count with contents
        and order, but for those that only compilers read.
        """
        rows = [
            [path, file.type.decode(), file.mode, file.target, file.size == 0]
            for path, file in sorted(self._files.items())
        ]
        others = [
            path
            for path, file in sorted(self._files.items())
            if file.type == tarfile.REGTYPE and not path.endswith(_COMPILED)
        ]
        parts = [rows, [self.digest(path) for path in others], self.order(others)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def order(self, paths: Iterable[str]) -> tuple[int, ...]:
        """Which of the files are older than which: the rank of the time of each."""
        times = [self._files[path].mtime for path in paths]
        ranks = {time: rank for rank, time in enumerate(sorted(set(times)))}
        return tuple(ranks[time] for time in times)

    def oldest(self) -> int:
        """The earliest time of a file, in nanoseconds since 1970."""
        return min((file.mtime for file in self._files.values()), default=0)

    def is_of_the_future(self, now: int) -> bool:
        """Whether a file is newer than `now`."""
        return any(file.mtime > now for file in self._files.values())

    def newest(self, now: int) -> int:
        """The latest time that is not after `now`, in nanoseconds since 1970."""
        times = (file.mtime for file in self._files.values())
        return max((time for time in times if time <= now), default=0)
