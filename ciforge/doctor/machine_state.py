"""Ask each machine of `machines.yml` for its system, and check it."""

import shlex
from collections.abc import Callable, Iterator

import attrs

from ciforge.app.host_machines import configuration_folder, connection_folder
from ciforge.engines.host_lease import HostFacts
from ciforge.engines.host_preparation import is_system, read_facts
from ciforge.engines.host_transport import HostTransport
from ciforge.errors import CiforgeError, UsageError
from ciforge.load.machines_file import FILE_NAME, load_machines
from ciforge.model.host_machine import HostMachine, RootCommand
from ciforge.render.host_scripts import PROBE


@attrs.frozen(kw_only=True)
class MachineState:
    """One machine, or the file of all of them where that cannot be read."""

    name: str
    found: str
    is_usable: bool
    fix: str = ""
    """A command for sh; empty if the user has to decide."""


def machine_states(
    of_guest: Callable[[str, HostMachine], MachineState],
) -> Iterator[MachineState]:
    """The state of each machine in the order of the file; nothing where there is no file.

    `of_guest` gives that of a virtual machine, which is not booted.
    """
    try:
        machines = load_machines(configuration_folder() / FILE_NAME)
    except UsageError as error:
        yield MachineState(name="machines", found=str(error), is_usable=False)
        return
    for name, machine in machines.items():
        yield of_guest(name, machine) if machine.disk else _state(name, machine)


def _state(name: str, machine: HostMachine) -> MachineState:
    title = f"machine {name}"
    with connection_folder() as folder:
        transport = HostTransport(name, machine, folder)
        try:
            facts = read_facts(transport, PROBE)
            problem = _problem(machine, facts) or _without_root(transport, machine)
        except CiforgeError as error:
            fix = f"ssh {shlex.quote(machine.ssh)} true" if machine.ssh else ""
            return MachineState(name=title, found=str(error), is_usable=False, fix=fix)
        finally:
            transport.close()
    found = f"{facts.system}, {facts.processor}, {facts.processors} processors"
    return MachineState(
        name=title, found=f"{found}: {problem}" if problem else found, is_usable=not problem
    )


def _problem(machine: HostMachine, facts: HostFacts) -> str:
    """The reason why no job runs there; empty if jobs do."""
    if facts.user == "root":
        return "the login is root; steps run as root only where a project asks for it"
    if machine.system and not any(is_system(one, machine.system) for one in facts.systems):
        return f"not {machine.system}, as machines.yml has it"
    if machine.system and facts.processor != machine.arch:
        return f"not {machine.arch}, as machines.yml has it"
    return ""


def _without_root(transport: HostTransport, machine: HostMachine) -> str:
    """Whether the command for root asks for a password, or is not there."""
    if machine.root is RootCommand.NONE:
        return ""
    code, _ = transport.ask(f"{machine.root.words} true")
    return f"`{machine.root.words} true` does not work" if code else ""
