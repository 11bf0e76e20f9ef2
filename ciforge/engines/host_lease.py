"""One machine held for one job: by a process on the machine that ends the job when it ends itself."""

import os
import re
import secrets
import select
import shlex
import time
from contextlib import suppress

import attrs

from ciforge.engines.host_transport import HostTransport, Process, end, exit_code
from ciforge.engines.output_line import last_output_line
from ciforge.errors import EngineLost

BUSY = 75
"""The exit code of the script where another run has the machine."""
_BEGIN = 60.0
"""Seconds in which the machine has to be held."""
_SETTLE = 5.0
"""Seconds in which a command that was refused has to end."""
_END = 60.0
"""Seconds in which the job has to be removed."""
_PLACE = re.compile(r"(?<![A-Za-z0-9._~/-])/ciforge(?![A-Za-z0-9._-])")
"""The folder of a job in a container; no part of another path or address."""
_SAFE = re.compile(r"/[A-Za-z0-9/._+-]+")
"""A folder whose path is one word for every shell."""


@attrs.frozen(kw_only=True)
class HostFacts:
    """The facts that a machine reports about itself."""

    user: str
    home: str
    os: str
    processor: str
    systems: tuple[str, ...]
    """Names of its system, of which one has to be the configured one: `debian-13`, `openbsd-7.9`."""
    processors: int
    missing: tuple[str, ...] = ()
    """Programs that it lacks, and that ciforge calls there."""

    @property
    def system(self) -> str:
        """The last of these names, which says most."""
        return self.systems[-1] if self.systems else self.os


class MachineBusy(Exception):
    """Another run has the machine; its text says which."""


class HostLease:
    """The machine while one job has it. `script` is `render.host_scripts.HOST`, `folder` the place of the job."""

    def __init__(self, transport: HostTransport, script: str, folder: str) -> None:
        self.transport = transport
        self.token = secrets.token_hex(12)
        self.folder = folder
        self.leftover = ""
        """The run whose remains were removed, where there were any."""
        self._script = relocate(script, folder)
        self._process: Process | None = None

    def take(self, owner: str) -> None:
        """Takes the machine for a run. Raises MachineBusy, EngineLost."""
        process = self.transport.start(self.command("hold", owner), fed=True)
        self._process = process
        until = time.monotonic() + _BEGIN
        heard = b""
        while b"held\n" not in heard:
            data = _read(process, max(0.0, until - time.monotonic()))
            heard += data
            if not data:
                self._refused(process, heard)
        if match := re.search(rb"^leftover (.*)$", heard, re.MULTILINE):
            self.leftover = last_output_line(match[1])

    def limit(self, seconds: int) -> None:
        """Has the machine end the job after so many seconds, even if the connection is lost."""
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(f"{seconds}\n".encode())
            self._process.stdin.flush()
        except OSError:
            raise EngineLost(f"the connection to {self.transport.name} was lost") from None

    def check(self) -> None:
        """Raises EngineLost where the machine is not held any more."""
        if self._process is None or self._process.poll() is not None:
            raise EngineLost(
                f"the connection to {self.transport.name} was lost, or the job was ended there"
            )

    def command(self, what: str, *arguments: str) -> str:
        """A command that runs the script for this job."""
        root = self.transport.machine.root.words
        return shlex.join(
            ["exec", "/bin/sh", "-c", self._script, "host", self.token, root, what, *arguments]
        )

    def release(self) -> None:
        """Gives the machine back, after all of the job is removed; never raises."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()
        exit_code(process, _END)
        end(process)

    def _refused(self, process: Process, heard: bytes) -> None:
        """Raises the reason why the machine was not held."""
        self._process = None
        code = exit_code(process, _SETTLE)
        if code is None:
            end(process)
            reason = f"{self.transport.name} does not answer within {_BEGIN:.0f} s"
            raise EngineLost(reason)
        err = process.stderr.read() if process.stderr else b""
        end(process)
        self.transport.check(code, err)
        if code == BUSY:
            raise MachineBusy(last_output_line(heard).removeprefix("busy "))
        raise EngineLost(
            f"{self.transport.name} cannot be used: {last_output_line(err) or f'exit code {code}'}"
        )


def relocate(text: str, folder: str) -> str:
    """The same text for a job in `folder`: paths are those of a container everywhere else."""
    if not _SAFE.fullmatch(folder):
        raise EngineLost(
            f"the folder {folder!r} for jobs cannot be used",
            hint="name another one by `directory:` in machines.yml",
        )
    return _PLACE.sub(lambda _: folder, text)


def _read(process: Process, seconds: float) -> bytes:
    """The bytes that arrive within `seconds`; empty at the end of the stream or of the time."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    return os.read(process.stdout.fileno(), 4096) if ready else b""
