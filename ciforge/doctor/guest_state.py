"""Checks what a virtual machine of `machines.yml` needs on this machine, without booting it."""

import shutil
from pathlib import Path

from ciforge.doctor.fixes import install
from ciforge.doctor.machine_state import MachineState
from ciforge.engines.login_key import login_key
from ciforge.engines.machine_disk import DiskStore
from ciforge.engines.qemu import PROGRAM, native_accelerator
from ciforge.errors import CiforgeError
from ciforge.model.host_machine import HostMachine

_NEEDED = {PROGRAM: "qemu-system", "ssh": "openssh-client", "ssh-keygen": "openssh-client"}
"""Programs to the names of their packages in the table of systems."""


def guest_state(name: str, machine: HostMachine, folder: Path) -> MachineState:
    """Whether a virtual machine can be booted; `folder` has the key of all of them."""
    title = f"machine {name}"
    for program, package in _NEEDED.items():
        if not shutil.which(program):
            return MachineState(
                name=title,
                found=f"{program} is not installed",
                is_usable=False,
                fix=install(package),
            )
    disk = DiskStore(folder)
    if "://" not in machine.disk and not disk.is_here(machine):
        found = f"there is no disk {machine.disk}"
        return MachineState(name=title, found=found, is_usable=False)
    try:
        accelerator, reason = native_accelerator()
        key = Path(f"{Path(machine.key).expanduser() if machine.key else login_key(folder)}.pub")
        login = f"the key of {machine.user} is {key.read_text(encoding='utf-8').strip()}"
    except CiforgeError as error:
        return MachineState(name=title, found=str(error), is_usable=False)
    except (OSError, UnicodeDecodeError):
        login = f"the key of {machine.user} is {machine.key}"
    speed = f"by {accelerator}" if accelerator else f"emulated, which is slow ({reason})"
    there = "" if disk.is_here(machine) else "its disk is downloaded at the first run; "
    return MachineState(
        name=title, found=f"{machine.system}, {speed}; {there}{login}", is_usable=True
    )
