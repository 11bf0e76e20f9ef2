"""A job's `log.txt`: bytes as they came, bounded by head and tail."""

from collections import deque
from pathlib import Path
from types import TracebackType

HEAD = 64 * 1024 * 1024
TAIL = 4 * 1024 * 1024
"""Bytes that are kept from the beginning and from the end of a longer log."""


class LogFile:
    """Written as output comes; past the cap the end is kept in memory and written at close."""

    def __init__(self, path: Path, *, head: int = HEAD, tail: int = TAIL) -> None:
        self._file = path.open("wb", buffering=0)
        self._room = head
        self._most = tail
        self._tail: deque[bytes] = deque()
        self._held = 0
        self._dropped = 0

    def write(self, data: bytes) -> None:
        """Append what came."""
        now, later = data[: self._room], data[self._room :]
        if now:
            self._file.write(now)
            self._room -= len(now)
        if later:
            self._hold(later)

    def _hold(self, data: bytes) -> None:
        self._tail.append(data)
        self._held += len(data)
        while self._held - len(self._tail[0]) >= self._most:
            first = self._tail.popleft()
            self._held -= len(first)
            self._dropped += len(first)

    @property
    def full(self) -> bool:
        """Whether more has come than the head can hold."""
        return self._held > 0

    def close(self) -> None:
        """Write the end, with a mark before it where something is missing."""
        if self._dropped:
            self._file.write(b"\n--- ciforge: %d bytes are left out here ---\n" % self._dropped)
        for piece in self._tail:
            self._file.write(piece)
        self._tail.clear()
        self._file.close()

    def __enter__(self) -> "LogFile":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
