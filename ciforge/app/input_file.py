"""Files named on the command line: regular files and pipes, read within limits."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ciforge.errors import UsageError

_KINDS = (
    (stat.S_ISDIR, "a folder"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)  # fmt: skip


@contextmanager
def open_input(file: Path) -> Iterator[IO[bytes]]:
    """A stream of a file or a pipe; a pipe without a writer is empty.

    Raises UsageError for a folder, a device or a socket, and OSError.
    """
    # Without O_NONBLOCK, opening a pipe waits for a writer.
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        mode = os.fstat(descriptor).st_mode
        for is_kind, name in _KINDS:
            if is_kind(mode):
                raise UsageError(f"{file}: is {name}, not a file")
        os.set_blocking(descriptor, True)
        yield stream


def read_input(file: Path, limit: int) -> bytes:
    """The contents of a small file. Raises UsageError if it is larger, and OSError."""
    with open_input(file) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise UsageError(f"{file}: larger than {limit} bytes")
    return data


class Bounded:
    """A stream that raises UsageError after a maximum number of bytes or lines."""

    def __init__(self, stream: IO[bytes], name: str, size: int, lines: int) -> None:
        self._stream, self._name = stream, name
        self._size, self._lines = size, lines
        self._left, self._more = size, lines

    def readline(self, limit: int = -1) -> bytes:
        """The next line, or at most `size` bytes of it."""
        line = self._stream.readline(limit)
        self._left -= len(line)
        self._more -= 1
        if self._left < 0 or self._more < 0:
            raise UsageError(
                f"{self._name}: has more than {self._size >> 20} MiB or {self._lines} lines",
                hint="the cause is usually near the end of a log: tail -c 64M",
            )
        return line
