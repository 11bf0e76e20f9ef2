"""Jobs on the user's own machines, over ssh or here: one job at a time on each."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs

from ciforge.engines.held_machine import HeldMachine, lacking
from ciforge.engines.host_lease import HostFacts, HostLease, MachineBusy
from ciforge.engines.host_preparation import HostPreparation, check_system, read_facts
from ciforge.engines.host_transport import HostTransport
from ciforge.engines.protocol import (
    EngineUnreachable,
    Image,
    Machine,
    MachineSpec,
    OutOfTime,
    OutputHandler,
    Stop,
)
from ciforge.engines.virtual_machine import VirtualMachine
from ciforge.errors import EngineError, EngineLost
from ciforge.model.host_machine import HostMachine
from ciforge.model.job import Job
from ciforge.model.log_marks import place_mark

_TICK = 0.5
_ASK = 5.0
"""Seconds between two questions whether another run has given a machine back."""
_UNTIL_LIMIT = 25 * 3600
"""Seconds for which a machine is held at first; the job's own limit follows."""
_GIB = 1024**3


@attrs.frozen(kw_only=True)
class HostScripts:
    """The texts of `render` that such machines run."""

    host: str
    probe: str
    wrapper: str


@attrs.frozen(kw_only=True)
class HostFolders:
    """Folders here that such machines need."""

    sockets: Path
    """For the sockets of ssh connections: its path is short."""
    scratch: Path
    """For what a virtual machine writes."""
    own: Path
    """For disks that were downloaded, and the key of virtual machines; stays."""


