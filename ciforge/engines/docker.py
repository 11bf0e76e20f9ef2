"""The Docker engine."""

import functools
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import attrs
from docker.types import LogConfig, Mount

from ciforge.engines import labels
from ciforge.engines.base_image import BaseImage, base_image, base_variable, existing_base
from ciforge.engines.bootstrap import base_name
from ciforge.engines.cache_volume import ENVIRONMENT, is_there, seed, volumes
from ciforge.engines.cleanup import clean
from ciforge.engines.client import Connection, translated
from ciforge.engines.container import NETWORK, DockerContainer, remove
from ciforge.engines.dependency_image import DependencyImages
from ciforge.engines.engine_facts import engine_facts
from ciforge.engines.health import Health, health
from ciforge.engines.limits import ulimits
from ciforge.engines.make_tokens import MakeTokens
from ciforge.engines.named_locks import NamedLocks
from ciforge.engines.protocol import (
    CleanupRequest,
    Image,
    Machine,
    MachineSpec,
    OutputHandler,
    Stop,
)
from ciforge.engines.removals import Removals
from ciforge.engines.services import RunningServices, service_image
from ciforge.engines.sweep import remove_own, sweep
from ciforge.engines.terminal import converse
from ciforge.engines.toolchain_image import ToolchainImages
from ciforge.errors import EngineError
from ciforge.model.job import Job, JobService
from ciforge.model.promise import Promise

_DROPPED = ["AUDIT_WRITE", "MKNOD", "NET_RAW", "SETPCAP"]
_LOOPBACK = {"net.ipv6.conf.all.disable_ipv6": "0"}
"""Docker switches IPv6 off in a container without a network, the loopback interface included."""
_NO_IPV6 = re.compile(r"sysctl|disable_ipv6|/net/ipv6/")
_FACTS = (
    "Name", "DockerRootDir", "KernelVersion", "OperatingSystem", "OSVersion", "Architecture", "NCPU", "MemTotal",
    "Driver", "CgroupDriver", "CgroupVersion", "SecurityOptions", "DefaultRuntime", "Runtimes", "InitBinary",
    "MemoryLimit", "SwapLimit", "PidsLimit", "CPUShares", "CPUSet",
)  # fmt: skip
"""What an engine says of itself and a job could notice. Others change with every question: podman's ID."""
_TO_REMOVE = 900.0
"""Seconds that a container has to be gone before its cache is removed."""
_AWAY = 15
"""Seconds for which a daemon that does not answer is asked again to remove a container."""


