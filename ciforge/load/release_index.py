"""The releases of a folder of descriptors by their names alone, without reading the descriptors."""

import re
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

_RELEASE = re.compile(r"""(?<![\w.-])release: *["']?([A-Za-z0-9._+-]+)""")
_LIKE = re.compile(r"""^like: *["']?([A-Za-z0-9._+-]+)""", re.MULTILINE)
_MANAGER = re.compile(r"""^manager: *["']?([A-Za-z0-9._+-]+)""", re.MULTILINE)


class ReleaseIndex:
    """The distributions of one folder: ids of releases, parents, managers.

    It is exact for descriptors in the style of ciforge's own; no others are read by it."""

    def __init__(self, folder: Path) -> None:
        files = sorted(folder.glob("*.yml"))
        self._texts = {file.stem: file.read_text(encoding="utf-8") for file in files}
        self._seen: dict[tuple[re.Pattern[str], str], list[str]] = {}

    @property
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
        return frozenset(one for name in names for one in self._line(name))

    def managers(self, names: Iterable[str]) -> frozenset[str]:
        """The package managers of these distributions."""
        lines = (self._found(_MANAGER, one) for name in names for one in self._line(name))
        return frozenset(manager for found in lines for manager in found)

    def _releases(self, name: str) -> list[str]:
        lines = (self._found(_RELEASE, one) for one in self._line(name))
        return next((found for found in lines if found), [])

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
