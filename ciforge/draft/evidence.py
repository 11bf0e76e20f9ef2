"""Requirements of a source tree, each with its place."""

import bisect
import enum
import re

import attrs

from ciforge.sanitize import short_line

WIDTH = 60
"""Maximum number of characters of a line that is quoted."""


class RequirementKind(enum.Enum):
    """The kind of name that a requirement has."""

    LIBRARY = "library"
    """The name after `-l`."""
    HEADER = "header"
    MODULE = "pkg-config"
    """The name of a pkg-config module."""
    CMAKE = "CMake package"
    """A name for `find_package`."""
    TOOL = "tool"
    """A program, or a dependency by its name."""


@attrs.frozen(kw_only=True)
class SourceLine:
    """One line of one file, printable and short."""

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
    """A name that a build may need."""

    kind: RequirementKind
    name: str
    clue: SourceLine
    firm: bool = True
    """Whether it is reported if its name is unknown."""
    required: bool = False
    """Whether the build ends without it."""


@attrs.frozen
class TextFile:
    """A file's name and text, with access by line."""

    name: str
    text: str
    _starts: list[int] = attrs.field(init=False, repr=False)

    @_starts.default
    def _find_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def line(self, offset: int) -> int:
        """The line number, from 1, of the character at `offset`."""
        return bisect.bisect_right(self._starts, offset)

    def clue(self, offset: int, before: str = "") -> SourceLine:
        """The line at `offset`, after the text `before`."""
        number = self.line(offset)
        begin = self._starts[number - 1]
        end = self.text.find("\n", begin, begin + 4 * WIDTH)
        line = self.text[begin : end if end >= 0 else begin + 4 * WIDTH]
        return SourceLine(
            file=short_line(self.name, 80), line=number, text=short_line(before + line, WIDTH)
        )


def whole(name: str, text: str = "") -> SourceLine:
    """A file or folder as such."""
    return SourceLine(file=short_line(name, 80), line=0, text=short_line(text, WIDTH))
