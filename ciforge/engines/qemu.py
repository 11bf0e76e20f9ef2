"""QEMU: which accelerator a guest can use here, and the command that boots a disk."""

import functools
import subprocess
import tempfile
from pathlib import Path

from ciforge.engines.machine_disk import Disk
from ciforge.errors import EngineError
from ciforge.model.host_machine import HostMachine

PROGRAM = "qemu-system-x86_64"
EMULATION = "tcg"
"""The accelerator that is none, and always there."""
_NATIVE = ("kvm", "hvf", "nvmm", "whpx")
"""Accelerators by which the processor runs the guest itself."""
_PROBE = 30.0
"""Seconds in which a guest of 512 bytes has to end."""
_SECTOR = bytes.fromhex("b81000e7f4f4ebfd").ljust(510, b"\0") + b"\x55\xaa"
"""A boot sector: mov ax, 0x10; out 0xf4, ax; hlt; jmp -3."""
_ENDED = 0x10 << 1 | 1
"""The exit code of QEMU when isa-debug-exit gets 0x10."""


@functools.cache
def native_accelerator() -> tuple[str, str]:
    """The accelerator that ran a guest just now, or an empty word; and why none did.

    A device that can be opened proves nothing: guests may die on it all the same. Raises EngineError
    where QEMU cannot be started.
    """
    offered = _offered()
    reason = "QEMU has none for this system"
    for name in (word for word in _NATIVE if word in offered):
        reason = _failure(name)
        if not reason:
            return name, ""
    return "", reason


def boot_command(machine: HostMachine, disk: Disk, accelerator: str, port: int) -> list[str]:
    """The command that boots a disk; the guest answers on `port` of 127.0.0.1 and writes to no file.

    What it changes on the disk goes into a temporary file, in TMPDIR.
    """
    reach = "off" if machine.network else "on"
    return [
        PROGRAM, "-no-user-config", "-machine", "q35",
        "-accel", accelerator, "-cpu", "max",
        "-m", str(machine.memory), "-smp", str(machine.processors),
        "-display", "none", "-monitor", "none", "-parallel", "none", "-serial", "stdio", "-no-reboot",
        "-drive", f"file={disk.file},format={disk.format},if=virtio,snapshot=on",
        "-nic", f"user,model=virtio-net-pci,restrict={reach},hostfwd=tcp:127.0.0.1:{port}-:22",
        "-device", "virtio-rng-pci",
        *machine.qemu,
    ]  # fmt: skip


def _offered() -> list[str]:
    try:
        listed = _run([PROGRAM, "-accel", "help"])
    except OSError:
        raise EngineError(
            f"{PROGRAM} boots virtual machines, and is not installed",
            hint="`ciforge doctor` names the package",
        ) from None
    return listed.stdout.decode(errors="replace").split()


def _failure(accelerator: str) -> str:
    """Why a guest does not run on an accelerator; empty where it does."""
    with tempfile.TemporaryDirectory(prefix="ciforge-") as folder:
        sector = Path(folder) / "sector"
        sector.write_bytes(_SECTOR)
        command = [
            PROGRAM, "-no-user-config", "-nodefaults", "-display", "none", "-no-reboot", "-accel", accelerator,
            "-cpu", "max", "-m", "64", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
            "-drive", f"file={sector},format=raw,if=floppy,readonly=on",
        ]  # fmt: skip
        try:
            ended = _run(command)
        except subprocess.TimeoutExpired:
            return f"a guest on {accelerator} does not run"
    if ended.returncode == _ENDED:
        return ""
    lines = ended.stderr.decode(errors="replace").strip().splitlines()
    return lines[0] if lines else f"a guest on {accelerator} ended with {ended.returncode}"


def _run(command: list[str]) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PROBE, check=False
    )
