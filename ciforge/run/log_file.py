"""Writes a job's `log.txt`; of long output, the beginning and the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from ciforge.errors import EngineError
from ciforge.model.log_marks import gap_mark

HEAD = 64 * 1024 * 1024
TAIL = 4 * 1024 * 1024
"""Bytes kept from the beginning and from the end of a longer log."""


class LogLost(EngineError):
    """The output of a job cannot be written, so a failure could not be explained."""


class LogFile:
    """Writes output as it arrives; beyond a limit, the end is kept in memory until the file is
    closed.

    Every method raises LogLost if the disk refuses.
    """

    def __init__(self, path: Path, *, head: int = HEAD, tail: int = TAIL) -> None:
        with _explained():
            self._file = path.open("wb", buffering=0)
        self._room = head
        self._most = tail
        self._tail = bytearray()
        self._dropped = 0

    def write(self, data: bytes) -> None:
        """Appends output."""
        now, later = data[: self._room], data[self._room :]
        if now:
            self._put(now)
            self._room -= len(now)
        if later:
            self._tail += later
            if len(self._tail) > 2 * self._most:
                self._trim()

    def _put(self, data: bytes | bytearray) -> None:
        """Writes all bytes: a disk that is nearly full accepts only a part, without an error."""
        rest = memoryview(data)
        with _explained():
            while rest:
                rest = rest[self._file.write(rest) :]

    def _trim(self) -> None:
        """Discards bytes beyond the limit of the end."""
        extra = max(0, len(self._tail) - self._most)
        del self._tail[:extra]
        self._dropped += extra

    @property
    def full(self) -> bool:
        """Whether the output is longer than the beginning that is kept."""
        return bool(self._tail)

    def close(self) -> None:
        """Writes the end, after a mark if something is left out."""
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
