"""A job's `log.txt`: bytes as they came, bounded by head and tail."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from ciforge.errors import EngineError
from ciforge.model.log_marks import gap_mark

HEAD = 64 * 1024 * 1024
TAIL = 4 * 1024 * 1024
"""Bytes that are kept from the beginning and from the end of a longer log."""


class LogLost(EngineError):
    """The output of a job cannot be written, so its failure could not be explained."""


class LogFile:
    """Written as output comes; past the cap the end is kept in memory and written at close.

    Every method raises LogLost where the disk does not take it.
    """

    def __init__(self, path: Path, *, head: int = HEAD, tail: int = TAIL) -> None:
        with _explained():
            self._file = path.open("wb", buffering=0)
        self._room = head
        self._most = tail
        self._tail = bytearray()
        self._dropped = 0

    def write(self, data: bytes) -> None:
        """Append what came."""
        now, later = data[: self._room], data[self._room :]
        if now:
            self._put(now)
            self._room -= len(now)
        if later:
            self._tail += later
            if len(self._tail) > 2 * self._most:
                self._trim()

    def _put(self, data: bytes | bytearray) -> None:
        """All of it: a disk that is nearly full takes a part and says nothing."""
        rest = memoryview(data)
        with _explained():
            while rest:
                rest = rest[self._file.write(rest) :]

    def _trim(self) -> None:
        """Leaves of the end what is to be kept."""
        extra = max(0, len(self._tail) - self._most)
        del self._tail[:extra]
        self._dropped += extra

    @property
    def full(self) -> bool:
        """Whether more has come than the head can hold."""
        return bool(self._tail)

    def close(self) -> None:
        """Write the end, with a mark before it where something is missing."""
        self._trim()
        try:
            if self._dropped:
                self._put(f"\n{gap_mark(self._dropped)}\n".encode())
            self._put(bytes(self._tail))
        finally:
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


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LogLost(f"the log cannot be written: {error.strerror or error}") from None
