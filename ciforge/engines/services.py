"""Services beside a job: containers that share its loopback interface and have no other network."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from docker.types import LogConfig

from ciforge.engines.base_image import pulled_image
from ciforge.engines.client import Connection, translated
from ciforge.engines.container import remove
from ciforge.engines.helper_exec import HelperExec
from ciforge.engines.interruptible import interruptible
from ciforge.engines.limits import ulimits
from ciforge.engines.output_line import last_output_line
from ciforge.engines.protocol import MachineSpec, OutputHandler, PrepareFailed, Stop
from ciforge.errors import EngineError
from ciforge.model.job import Job, JobService

_HEALTHY = 60.0
"""Seconds in which a service has to be healthy."""
_PAUSE = 0.5
_LOG = 1024 * 1024
"""Bytes of the log of a service."""
_IS_HEALTHY = b"ciforge: healthy"


def service_image(
    connection: Connection, job: Job, service: JobService, on_output: OutputHandler, stop: Stop
) -> str:
    """The id of the image that a service names by its digest, pulled if it is not here. Raises EngineError."""
    return pulled_image(connection, service.image, job.platform, on_output, stop)


class RunningServices:
    """The services of one job; they end when `remove` is called, and those with a command with the job's time at the latest."""

    def __init__(self, connection: Connection, container: str, plan: MachineSpec) -> None:
        self._connection = connection
        self._container = container
        self._plan = plan
        self._started: dict[str, str] = {}

    def start(
        self,
        service: JobService,
        image: str,
        labels: Mapping[str, str],
        dropped: list[str],
        stop: Stop,
    ) -> None:
        """Starts a service and waits until it is healthy. Raises PrepareFailed, EngineError, Stopped."""
        client = self._connection.client()
        with translated(f"starting the service {service.name}"):
            made = client.create_container_from_config(
                self._config(service, image, labels, dropped)
            )
            self._started[service.name] = str(made["Id"])
            client.start(made["Id"])
        self._wait(service, stop)

    def _config(
        self, service: JobService, image: str, labels: Mapping[str, str], dropped: list[str]
    ) -> dict[str, Any]:
        client, plan = self._connection.client(), self._plan
        host = client.create_host_config(
            init=True, mem_limit=plan.memory, memswap_limit=plan.memory, pids_limit=plan.processes,
            cap_drop=dropped, security_opt=["no-new-privileges"],
            network_mode=f"container:{self._container}",
            ulimits=ulimits(is_podman=self._connection.is_podman),
            log_config=LogConfig(type="json-file", config={"max-size": "1m", "max-file": "1"}),
        )  # fmt: skip
        # It ends by itself, even if ciforge is gone.
        end = f"( sleep {plan.life}; kill -KILL $$ ) &\n"
        command = ["/bin/sh", "-c", end + service.run] if service.run else None
        config: dict[str, Any] = client.create_container_config(
            image, command, labels=dict(labels), host_config=host
        )
        return config

    def _wait(self, service: JobService, stop: Stop) -> None:
        until = time.monotonic() + _HEALTHY
        container = self._started[service.name]
        helper = HelperExec(self._connection, container, self._plan.processes)
        check = f"( {service.healthy}\n) >/dev/null 2>&1 && echo '{_IS_HEALTHY.decode()}'"
        while time.monotonic() < until and self._is_running(container):
            try:
                # The check itself may hang, and a request to stop does not wait for it.
                if _IS_HEALTHY in next(interruptible(stop, _output(helper, check), lambda: None)):
                    return
            except EngineError:
                if self._is_running(container):
                    raise
            stop.wait(_PAUSE)
            stop.check()
        ended = not self._is_running(container)
        what = "ended" if ended else f"was not healthy after {_HEALTHY:.0f} s: {service.healthy}"
        last = last_output_line(self.log(service.name) or b"") or "it printed nothing"
        raise PrepareFailed(f"the service {service.name} {what}; its last line: {last}", None)

    def _is_running(self, container: str) -> bool:
        with translated("looking at a service"):
            state = self._connection.quick().inspect_container(container)["State"]
        return bool(state["Running"])

    def log(self, name: str) -> bytes | None:
        """The end of what a service printed; None for one that was not started."""
        if name not in self._started:
            return None
        with translated("reading the log of a service"):
            text: bytes = self._connection.quick().logs(self._started[name], tail=5000)
        return text[-_LOG:]

    def remove(self) -> None:
        """Removes the containers of all services; if the daemon does not answer, the next start of ciforge does."""
        for container in self._started.values():
            try:
                remove(self._connection.quick(), container)
            except EngineError:
                continue


def _output(helper: HelperExec, script: str) -> Iterator[bytes]:
    yield helper.output(script)