class DockerEngine:
    """Runs jobs in containers of the daemon that DOCKER_HOST or the current context names.

    `dockerfile` is the text of a job's dependency image; `bases` names other base images, by variables like CIFORGE_BASE_DEBIAN_13; `bucket` is the
    stretch of time in which a rolling release's image is kept; `scratch` a folder for what is
    needed only while it runs; `certificates` a file for pip in images, which cross checks use.
    """

    def __init__(
        self,
        *,
        dockerfile: Callable[[Job], str],
        bases: Mapping[str, str],
        bucket: str,
        scratch: Path,
        certificates: Path | None = None,
    ) -> None:
        self._connection = Connection()
        self._images = DependencyImages(self._connection)
        self._toolchains = ToolchainImages(self._connection, certificates)
        self._base_locks = NamedLocks()
        self._removals = Removals(self._remove)
        self._tokens = MakeTokens(self.processors)
        self._has_ipv6 = True
        """False after the kernel refused a container for its IPv6 loopback."""
        self._services: dict[tuple[str, str], tuple[str, Stop]] = {}
        """Jobs and names of their services to image ids, and what asks the job to stop."""
        self._old_bases: dict[str, BaseImage] = {}
        """Old base images that could not be rebuilt: they are tried once per run."""
        self._dockerfile = dockerfile
        self._bases = bases
        self._bucket = bucket
        self._scratch = scratch

    @functools.cached_property
    def _info(self) -> Mapping[str, Any]:
        with translated("asking the engine for its limits"):
            client = self._connection.client()
            return engine_facts(client, is_podman=self._connection.is_podman)

    def platform(self) -> str:
        """The platform that the daemon runs without emulation."""
        return f"{self._connection.version['Os']}/{self._connection.version['Arch']}"

    @property
    def _lacks(self) -> tuple[Promise, ...]:
        """The promises that containers do not keep, because the kernel or the engine lacks the limit."""
        limits = {"MemoryLimit": Promise.MEMORY, "PidsLimit": Promise.PROCESSES}
        return tuple(promise for key, promise in limits.items() if not self._info.get(key))

    def memory(self) -> int:
        """Bytes that the daemon's machine has."""
        return int(self._info["MemTotal"])

    def processors(self) -> int:
        """Processors that the daemon's machine has."""
        return int(self._info["NCPU"])

    def identity(self) -> str:
        """Everything about the engine that a job could notice: versions, kernel, limits, promises."""
        promises = [promise.value for promise in Promise if promise not in self._lacks]
        facts = {key: self._info.get(key) for key in _FACTS}
        return json.dumps([self.platform(), self._connection.version["Version"], facts, promises])

    def existing_image(self, job: Job) -> Image | None:
        """The dependency image that `prepare` would return without a pull or a build; None if it needs one."""
        override, now = self._bases.get(base_variable(job.machine_id), ""), time.time()
        base = existing_base(self._connection, job, override, now)
        if base and job.cross:
            base = self._toolchains.existing(job, base)
        if base is None:
            return None
        return self._images.existing(job, self._dockerfile(job), base, self._bucket, now)

    def prepare(self, job: Job, on_output: OutputHandler, stop: Stop) -> Image:
        """Finds or builds the dependency image and its base image."""
        image = self.build(job, self._dockerfile(job), on_output, stop)
        for service in job.services:
            made = self._service_image(job, service, on_output, stop)
            self._services[job.id, service.name] = made, stop
        return image

    def _service_image(
        self, job: Job, service: JobService, on_output: OutputHandler, stop: Stop
    ) -> str:
        if service.image:
            return service_image(self._connection, job, service, on_output, stop)
        own = attrs.evolve(job, packages=service.packages, sources={}, services=())
        return self.build(own, self._dockerfile(own), on_output, stop).id

    def build(self, job: Job, dockerfile: str, on_output: OutputHandler, stop: Stop) -> Image:
        """The same for the text of any Dockerfile."""
        base = self._base(job, on_output, stop)
        if job.cross:
            base = self._toolchains.prepare(job, dockerfile, base, on_output, stop)
        return self._images.get(job, dockerfile, base, self._bucket, on_output, stop)

    def _base(self, job: Job, on_output: OutputHandler, stop: Stop) -> BaseImage:
        override = self._bases.get(base_variable(job.machine_id), "")
        name = base_name(job)
        with self._base_locks.of(name):
            stop.check()
            if old := self._old_bases.get(name):
                on_output(
                    f"{old.name} is {old.days} days old, and cannot be built again\n".encode()
                )
                return old
            now = time.time()
            base = base_image(self._connection, job, override, self._scratch, on_output, stop, now)
            if base.days:
                self._old_bases[name] = base
        return base

    @contextmanager
    def open(self, image: Image, job: Job, plan: MachineSpec) -> Iterator[Machine]:
        """A started container without a network; its removal begins when the block ends, unless it is kept."""
        client = self._connection.client()
        with translated(f"creating a container for {job.id}"):
            mounts = volumes(client, job, plan)
        container = self._started(image, job, plan, mounts)
        machine = self._machine(container, job, plan)
        services = RunningServices(self._connection, container, plan)
        try:
            seed(machine.helper(), mounts)
            for service in job.services:
                made, stop = self._services[job.id, service.name]
                services.start(service, made, _labels(job, plan), _DROPPED, stop)
            machine.serve(services.log)
            with self._tokens.machine():
                yield machine
        finally:
            machine.close()
            services.remove()
            if not machine.kept:
                self._removals.begin(container, many_files=machine.many_files)

    @contextmanager
    def reopen(
        self, container: str, image: Image, job: Job, plan: MachineSpec
    ) -> Iterator[Machine]:
        """A container that `kept` named; it stays when the block ends. Raises EngineError."""
        with translated("looking at the kept container"):
            found = self._connection.client().inspect_container(container)
        if not found["State"]["Running"]:
            raise EngineError(f"the kept container {container[:12]} has ended")
        if str(found["Image"]).removeprefix("sha256:") != image.id.removeprefix("sha256:"):
            raise EngineError(f"the kept container {container[:12]} has another image")
        machine = self._machine(container, job, plan, used=True)
        try:
            with self._tokens.machine():
                yield machine
        finally:
            machine.close()

    def _machine(
        self, container: str, job: Job, plan: MachineSpec, *, used: bool = False
    ) -> DockerContainer:
        return DockerContainer(
            self._connection, container, plan, self._lacks,
            setuid=job.setuid, used=used, tokens=self._tokens,
        )  # fmt: skip

    def has_cache(self, volume: str) -> bool:
        """Whether the volume of a cache exists. Raises EngineError."""
        with translated(f"looking for the cache {volume}"):
            return is_there(self._connection.client(), volume)

    def discard_cache(self, volume: str) -> None:
        """Removes the volume of a cache. Raises EngineError, also while a container uses it."""
        self._removals.wait(_TO_REMOVE)
        with translated(f"removing the cache {volume}"):
            self._connection.client().remove_volume(volume)

    def discard(self, container: str) -> None:
        """Removes a kept container."""
        self._remove(container)

    def _started(self, image: Image, job: Job, plan: MachineSpec, mounts: list[Mount]) -> str:
        """The id of a new container, which runs; with ::1, unless the kernel of the engine has no IPv6."""
        if self._has_ipv6:
            try:
                return self._start(image, job, plan, mounts, sysctls=_LOOPBACK)
            except EngineError as error:
                if not _NO_IPV6.search(str(error)):
                    raise
                self._has_ipv6 = False
        return self._start(image, job, plan, mounts, sysctls={})

    def _start(
        self,
        image: Image,
        job: Job,
        plan: MachineSpec,
        mounts: list[Mount],
        *,
        sysctls: Mapping[str, str],
    ) -> str:
        client = self._connection.client()
        config = self._config(image, job, plan, mounts)
        config["HostConfig"]["Sysctls"] = dict(sysctls)
        with translated(f"creating a container for {job.id}"):
            made = client.create_container_from_config(config, platform=str(job.platform))
        container = str(made["Id"])
        try:
            with translated(f"starting the container of {job.id}"):
                self._start_without_network(container, job)
        except BaseException:
            self._remove(container)
            raise
        return container

    def _start_without_network(self, container: str, job: Job) -> None:
        """Starts a container whose loopback interface is up, and that has no other one.

        podman sets up the loopback interface when it connects a network, so it disconnects that
        of a job with a step that needs it after the start, before anything of the job runs."""
        client = self._connection.client()
        if not self._connection.is_podman:
            client.disconnect_container_from_network(container, NETWORK, force=True)
        client.start(container)
        if self._network_mode(job) == NETWORK and self._connection.is_podman:
            client.disconnect_container_from_network(container, NETWORK, force=True)

    def _network_mode(self, job: Job) -> str:
        """The network that a container is made with: for podman none where no step needs one, since it connects
        no network to such a container later."""
        needs = any(step.network for step in job.steps)
        return NETWORK if needs or not self._connection.is_podman else "none"

    def _config(
        self, image: Image, job: Job, plan: MachineSpec, mounts: list[Mount]
    ) -> dict[str, Any]:
        client = self._connection.client()
        host = client.create_host_config(
            init=True, mem_limit=plan.memory, memswap_limit=plan.memory, mounts=mounts,
            pids_limit=plan.processes, cap_drop=_DROPPED, network_mode=self._network_mode(job),
            security_opt=self._privileges(job), log_config=LogConfig(type="none", config={}),
            ulimits=ulimits(is_podman=self._connection.is_podman),
        )  # fmt: skip
        cached = {**ENVIRONMENT, "CIFORGE_IMAGE": image.id} if plan.ccache else {}
        env = {"CIFORGE_JOBS": str(plan.make_jobs), **plan.env, **cached}
        config: dict[str, Any] = client.create_container_config(
            image.id, ["sleep", str(plan.life)], environment=env, labels=_labels(job, plan),
            host_config=host, user="root", hostname=job.release_id, working_dir="/",
        )  # fmt: skip
        return config

    def _privileges(self, job: Job) -> list[str]:
        """Whether programs may gain rights; said in so many words, for a daemon of Docker may forbid it to all by default."""
        if not job.setuid:
            return ["no-new-privileges"]
        # podman has no such default, and older ones refuse a value.
        return [] if self._connection.is_podman else ["no-new-privileges:false"]

    def _remove(self, container: str) -> None:
        """Removes a container; if the daemon does not answer, the next start of ciforge removes it."""
        until = time.monotonic() + _AWAY
        for attempt in range(3):
            with suppress(EngineError):
                remove(self._connection.quick(), container)
                return
            if time.monotonic() > until:
                return
            time.sleep(attempt)

    def kept(self, project: str, job: str) -> list[tuple[str, str, float]]:
        """Containers of that job kept by `--keep`, newest first: id, run, time of creation.

        The time is in seconds since 1970."""
        marks = [labels.KEPT, f"{labels.PROJECT}={project}", f"{labels.JOB}={job}"]
        with translated("looking for kept containers"):
            found = self._connection.quick().containers(filters={"label": marks})
        return [
            (
                str(container["Id"]),
                str((container["Labels"] or {}).get(labels.RUN, "")),
                float(container["Created"]),
            )
            for container in sorted(found, key=lambda container: -container["Created"])
        ]

    def converse(self, container: str, command: list[str], user: str) -> int:
        """Joins our terminal, or pipe, to a command in a container; its exit code."""
        with translated("opening a shell in the container"):
            return converse(self._connection.slow(), container, command, user)

    def abandon(self) -> None:
        """Removes every container of this process, whatever runs in it, if the daemon answers quickly."""
        with suppress(EngineError):
            remove_own(self._connection.brief())

    def sweep(self) -> int:
        """Removes what dead processes of ciforge left behind; returns how much."""
        return sweep(self._connection.quick(), time.time())

    def clean(
        self, project: str, before: float, wanted: CleanupRequest, *, only_say: bool
    ) -> Iterator[str]:
        """Removes what ciforge made before `before`; yields a line for each thing."""
        client = self._connection.client()
        yield from clean(client, project, before, wanted, only_say=only_say)

    def health(self, left_over: int = 0) -> Health:
        """The engine's state."""
        return health(self._connection, left_over)

    def close(self) -> None:
        """Waits for the end of removals, and ends all connections."""
        self._removals.wait()
        self._connection.close()


def _labels(job: Job, plan: MachineSpec) -> dict[str, str]:
    marks = {
        **labels.passing(plan.life),
        labels.JOB: job.id,
        labels.RUN: plan.run,
        labels.PROJECT: plan.project,
    }
    return marks | ({labels.KEPT: "1"} if plan.keep else {})
