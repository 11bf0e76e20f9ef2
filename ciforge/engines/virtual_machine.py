"""A virtual machine: boots a disk as a snapshot that is thrown away, and waits until ssh answers."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import attrs

from ciforge.engines.host_transport import HostTransport, end
from ciforge.engines.login_key import login_key
from ciforge.engines.machine_disk import Disk, DiskStore
from ciforge.engines.output_line import last_output_line
from ciforge.engines.protocol import OutputHandler, Stop
from ciforge.engines.qemu import EMULATION, boot_command, native_accelerator
from ciforge.errors import EngineLost
from ciforge.model.host_machine import HostMachine

_TICK = 0.5
_ATTEMPT = 10.0
"""Seconds that one attempt to log in has."""
_CONSOLE = 4096
"""Bytes of the console that are kept."""
_BROKEN = b"internal error"
"""QEMU's messages when an accelerator fails; the guest then hangs."""
_GUARD = """
exec 3<&0 </dev/null
"$@" 3<&- &
guest=$!
(read -r _ <&3; kill -KILL "$guest") 2>/dev/null &
watch=$!
exec 3<&-
wait "$guest"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
"""
"""Runs a command until it ends, or until standard input does: with ciforge, however that ends."""


class VirtualMachine:
    """One machine of `machines.yml` that has a disk. It runs while it is booted.

    `folder` is ciforge's own, with its key and downloaded disks; `scratch` is a temporary one.
    """

    def __init__(
        self, name: str, machine: HostMachine, folder: Path, scratch: Path, sockets: Path
    ) -> None:
        self._name = name
        # Nothing that a job leaves in it outlives the job.
        self._machine = attrs.evolve(machine, disposable=True)
        self._folder = folder
        self._scratch = scratch / f"machine-{name}"
        self._sockets = sockets
        self._process: subprocess.Popen[bytes] | None = None
        self._console = b""

    def boot(self, on_output: OutputHandler, stop: Stop) -> HostTransport:
        """Boots the disk as it was at first; how ssh reaches the machine. Raises EngineError, Stopped."""
        disk = DiskStore(self._folder).find(self._name, self._machine, on_output, stop)
        accelerator, reason = native_accelerator()
        if accelerator:
            try:
                return self._booted(disk, accelerator, on_output, stop)
            except EngineLost as error:
                reason = str(error)
                self.close()
        on_output(f"{self._name} is emulated, which is slow: {reason}\n".encode())
        return self._booted(disk, EMULATION, on_output, stop)

    def close(self) -> None:
        """Ends the machine and removes all that it wrote; never raises."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _booted(
        self, disk: Disk, accelerator: str, on_output: OutputHandler, stop: Stop
    ) -> HostTransport:
        begun = time.monotonic()
        port = _free_port()
        transport = self._transport(port)
        self._start(boot_command(self._machine, disk, accelerator, port))
        try:
            self._wait(transport, begun + self._machine.boot, stop)
        except BaseException:
            self.close()
            raise
        taken = time.monotonic() - begun
        on_output(f"{self._name} booted by {accelerator} in {taken:.0f} s\n".encode())
        return transport

    def _transport(self, port: int) -> HostTransport:
        """The port is QEMU's as long as it runs, so that the key of the guest proves nothing more."""
        key = Path(self._machine.key).expanduser() if self._machine.key else login_key(self._folder)
        machine = attrs.evolve(self._machine, ssh=f"{self._machine.user}@127.0.0.1", port=port)
        options = {
            "ConnectTimeout": "5", "GlobalKnownHostsFile": "/dev/null", "IdentitiesOnly": "yes",
            "LogLevel": "ERROR", "StrictHostKeyChecking": "no", "UserKnownHostsFile": "/dev/null",
        }  # fmt: skip
        arguments = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return HostTransport(
            self._name, machine, self._sockets, ("-F", "/dev/null", "-i", str(key), *arguments)
        )

    def _start(self, command: list[str]) -> None:
        self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._console = b""
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guest", *command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=os.environ | {"TMPDIR": str(self._scratch)}, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._read_console, args=(self._process,), daemon=True).start()

    def _read_console(self, process: "subprocess.Popen[bytes]") -> None:
        """Keeps the end of what the guest and QEMU print."""
        assert process.stdout is not None
        with process.stdout, suppress(OSError, ValueError):
            while data := os.read(process.stdout.fileno(), _CONSOLE):
                self._console = (self._console + data)[-_CONSOLE:]

    def _wait(self, transport: HostTransport, until: float, stop: Stop) -> None:
        """Until somebody can log in. Raises EngineLost, Stopped."""
        while not self._answers(transport, stop):
            assert self._process is not None
            last = last_output_line(self._console)
            console = f"; its console ends: {last}" if last else ""
            if self._process.poll() is not None or _BROKEN in self._console:
                raise EngineLost(
                    f"{self._name} does not boot{console}",
                    hint="its disk has to boot by BIOS from virtio; `qemu:` has more arguments",
                )
            if time.monotonic() > until:
                raise EngineLost(
                    f"{self._name} did not answer ssh within {self._machine.boot} s{console}",
                    hint=f"it has to start an OpenSSH server and know the user {self._machine.user} with the key that `ciforge doctor` prints; `boot:` allows more time",
                )
            stop.wait(_TICK)
            stop.check()

    def _answers(self, transport: HostTransport, stop: Stop) -> bool:
        attempt, until = transport.start("exec true"), time.monotonic() + _ATTEMPT
        try:
            while attempt.poll() is None and time.monotonic() < until:
                time.sleep(0.1)
                stop.check()
            return attempt.poll() == 0
        finally:
            end(attempt)


def _free_port() -> int:
    """A port of 127.0.0.1 that nothing uses; QEMU ends where another one took it meanwhile."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
