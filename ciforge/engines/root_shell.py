"""A shell of root that stays in a container, so that a question there needs no exec of its own.

It is there only while no process of the job can be root: such a process could change what it answers.
"""

import re
import secrets
import shlex
import time
from collections.abc import Sequence

from ciforge.engines.client import Connection, translated
from ciforge.engines.exec_stream import Stream
from ciforge.errors import EngineError

_SHELL = "/bin/sh"
"""Not the first `sh` in PATH, which a job may have installed."""
_TICK = 0.25
_TO_START, _TO_END = 20.0, 5.0
"""Seconds that it has to start, and to end."""
_MARK = 32
"""Digits of a mark."""


class RootShell:
    """The shell of one container; it starts with the first command, and again after `resume`."""

    def __init__(self, connection: Connection, container: str) -> None:
        self._connection = connection
        self._container = container
        self._allowed = True
        self._broken = False
        self._stream: Stream | None = None

    def pause(self) -> None:
        """Ends it, and starts no other one until `resume`: a process of the job is about to be root."""
        self._allowed = False
        self._end()

    def resume(self) -> None:
        """Lets it start again: no process of the job is root any more."""
        self._allowed = True

    def close(self) -> None:
        """Ends it some time soon, by the end of its input."""
        self._allowed = False
        if self._stream:
            self._stream.close()
            self._stream = None

    def ask(self, command: Sequence[str], until: float, most: int) -> bytes | None:
        """The output of a command that succeeded, at most so many bytes, by a moment of the monotonic clock.

        None if it failed or is late, or if there is no shell: it then has to be run by an exec of its
        own, which says why; a shell in a container that is full of processes cannot even start it.
        Raises EngineError if it prints too much.
        """
        try:
            if not self._is_ready():
                return None
            return self._answer(f"{shlex.join(command)} </dev/null", until, most)
        except (OSError, ValueError):
            self._broken = True
        except EngineError:
            self._broken = True
            raise
        finally:
            if self._broken:
                self._end()
        return None

    def _is_ready(self) -> bool:
        """Whether it runs, now at the latest. Raises OSError, ValueError."""
        if self._stream or not self._allowed or self._broken:
            return self._stream is not None
        client = self._connection.client()
        try:
            with translated("starting a shell in the container"):
                made = client.exec_create(self._container, [_SHELL], user="root", stdin=True)["Id"]
                self._stream = Stream(client.exec_start(made, socket=True))
            if self._answer("", time.monotonic() + _TO_START, 0) is None:
                raise ValueError("it does not answer")
        except EngineError as error:
            raise ValueError("it does not start") from error
        return True

    def _answer(self, line: str, until: float, most: int) -> bytes | None:
        """The output of a line up to the mark that follows it; None if its exit code is not 0.

        Raises EngineError if it is too long, OSError if it is late or the shell ended."""
        assert self._stream
        mark = secrets.token_hex(_MARK // 2)
        # Only the standard input of the shell has the mark, so that no process can print it.
        self._stream.send(f"{line}\nprintf '\\n%s %s\\n' {mark} $?\n".encode())
        end, output = re.compile(rf"\n{mark} (\d+)\n".encode()), bytearray()
        while (data := self._stream.read(_TICK)) is not None:
            output += data
            if match := end.search(output, max(0, len(output) - len(data) - 2 * _MARK)):
                return None if int(match[1]) else bytes(output[: match.start()])
            if time.monotonic() > until:
                raise TimeoutError("the shell in the container does not answer")
            if len(output) > most + 2 * _MARK:
                raise EngineError("the output of a command in the container is too long")
        raise ConnectionError("the shell in the container ended")

    def _end(self) -> None:
        """Ends it, and waits for that, so that nothing can use it any more."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            stream.send(b"exit\n")
            until = time.monotonic() + _TO_END
            while stream.read(_TICK) is not None and time.monotonic() < until:
                pass
        except (OSError, ValueError):
            pass  # it has ended, or ends with its connection
        finally:
            stream.close()
