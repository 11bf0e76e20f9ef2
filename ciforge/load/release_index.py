"""The releases of a folder of descriptors by their names alone, without reading the descriptors."""

import functools
import re
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from ciforge.load.text_file import read_text

_RELEASE = re.compile(r"""release: *["']?([A-Za-z0-9._+-]+)""")
_BEFORE = re.compile(r"[\w.-]")
_LIKE = re.compile(r"""^like: *["']?([A-Za-z0-9._+-]+)""", re.MULTILINE)
_MANAGER = re.compile(r"""^manager: *["']?([A-Za-z0-9._+-]+)""", re.MULTILINE)
_REFERENCE = re.compile(r"""(?:like|manager)["']?\s*:\s*["']?([A-Za-z0-9._+-]+)""")
_CROSS = re.compile(r"""\bcross["']?\s*:""")


class ReleaseIndex:
    """The distributions of one folder: ids of releases, parents, managers.

    It is exact for descriptors in the style of ciforge's own; no others are read by it."""

    def __init__(self, folder: Path) -> None:
        files = sorted(folder.glob("*.yml"))
        self._texts = {file.stem: file.read_text(encoding="utf-8") for file in files}
        self._seen: dict[tuple[re.Pattern[str], str], list[str]] = {}

    @functools.cached_property
    def ids(self) -> Mapping[str, tuple[str, ...]]:
        """Distributions to the ids of their releases, inherited ones included."""
        return {
            name: tuple(f"{name}-{each}" for each in self._releases(name)) for name in self._texts
        }

    def without(self, names: Container[str]) -> Mapping[str, tuple[str, ...]]:
        """`ids` without these distributions."""
        return {name: ids for name, ids in self.ids.items() if name not in names}

    def owner(self, release_id: str) -> str:
        """The distribution of a release."""
        return next(name for name, ids in self.ids.items() if release_id in ids)

    def with_parents(self, names: Iterable[str]) -> frozenset[str]:
        """The named distributions and their parents."""
        return frozenset(ancestor for name in names for ancestor in self._line(name))

    def managers(self, names: Iterable[str]) -> frozenset[str]:
        """The package managers of these distributions."""
        lines = (self._found(_MANAGER, ancestor) for name in names for ancestor in self._line(name))
        return frozenset(manager for line in lines for manager in line)

    def crosses(self, names: Iterable[str]) -> bool:
        """Whether a release of these distributions may have a cross check."""
        return any(self._found(_CROSS, ancestor) for name in names for ancestor in self._line(name))

    def _releases(self, name: str) -> list[str]:
        lines = (self._own_releases(ancestor) for ancestor in self._line(name))
        return next((line for line in lines if line), [])

    def _own_releases(self, name: str) -> list[str]:
        """The releases that the file itself lists; keys that only end in `release:` do not count."""
        text = self._texts.get(name, "")
        found = _RELEASE.finditer(text)
        return [
            match[1]
            for match in found
            if not _BEFORE.match(text, max(0, match.start() - 1), match.start())
        ]

    def _line(self, name: str) -> list[str]:
        """The distribution and its parents, the nearest first."""
        line = [name]
        while (found := self._found(_LIKE, line[-1])) and found[0] not in line:
            line.append(found[0])
        return line

    def _found(self, pattern: re.Pattern[str], name: str) -> list[str]:
        key = (pattern, name)
        if key not in self._seen:
            self._seen[key] = pattern.findall(self._texts.get(name, ""))
        return self._seen[key]


class OwnDescriptors:
    """The references of descriptors beside a project, read from their texts in any style.

    A reference that is not recognized shows when they are read: then their parent is not there."""

    def __init__(self, folder: Path) -> None:
        """Raises UsageError if a file cannot be read."""
        self._texts = {file.stem: read_text(file) for file in sorted(folder.glob("*.y*ml"))}

    @property
    def references(self) -> frozenset[str]:
        """Names of distributions that they replace or inherit from, and of managers."""
        found = {name for text in self._texts.values() for name in _REFERENCE.findall(text)}
        return frozenset(found | self._texts.keys())

    @property
    def names(self) -> frozenset[str]:
        """The distributions that they describe."""
        return frozenset(self._texts)

    @property
    def cross(self) -> bool:
        """Whether a release of theirs may have a cross check."""
        return any(map(_CROSS.search, self._texts.values()))
