"""Reads the text files of a tree within limits; links and other files are not read."""

import functools
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import attrs

from ciforge.draft.evidence import TextFile
from ciforge.sanitize import short_line
from ciforge.untrusted import read_inside

LIMIT = 1 << 20
"""Maximum size of one file, in bytes."""
TOTAL = 1 << 26
"""Maximum size of all files, in bytes."""
NAMES = 20_000
DEPTH = 12
"""Maximum depth of folders."""

BUNDLED = frozenset((
    "third_party", "thirdparty", "third-party", "vendor", "external", "extern", "subprojects",
))  # fmt: skip
"""Folders of copies of other projects."""
ASIDE = BUNDLED | frozenset((
    "test", "tests", "examples", "example", "doc", "docs", "fuzz", "fuzzing", "bench", "benchmarks",
))  # fmt: skip
"""Folders that rarely concern the build of the project itself."""


@attrs.define
class TreeReader:
    """A tree: its folder, the names of its files, and what could not be read."""

    root: Path
    names: tuple[str, ...]
    doubts: list[str] = attrs.field(factory=list)
    _left: int = TOTAL
    _read: dict[str, TextFile | None] = attrs.field(factory=dict)
    _set: frozenset[str] = attrs.field(init=False)

    @_set.default
    def _make_set(self) -> frozenset[str]:
        return frozenset(self.names)

    def read(self, name: str, limit: int = LIMIT) -> TextFile | None:
        """The text of a file, or the beginning of a long one; None if it is not readable text.

        A longer file becomes a doubt, unless the caller set `limit`.
        """
        if name not in self._read:
            self._read[name] = self._look(name, min(limit, self._left), report=limit == LIMIT)
        return self._read[name]

    def first(self, *names: str) -> TextFile | None:
        """The first of these that exists and is readable."""
        there = (self.read(name) for name in names if name in self)
        return next((text for text in there if text), None)

    def __contains__(self, name: str) -> bool:
        return name in self._set

    def named(self, *patterns: str, depth: int = 3) -> Iterator[str]:
        """Files whose last parts match a pattern, down to a depth."""
        wanted = _pattern(patterns)
        for name in self.names:
            if name.count("/") <= depth and wanted.fullmatch(name):
                yield name

    def _look(self, name: str, limit: int, *, report: bool) -> TextFile | None:
        problems: list[str] = self.doubts if report else []
        try:
            data = read_inside(self.root, name, limit + 1)
        except OSError as error:
            problems.append(f"{short_line(name, 80)}: not read: {error.strerror or error}")
            return None
        if len(data) > limit:
            problems.append(f"{short_line(name, 80)}: only its first {limit} bytes were read")
        self._left -= min(len(data), limit)
        if b"\0" in data:
            return None
        text = data[:limit].decode(errors="replace")
        return TextFile(name, text.replace("\r\n", "\n").replace("\r", "\n"))


@functools.cache
def _pattern(patterns: tuple[str, ...]) -> "re.Pattern[str]":
    """`*` matches within one part of a path."""
    found = (re.escape(pattern).replace(r"\*", "[^/]*") for pattern in patterns)
    return re.compile(f"(?s:(?:.*/)?(?:{'|'.join(found)}))")


def is_aside(name: str) -> bool:
    """Whether a file belongs to tests, examples or bundled copies."""
    return not ASIDE.isdisjoint(PurePosixPath(name).parts[:-1])


def is_bundled(name: str) -> bool:
    """Whether a file belongs to a bundled copy of another project."""
    return not BUNDLED.isdisjoint(PurePosixPath(name).parts[:-1])


def walk(root: Path) -> tuple[str, ...]:
    """The names of all files and links below, without `.git`; of a huge tree the upper levels."""
    found: list[str] = []
    folders = [""]
    while folders and len(found) < NAMES:
        below: list[str] = []
        for folder in folders:
            for entry in _entries(root / folder):
                name = f"{folder}{entry.name}"
                if not entry.is_dir(follow_symlinks=False):
                    found.append(name)
                elif entry.name != ".git" and name.count("/") < DEPTH:
                    below.append(f"{name}/")
        folders = below
    return tuple(found[:NAMES])


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []
