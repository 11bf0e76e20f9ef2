"""The user's own machines for a run: which of them may run which job, and the engine of those."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from ciforge.app.scratch import locked_folder
from ciforge.app.workspace import state_root
from ciforge.engines.host_engine import HostEngine, HostFolders, HostScripts
from ciforge.engines.host_preparation import is_system, read_facts
from ciforge.engines.host_transport import HostTransport
from ciforge.engines.protocol import Stop
from ciforge.errors import UsageError
from ciforge.load.machines_file import FILE_NAME, load_machines
from ciforge.model.host_machine import LOCAL, HostMachine
from ciforge.model.job import Job
from ciforge.model.trust_domain import TrustDomain
from ciforge.plan.machine_jobs import on_machine
from ciforge.render.host_scripts import HOST, PROBE
from ciforge.render.wrapper import STEP_OF_LOGIN

_EXAMPLE = "NAME: {ssh: USER@HOST, system: RELEASE}"

SHORT = Path("/tmp")  # noqa: S108 - TMPDIR may be too long for a socket; only private folders are made here
CONNECTIONS = "ciforge-hosts-"
"""The beginning of the names of folders for ssh connections."""


def guest_folder(state_dir: Path | None) -> Path:
    """The folder with the key of virtual machines and the disks that were downloaded."""
    return state_root(state_dir) / ".machines"


def configuration_folder() -> Path:
    """`$XDG_CONFIG_HOME/ciforge`: what a user configures. Raises UsageError without a home."""
    try:
        home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    except RuntimeError:
        raise UsageError(
            "there is no home folder with a configuration", hint="set XDG_CONFIG_HOME"
        ) from None
    return Path(home) / "ciforge"


def machines_of(engine: str, jobs: Sequence[Job]) -> Mapping[str, HostMachine]:
    """The machines of `--engine ssh` or `local`. Raises UsageError where there are none."""
    file = configuration_folder() / FILE_NAME
    configured = load_machines(file)
    if engine == LOCAL:
        return {LOCAL: _this_machine(configured.get(LOCAL, HostMachine()), jobs)}
    machines = {name: machine for name, machine in configured.items() if name != LOCAL}
    if not machines:
        raise UsageError(f"{file} has no machine", hint=f"write for example: {_EXAMPLE}")
    return machines


def _this_machine(machine: HostMachine, jobs: Sequence[Job]) -> HostMachine:
    """This machine with the release that it runs, as the jobs name it."""
    if machine.system:
        return machine
    with connection_folder() as folder:
        facts = read_facts(HostTransport(LOCAL, machine, folder), PROBE)
    names = dict.fromkeys(job.machine_id for job in jobs)
    own = next(
        (name for name in names if any(is_system(system, name) for system in facts.systems)), ""
    )
    return attrs.evolve(machine, system=own or facts.system, arch=facts.processor)


def placed(
    jobs: Sequence[Job], machines: Mapping[str, HostMachine], domains: Mapping[str, TrustDomain]
) -> tuple[tuple[Job, ...], Mapping[str, frozenset[str]]]:
    """The jobs, skipped where no machine may run them, and the machines of each by its id."""
    # A repository has no domain where all of its jobs are skipped, whatever the engine.
    own = {job.id: domains.get(job.repo) for job in jobs}
    found = {job.id: _machines_of(job, machines, own[job.id]) for job in jobs}
    chosen = tuple(_with_reason(job, machines, own[job.id], found[job.id]) for job in jobs)
    return chosen, found


def _machines_of(
    job: Job, machines: Mapping[str, HostMachine], domain: TrustDomain | None
) -> frozenset[str]:
    if domain is None:
        return frozenset()
    return frozenset(
        name
        for name, machine in machines.items()
        if runs_on(machine, job) and domain.trust in machine.trust
    )


def runs_on(machine: HostMachine, job: Job) -> bool:
    """Whether a machine has the system and the processor of a job."""
    return (machine.system, machine.arch) == (job.machine_id, job.platform.arch)


def _with_reason(
    job: Job, machines: Mapping[str, HostMachine], domain: TrustDomain | None, found: frozenset[str]
) -> Job:
    """The job with why it is skipped; that no container engine runs it is no reason here."""
    own = "" if found or domain is None else _reason(job, machines, domain)
    crossed = "a cross check runs in containers only" if job.cross else ""
    return on_machine(job, crossed or own)


def _reason(job: Job, machines: Mapping[str, HostMachine], domain: TrustDomain) -> str:
    fitting = [name for name, machine in machines.items() if runs_on(machine, job)]
    if fitting:
        return f"{', '.join(fitting)} does not run untrusted sources: {domain.about}"
    have = ", ".join(
        sorted({f"{machine.system} on {machine.arch}" for machine in machines.values()})
    )
    return f"no machine runs {job.machine_id} on {job.platform.arch} (there is {have})"


@contextmanager
def open_host_engine(
    machines: Mapping[str, HostMachine],
    allowed: Mapping[str, frozenset[str]],
    *,
    own: Path,
    scratch: Path,
    stop: Stop,
) -> Iterator[HostEngine]:
    """The engine of those machines; a second request to stop ends their jobs at once."""
    scripts = HostScripts(host=HOST, probe=PROBE, wrapper=STEP_OF_LOGIN)
    with connection_folder() as folder:
        folders = HostFolders(sockets=folder, scratch=scratch, own=own)
        engine = HostEngine(machines, allowed, scripts, folders)

        def abandon() -> None:
            engine.abandon()
            shutil.rmtree(folder, ignore_errors=True)

        stop.at_once = abandon
        try:
            yield engine
        finally:
            engine.close()


@contextmanager
def connection_folder() -> Iterator[Path]:
    """A folder for the sockets of connections: the path of a socket has about 100 bytes at most."""
    with locked_folder(SHORT, CONNECTIONS) as folder:
        yield folder
