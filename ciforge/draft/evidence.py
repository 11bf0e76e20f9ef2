"""What a tree gives away: signs, each with the place that it was read from."""

import bisect
import enum
import re

import attrs

from ciforge.sanitize import short_line

WIDTH = 60
"""Characters of a line that a clue shows."""


class RequirementKind(enum.Enum):
    """What a sign names."""

    LIBRARY = "library"
    """What follows `-l`."""
    HEADER = "header"
    MODULE = "pkg-config"
    """A name that pkg-config knows."""
    CMAKE = "CMake package"
    """A name that `find_package` knows."""
    TOOL = "tool"
    """A program, or a dependency by its own name."""


@attrs.frozen(kw_only=True)
class SourceLine:
    """One line of one file, fit to be shown: printable and short."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}: {self.text}"
            if self.line
            else f"{self.file} {self.text}".strip()
        )


@attrs.frozen(kw_only=True)
class Requirement:
    """Something that a build may need."""

    kind: RequirementKind
    name: str
    clue: SourceLine
    firm: bool = True
    """Whether it is worth a word when nobody knows the name."""


@attrs.frozen
class TextFile:
    """A file's name and text, which knows its lines."""

    name: str
    text: str
    _starts: list[int] = attrs.field(init=False, repr=False)

    @_starts.default
    def _find_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def line(self, offset: int) -> int:
        """The number, from 1, of the line that the character at `offset` is in."""
        return bisect.bisect_right(self._starts, offset)

    def clue(self, offset: int, before: str = "") -> SourceLine:
        """The line at `offset`; `before` goes before it."""
        number = self.line(offset)
        begin = self._starts[number - 1]
        end = self.text.find("\n", begin, begin + 4 * WIDTH)
        line = self.text[begin : end if end >= 0 else begin + 4 * WIDTH]
        return SourceLine(
            file=short_line(self.name, 80), line=number, text=short_line(before + line, WIDTH)
        )


def whole(name: str, said: str = "") -> SourceLine:
    """A file as such, or a folder."""
    return SourceLine(file=short_line(name, 80), line=0, text=short_line(said, WIDTH))
