"""Commands on a machine that is no container: by the OpenSSH client, or here."""

import os
import shlex
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import attrs

from ciforge.engines.output_line import last_output_line
from ciforge.errors import EngineError, EngineLost
from ciforge.model.host_machine import HostMachine

Process = subprocess.Popen[bytes]
"""A command that was started; its output comes by pipes."""

CONNECTION = 255
"""The exit status of ssh(1) where the connection failed, or a signal ended the command."""

_OPTIONS = {
    "BatchMode": "yes", "ClearAllForwardings": "yes", "ConnectTimeout": "20", "ControlMaster": "auto",
    "ControlPersist": "60", "EscapeChar": "none", "ForwardAgent": "no", "ForwardX11": "no",
    "PermitLocalCommand": "no", "RemoteCommand": "none", "RequestTTY": "no",
    "ServerAliveCountMax": "3", "ServerAliveInterval": "15", "Tunnel": "no",
}  # fmt: skip
"""Nothing asks, nothing is forwarded, and a connection that is silent for 45 seconds is lost."""
_ANSWER = 1024 * 1024
"""Bytes of an answer that are kept."""


@attrs.frozen
class HostTransport:
    """Starts commands for `sh` on one machine.

    `sockets` is a folder for the sockets of connections; its path is short, as paths of sockets are.
    """

    name: str
    machine: HostMachine
    sockets: Path
    own: tuple[str, ...] = ()
    """Options of ssh that come before all others, which wins."""

    def start(
        self, command: str, *, fed: bool = False, stdin: int | IO[bytes] = subprocess.DEVNULL
    ) -> Process:
        """Starts a command with pipes for its output, and where it is `fed`, for its input.

        Raises EngineError where there is no ssh.
        """
        try:
            return subprocess.Popen(
                self._words(command), stdin=subprocess.PIPE if fed else stdin,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C of the terminal is for ciforge, which ends the job
            )  # fmt: skip
        except OSError as error:
            raise EngineError(f"ssh cannot be started: {error.strerror}") from None

    def ask(
        self,
        command: str,
        *,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        data: bytes | None = None,
        seconds: float = 60,
        most: int = _ANSWER,
    ) -> tuple[int, bytes]:
        """The exit code of a command and at most so many bytes of its output, within `seconds`.

        Raises EngineLost.
        """
        process = self.start(command, fed=data is not None, stdin=stdin)
        try:
            out, err = process.communicate(data, timeout=seconds)
        except subprocess.TimeoutExpired:
            end(process)
            raise EngineLost(f"{self.name} does not answer within {seconds:.0f} s") from None
        self.check(process.returncode, err)
        # What a failed command complains of is on standard error, which is no part of an answer.
        return process.returncode, (out if process.returncode == 0 else out + err)[:most]

    def do(self, what: str, command: str, **how: Any) -> bytes:
        """The output of a command that has to succeed; `what` it does. Raises EngineError."""
        code, output = self.ask(command, **how)
        if code:
            reason = last_output_line(output) or f"exit code {code}"
            raise EngineError(f"{what} on {self.name}: {reason}")
        return output

    def check(self, code: int, err: bytes) -> None:
        """Raises EngineLost where ssh itself failed, with its own last line."""
        if code == CONNECTION and self.machine.ssh:
            reason = last_output_line(err) or "the connection ended"
            raise EngineLost(
                f"{self.name} cannot be reached: {reason}",
                hint="" if self.own else self._advice(),
            )

    def _advice(self) -> str:
        return f"`ssh {shlex.join(self._destination())} true` has to work without a question"

    def close(self) -> None:
        """Ends the connection that the commands shared."""
        if self.machine.ssh:
            arguments = ["ssh", *self._options(), "-O", "exit", *self._destination()]
            with suppress(OSError, subprocess.SubprocessError):
                subprocess.run(arguments, capture_output=True, timeout=10, check=False)

    def _words(self, command: str) -> list[str]:
        if not self.machine.ssh:
            return ["/bin/sh", "-c", command]
        # The login shell may be any: it gets one simple command.
        return [
            "ssh",
            *self._options(),
            *self._destination(),
            f"exec /bin/sh -c {shlex.quote(command)}",
        ]

    def _options(self) -> list[str]:
        options = _OPTIONS | {"ControlPath": f"{self.sockets}/%C"}
        arguments = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return [*self.own, *arguments]

    def _destination(self) -> list[str]:
        """The host, which `load.machines_file` lets be no option."""
        port = ["-p", str(self.machine.port)] if self.machine.port else []
        return [*port, self.machine.ssh]


def exit_code(process: Process, seconds: float) -> int | None:
    """The exit code of a command that ends within `seconds`; None where it does not."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def end(process: Process) -> None:
    """Ends a command's own process here, and closes its pipes."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            with suppress(OSError):
                stream.close()
    process.wait()
