"""A step's output as lines to print: repeated lines joined, long lines cut, the last lines kept."""

import re
from collections import deque
from collections.abc import Callable, Sequence

from ciforge.sanitize import LineSplitter, safe_line

TAIL = 25
"""Number of last lines of a failed step that are shown."""
_ERROR = re.compile(r"(?i)\berror\b")
_ECHO = 65536
"""Bytes kept for the last lines after the log is full."""


def error_lines(lines: Sequence[str], number: int) -> list[str]:
    """Returns so many lines from the first one that has the word error, else the last ones."""
    useful = [line for line in lines if line.strip()]
    start = next((at for at, line in enumerate(useful) if _ERROR.search(line)), len(useful))
    return useful[min(start, max(0, len(useful) - number)) :][:number]


class Lines:
    """Splits bytes into safe lines and passes them on; repeated lines become one.

    After `mute`, lines are only kept for the end.
    """

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._splitter = LineSplitter()
        self._tail: deque[str] = deque(maxlen=TAIL)
        self._last = ""
        self._same = 0
        self._muted = False
        self._echo = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes output, which may end anywhere."""
        if self._muted:
            self._echo += data
            del self._echo[:-_ECHO]
            return
        for line in self._splitter.feed(data):
            self._take(safe_line(line))

    def mute(self) -> None:
        """Stops passing lines on, because the log is full."""
        if not self._muted:
            self._take("… ciforge: the output continues; only its end will be shown")
            self._muted = True

    def end(self) -> tuple[str, ...]:
        """Passes on the rest; the last lines."""
        if self._muted:
            self._muted = False
            self._splitter = LineSplitter()
            self.feed(bytes(self._echo))
        for line in self._splitter.flush():
            self._take(safe_line(line))
        self._unfold()
        return tuple(self._tail)

    def _take(self, line: str) -> None:
        if line == self._last and line:
            self._same += 1
            return
        self._unfold()
        self._last = line
        self._give(line)

    def _unfold(self) -> None:
        if self._same:
            repeated = f"… the same line {self._same} more times"
            self._give(self._last if self._same == 1 else repeated)
        self._same = 0

    def _give(self, line: str) -> None:
        self._tail.append(line)
        self._show(line)
