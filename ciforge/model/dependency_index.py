"""Looking up which dependency a header, library, pkg-config module, macro, tool or symbol belongs to."""

from collections.abc import Iterable, Mapping

from ciforge.model.dependency_table import DependencyRow


class DependencyIndex:
    """Dependencies by the names in the rows; every look-up is empty if the name is unknown."""

    def __init__(self, rows: Iterable[DependencyRow]) -> None:
        rows = tuple(rows)
        self._headers = _index(rows, "headers")
        self._libraries = _index(rows, "libraries")
        self._modules = _index(rows, "modules")
        self._packages = _index(rows, "cmake")
        self._macros = _index(rows, "macros")
        self._tools = _index(rows, "tools")
        self._symbols = _index(rows, "symbols")
        self._names = {row.dependency for row in rows}

    def header(self, name: str) -> str:
        """The dependency that has a header: `libevent` for `event2/event.h`."""
        return _longest(self._headers, name, "/")

    def library(self, name: str) -> str:
        """The dependency that has a library, such as `event_core`, without `-l`."""
        return self._libraries.get(name, "")

    def module(self, name: str) -> str:
        """The dependency that has a pkg-config module, such as `libssl`."""
        return self._modules.get(name, "")

    def package(self, name: str) -> str:
        """The dependency that has a CMake package, such as `ZLIB`."""
        return self._packages.get(name, "")

    def macro(self, name: str) -> str:
        """The dependency whose m4 files define a macro, such as `PKG_CHECK_MODULES`."""
        return _longest(self._macros, name, "*")

    def tool(self, name: str) -> str:
        """The dependency that has a program, such as `libtoolize`."""
        return self._tools.get(name, "")

    def symbol(self, name: str) -> str:
        """The dependency that has a function, such as `SSL_CTX_new`."""
        return _longest(self._symbols, name, "*")

    def names_of(self, kind: str) -> tuple[str, ...]:
        """The names of a kind: `pkg-config`, `header`, `library` or `command`."""
        indexes = {
            "pkg-config": self._modules, "header": self._headers,
            "library": self._libraries, "command": self._tools,
        }  # fmt: skip
        return tuple(indexes[kind])

    def anything(self, name: str) -> str:
        """The dependency of a name that configure checked for, whatever its kind."""
        if name in self._names:
            return name
        asked = (self.header, self.module, self.library, self.tool, self.symbol)
        return next((found for ask in asked if (found := ask(name))), "")


def _index(rows: Iterable[DependencyRow], attribute: str) -> dict[str, str]:
    return {name: row.dependency for row in rows for name in getattr(row, attribute)}


def _longest(index: Mapping[str, str], name: str, mark: str) -> str:
    """The entry for the whole name, else the longest one that begins it and ends in `mark`."""
    if name in index:
        return index[name]
    for end in range(len(name), 0, -1):
        begin = name[:end] if mark == "/" else f"{name[:end]}{mark}"
        if begin in index and begin.endswith(mark):
            return index[begin]
    return ""