class HostEngine:
    """Runs jobs on machines of the user's configuration, by their names.

    `allowed` has the machines that may run a job, by its id.
    """

    def __init__(
        self,
        machines: Mapping[str, HostMachine],
        allowed: Mapping[str, frozenset[str]],
        scripts: HostScripts,
        folders: HostFolders,
    ) -> None:
        self._transports = {
            name: HostTransport(name, machine, folders.sockets)
            for name, machine in machines.items()
        }
        self._guests = {
            name: VirtualMachine(name, machine, folders.own, folders.scratch, folders.sockets)
            for name, machine in machines.items()
            if machine.disk
        }
        """Virtual machines, each of which is booted for one job."""
        self._allowed = allowed
        self._scripts = scripts
        self._condition = threading.Condition()
        self._used: set[str] = set()
        self._lost: dict[str, EngineLost] = {}
        """Machines that could not be reached, which are not asked again."""
        self._facts: dict[str, HostFacts] = {}
        self._leases: dict[str, HostLease] = {}
        """Machines that are held for a job, by their names."""

    def platform(self) -> str:
        """Empty: machines differ in platform, and each is asked for its own."""
        return ""

    def processors(self) -> int:
        """One for each machine, so that each runs one job."""
        return len(self._transports)

    def memory(self) -> int:
        """Bytes, as many as let each machine run a job."""
        return len(self._transports) * 2 * _GIB

    def prepare(self, job: Job, on_output: OutputHandler, stop: Stop) -> Image:
        """Takes a machine of the job's release, and checks or installs its packages.

        Raises PrepareFailed, EngineError, Stopped.
        """
        try:
            lease = self._held(job, on_output, stop)
        except OutOfTime as error:
            reason = f"no machine was free for {job.id} within its time limit"
            raise EngineUnreachable(
                reason, hint="run it again later, or name more machines"
            ) from error
        try:
            name = lease.transport.name
            facts = self._facts[name]
            packages = HostPreparation(lease, job, on_output, stop).packages()
            with self._condition:
                self._leases[name] = lease
        except BaseException:
            self._release(lease)
            raise
        return Image(id=name, base=f"{name} ({facts.system}, {facts.processor})", packages=packages)

    @contextmanager
    def open(self, image: Image, job: Job, plan: MachineSpec) -> Iterator[Machine]:
        """The machine that `prepare` took for the job; it is given back when the block ends."""
        if job.services:
            raise EngineError(
                f"{job.id} has services, which run beside containers only",
                hint="run it without --engine",
            )
        with self._condition:
            lease = self._leases.pop(image.id, None)
        if lease is None:
            raise EngineError(f"no machine is held for {job.id}")
        try:
            lease.limit(plan.life)
            facts = self._facts[lease.transport.name]
            env = {"CIFORGE_JOBS": str(facts.processors), **plan.env}
            yield HeldMachine(lease, facts, wrapper=self._scripts.wrapper, env=env)
        finally:
            self._release(lease)

    def abandon(self) -> None:
        """Ends every job: each machine removes what it has of one when its connection ends."""
        self.close()

    def close(self) -> None:
        """Gives all machines back and ends all connections."""
        with self._condition:
            leases, self._leases = list(self._leases.values()), {}
        for lease in leases:
            lease.release()
        for transport in self._transports.values():
            transport.close()
        for guest in self._guests.values():
            guest.close()

    def _held(self, job: Job, on_output: OutputHandler, stop: Stop) -> HostLease:
        """A machine of the job's release, which is waited for. Raises EngineError, Stopped."""
        waited = ""
        while True:
            transport = self._free(job, stop)
            try:
                if guest := self._guests.get(transport.name):
                    transport = guest.boot(on_output, stop)
                return self._take(transport, job, on_output)
            except MachineBusy as error:
                self._give_back(transport.name)
                if str(error) != waited:
                    waited = str(error)
                    on_output(f"waiting for {transport.name}, which {waited} has\n".encode())
                stop.wait(_ASK)
                stop.check()
            except EngineLost as error:
                self._lost[transport.name] = error
                self._give_back(transport.name)
            except BaseException:
                self._give_back(transport.name)
                raise

    def _free(self, job: Job, stop: Stop) -> HostTransport:
        """A machine that this process does not use, now used. Raises EngineLost if all are lost."""
        fitting = [self._transports[name] for name in sorted(self._allowed.get(job.id, ()))]
        if not fitting:
            raise EngineError(f"no machine may run {job.id}")
        while True:
            with self._condition:
                there = [machine for machine in fitting if machine.name not in self._lost]
                if not there:
                    raise self._lost.pop(fitting[-1].name)
                for machine in there:
                    if machine.name not in self._used:
                        self._used.add(machine.name)
                        return machine
                self._condition.wait(_TICK)
            stop.check()

    def _take(self, transport: HostTransport, job: Job, on_output: OutputHandler) -> HostLease:
        """The machine, held for the job. Raises MachineBusy, EngineError."""
        name = transport.name
        if name not in self._facts:
            self._facts[name] = read_facts(transport, self._scripts.probe)
        facts = self._facts[name]
        check_system(transport, facts, job)
        folder = transport.machine.directory or f"{facts.home}/.cache/ciforge"
        lease = HostLease(transport, self._scripts.host, f"{folder}/job")
        lease.take(job.id)
        try:
            lease.limit(_UNTIL_LIMIT)
        except EngineLost:
            lease.release()
            raise
        unpromised = ", ".join(promise.value for promise in lacking(transport.machine))
        on_output(f"machine {name}, {facts.system}; it does not promise: {unpromised}\n".encode())
        on_output(f"{place_mark(lease.folder)}\n".encode())
        if lease.leftover:
            on_output(f"removed what a run of {lease.leftover} left there\n".encode())
        return lease

    def _release(self, lease: HostLease) -> None:
        lease.release()
        if lease.transport.name in self._guests:
            lease.transport.close()
        self._give_back(lease.transport.name)

    def _give_back(self, name: str) -> None:
        if guest := self._guests.get(name):
            guest.close()
            self._facts.pop(name, None)
        with self._condition:
            self._used.discard(name)
            self._condition.notify_all()
