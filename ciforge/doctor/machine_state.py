"""Ask each machine of `machines.yml` for its system, and check it."""

import shlex
from collections.abc import Callable, Iterator, Sequence

import attrs

from ciforge.app.host_machines import configuration_folder, connection_folder, runs_on
from ciforge.engines.host_lease import HostFacts
from ciforge.engines.host_preparation import (
    is_system,
    missing_packages,
    package_versions,
    read_facts,
)
from ciforge.engines.host_transport import HostTransport
from ciforge.errors import CiforgeError, UsageError
from ciforge.load.machines_file import FILE_NAME, load_machines
from ciforge.model.host_machine import HostMachine, PackagePolicy, RootCommand
from ciforge.model.job import Job
from ciforge.plan.machine_jobs import without_caches
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
    of_guest: Callable[[str, HostMachine], MachineState], jobs: Sequence[Job] = ()
) -> Iterator[MachineState]:
    """The state of each machine in the order of the file; nothing where there is no file.

    `of_guest` gives that of a virtual machine, which is not booted. `jobs` may run on the machines.
    """
    try:
        machines = load_machines(configuration_folder() / FILE_NAME)
    except UsageError as error:
        yield MachineState(name="machines", found=str(error), is_usable=False)
        return
    for name, machine in machines.items():
        yield of_guest(name, machine) if machine.disk else _state(name, machine, jobs)


def _state(name: str, machine: HostMachine, jobs: Sequence[Job]) -> MachineState:
    title = f"machine {name}"
    with connection_folder() as folder:
        transport = HostTransport(name, machine, folder)
        try:
            facts = read_facts(transport, PROBE)
            problem = _problem(machine, facts) or _without_root(transport, machine)
            problem, fix = (problem, "") if problem else _lacking(transport, machine, jobs)
        except CiforgeError as error:
            fix = shlex.join([*_ssh(machine), "true"]) if machine.ssh else ""
            return MachineState(name=title, found=str(error), is_usable=False, fix=fix)
        finally:
            transport.close()
    found = f"{facts.system}, {facts.processor}, {facts.processors} processors"
    return MachineState(
        name=title,
        found=f"{found}: {problem}" if problem else found,
        is_usable=not problem,
        fix=fix,
    )


def _ssh(machine: HostMachine) -> list[str]:
    port = ["-p", str(machine.port)] if machine.port else []
    return ["ssh", *port, machine.ssh]


def _problem(machine: HostMachine, facts: HostFacts) -> str:
    """The reason why no job runs there; empty if jobs do."""
    if facts.user == "root":
        return "the login is root; steps run as root only where a project asks for it"
    if machine.system and not any(is_system(system, machine.system) for system in facts.systems):
        return f"not {machine.system}, as machines.yml has it"
    if machine.system and facts.processor != machine.arch:
        return f"not {machine.arch}, as machines.yml has it"
    if facts.missing:
        return f"lacks {', '.join(facts.missing)}, which ciforge calls there"
    return ""


def _lacking(
    transport: HostTransport, machine: HostMachine, jobs: Sequence[Job]
) -> tuple[str, str]:
    """Packages that jobs need and the machine lacks, and the command that installs them; both may be empty."""
    fitting = [without_caches(job) for job in jobs if runs_on(machine, job) and not job.cross]
    if not fitting or machine.packages is PackagePolicy.INSTALL:
        return "", ""
    found = package_versions(transport, fitting[0])
    names = dict.fromkeys(name for job in fitting for name in missing_packages(job, found))
    if not names:
        return "", ""
    install = fitting[0].manager.install.replace("{packages}", " ".join(names))
    root = "" if machine.root is RootCommand.NONE else f"{machine.root.value} "
    fix = shlex.join([*_ssh(machine), f"{root}{install}"]) if machine.ssh and root else ""
    return f"lacks {', '.join(names)}; as root there: {install}", fix


def _without_root(transport: HostTransport, machine: HostMachine) -> str:
    """Whether the command for root asks for a password, or is not there."""
    if machine.root is RootCommand.NONE:
        return ""
    code, _ = transport.ask(f"{machine.root.words} true")
    return f"`{machine.root.words} true` does not work" if code else ""
