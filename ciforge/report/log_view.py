"""A log for a page: a short one completely, a long one with its ends, steps and lines around findings.

Lines are counted by their line ends, from 1. Memory does not depend on the length of the log or of
a line.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import attrs

from ciforge.model.log_marks import STEP_IN_BYTES
from ciforge.sanitize import safe_line

HEAD, TAIL = 1000, 1000
"""Lines shown from the beginning and from the end."""
AROUND = 40
"""Lines shown before and after a finding."""
_WANTED = 60
"""Findings around which lines are shown."""
_PIECE = 64 * 1024
"""Bytes of a line that are read."""


@attrs.frozen
class LogLine:
    """One line, safe to show; `step` is set if a step begins there."""

    number: int
    text: str
    step: str = ""


@attrs.frozen
class Gap:
    """Lines that are not shown, from `first` to `last`."""

    first: int
    last: int


@attrs.frozen
class LogView:
    """Lines and gaps in their order, and how many lines the log has."""

    parts: tuple[LogLine | Gap, ...]
    total: int

    @property
    def whole(self) -> bool:
        """Whether every line is shown."""
        return not any(isinstance(part, Gap) for part in self.parts)


def view(
    log: Path, wanted: Iterable[int] = (), steps: Collection[str] = (), *,
    head: int = HEAD, tail: int = TAIL,
) -> LogView:  # fmt: skip
    """The lines of a log to show; `wanted` are line numbers of findings. Raises OSError."""
    near = _near(wanted)
    left, kept, total = set(steps), list[LogLine](), 0
    end: deque[tuple[int, bytes]] = deque(maxlen=tail)
    with log.open("rb") as stream:
        for number, data in raw_lines(stream):
            total = number
            step = _step(data) if left else ""
            if step in left or number <= head or number in near:
                left.discard(step)
                kept.append(LogLine(number, safe_line(data), step))
            else:
                end.append((number, data))
    kept += [LogLine(number, safe_line(data)) for number, data in end]
    return LogView(tuple(_with_gaps(sorted(kept, key=lambda line: line.number))), total)


def raw_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of every line; only the beginning of a very long one."""
    number = 0
    while data := stream.readline(_PIECE):
        number += 1
        rest = data
        while not rest.endswith(b"\n") and (rest := stream.readline(_PIECE)):
            pass
        yield number, data


def _near(wanted: Iterable[int]) -> frozenset[int]:
    chosen = list(dict.fromkeys(number for number in wanted if number > 0))[:_WANTED]
    return frozenset(
        near for number in chosen for near in range(max(1, number - AROUND), number + AROUND + 1)
    )


def _step(data: bytes) -> str:
    match = STEP_IN_BYTES.fullmatch(data)
    return match[1].decode() if match else ""


def _with_gaps(lines: list[LogLine]) -> Iterator[LogLine | Gap]:
    """Lines, and a gap wherever lines are missing."""
    before = 0
    for line in lines:
        if line.number > before + 1:
            yield Gap(before + 1, line.number - 1)
        yield line
        before = line.number
