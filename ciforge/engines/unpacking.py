"""Unpacks a large source by the tar of the container: quicker than the engine's, and of the right owner at once."""

import shlex
import time
from pathlib import Path

from ciforge.engines.client import Connection, translated
from ciforge.engines.exec_stream import Stream
from ciforge.errors import EngineError

LARGE = 16 * 1024 * 1024
"""Bytes of a tar file from which on that is worth a program of its own."""
_USER = "ciforge"
_BLOCK = 1 << 20
_TICK, _PAUSE, _LONGEST = 0.25, 0.01, 900.0
"""Seconds: of a read, between two questions whether it has ended, and for all."""
_SCRIPT = """
tar --version 2>/dev/null | grep -q '^tar (GNU tar)' || exit 1
head -c {size} | tar -x -p -f - -C {folder} 2>/dev/null
"""
"""busybox knows no long names in pax format. The exit code is that of tar."""


def unpacked(connection: Connection, container: str, archive: Path, folder: str) -> bool:
    """Whether the files of the archive are in the folder, as those of the unprivileged user.

    False where the container has no GNU tar, or it failed: the engine then has to unpack the archive,
    and says why. Nothing of a job may have run in the container.
    """
    script = _SCRIPT.format(size=archive.stat().st_size, folder=shlex.quote(folder))
    try:
        with translated(f"copying {archive.name} into the container"):
            client = connection.client()
            command = ["/bin/sh", "-c", script]
            made = client.exec_create(container, command, user=_USER, workdir="/", stdin=True)["Id"]
            _feed(Stream(client.exec_start(made, socket=True)), archive)
            until = time.monotonic() + _LONGEST
            while (seen := client.exec_inspect(made))["Running"] and time.monotonic() < until:
                time.sleep(_PAUSE)
    except EngineError:
        return False
    return bool(seen["ExitCode"] == 0)


def _feed(stream: Stream, archive: Path) -> None:
    """Sends a file to a program, and waits for the end of its output. Raises OSError, ValueError."""
    try:
        with archive.open("rb") as file:
            while block := file.read(_BLOCK):
                stream.send(block)
        until = time.monotonic() + _LONGEST
        while stream.read(_TICK) is not None and time.monotonic() < until:
            pass
    finally:
        stream.close()
