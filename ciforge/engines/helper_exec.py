"""Short helper commands as root in a container that may be full or hostile."""

import time

from docker.errors import APIError

from ciforge.engines.client import Client, Connection, translated
from ciforge.engines.exec_stream import Stream
from ciforge.engines.output_line import last_output_line
from ciforge.engines.root_shell import RootShell
from ciforge.errors import EngineError

_ROOM = 64
"""Processes that a container at its limit may have in addition, for helpers."""

_SHELL = "/bin/sh"
"""Not the first `sh` in PATH, which a job may have installed."""

_NOT_RUN = 126
"""The exit code that an engine reports for a command that it could not start."""

_SHORT, _LONG = 120.0, 900.0
"""Seconds that a command may take: a short one waits for a busy disk, too. Docker 20.10 may miss its end, and
would let us wait for ever."""

_SOON = 30.0
"""Seconds after which a shell that says nothing is given up: its connection may be the reason."""

_TICK = 0.25
_FIRST_PAUSE = 0.005
"""Seconds before a command whose output has ended is looked at again; each pause is twice the last one."""

_HASTE = 5.0
"""The same for a command that may wait for what a step does."""

_MOST = 4 * 1024 * 1024
"""Bytes that it may print."""


class HelperExec:
    """Runs them in one container; `processes` is the limit that it was given.

    With a shell, by that shell as long as it is there."""

    def __init__(
        self,
        connection: Connection,
        container: str,
        processes: int,
        shell: RootShell | None = None,
    ) -> None:
        self._connection = connection
        self._container = container
        self._processes = processes
        self._shell = shell

    def output(self, script: str, *, patient: bool = False) -> bytes:
        """The output of a script, whatever its exit code. Raises EngineError if it cannot be run."""
        code, output = self._tried(script, patient=patient)
        if code == _NOT_RUN:
            self._make_room()
            code, output = self._run([_SHELL, "-c", script], patient=patient)
        if code == _NOT_RUN:
            reason = last_output_line(output) or "nothing can run in it"
            raise EngineError(f"running a command in the container: {reason}")
        return output

    def _tried(self, script: str, *, patient: bool) -> tuple[int | None, bytes]:
        """The first attempt; if nothing can run in a running container, it is at its process limit."""
        try:
            return self._run([_SHELL, "-c", script], patient=patient)
        except EngineError as error:
            if isinstance(error.__cause__, APIError) and error.__cause__.is_server_error():
                return _NOT_RUN, b""
            raise

    def do(self, command: list[str]) -> None:
        """Runs a command that has to succeed, and may take its time. Raises EngineError."""
        code, output = self._run(command, patient=True)
        if code:
            reason = last_output_line(output) or f"exit code {code}"
            raise EngineError(f"{command[0]} failed in the container: {reason}")

    def tell(self, command: list[str], user: str) -> None:
        """Runs a command as the user of a step, and waits for a moment only. Raises EngineError."""
        self._by_exec(command, user, time.monotonic() + _HASTE, self._connection.quick())

    def _run(self, command: list[str], *, patient: bool = False) -> tuple[int | None, bytes]:
        began = time.monotonic()
        until = began + (_LONG if patient else _SHORT)
        soon = until if patient else began + _SOON
        if self._shell and (answer := self._shell.ask(command, soon, _MOST)) is not None:
            return 0, answer
        client = self._connection.client() if patient else self._connection.quick()
        return self._by_exec(command, "root", until, client)

    def _by_exec(
        self, command: list[str], user: str, until: float, client: Client
    ) -> tuple[int | None, bytes]:
        with translated("running a command in the container"):
            made = client.exec_create(self._container, command, user=user)["Id"]
            stream = Stream(client.exec_start(made, socket=True))
            try:
                output = _all_of(stream, until)
            finally:
                stream.close()
            # A busy engine may end the stream before the command: what follows needs all that it does.
            pause = _FIRST_PAUSE
            while (seen := client.exec_inspect(made))["Running"]:
                _check(until)
                time.sleep(pause)
                pause = min(2 * pause, _TICK)
        return seen["ExitCode"], output

    def _make_room(self) -> None:
        """Raises the limit of a container that is full of processes by a few, for helpers."""
        client = self._connection.quick()
        with translated("raising the limit of processes"):
            url = client._url("/containers/{0}/update", self._container)
            room = {"PidsLimit": self._processes + _ROOM}
            client._result(client._post_json(url, data=room))


def _all_of(stream: Stream, until: float) -> bytes:
    """The output up to the end of the stream. Raises EngineError if it does not end."""
    output = bytearray()
    while (data := stream.read(_TICK)) is not None:
        output += data
        _check(until)
        if len(output) > _MOST:
            raise EngineError("the output of a command in the container is too long")
    return bytes(output)


def _check(until: float) -> None:
    """Raises EngineError after a moment of the monotonic clock."""
    if time.monotonic() > until:
        raise EngineError("a command in the container did not end in time")
