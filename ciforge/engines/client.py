"""Clients of the Docker daemon, one per thread, and its failures as EngineError."""

import http.client
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker
import requests
import urllib3
from docker.errors import DockerException

from ciforge.engines.protocol import EngineUnreachable
from ciforge.errors import EngineError
from ciforge.sanitize import safe_line

Client = Any
"""The SDK's low-level client; its stubs lack half of what is used here."""

_TIMEOUT = 120
"""Seconds for one answer."""
_QUICK = 20
"""The same for what a healthy daemon does at once."""
_BRIEF = 5
"""The same after the second request to stop."""
_LEAST = 0.1
_SLOW = 3600
"""Seconds of silence within a stream: a package may be long in installing."""

_SDK_RAISES = (
    DockerException, requests.RequestException, urllib3.exceptions.HTTPError,
    http.client.HTTPException, OSError, ValueError, KeyError,
)  # fmt: skip
"""Its own, those of the libraries below it, and what an answer that is none of Docker's leads to."""


class Connection:
    """The daemon that DOCKER_HOST or the current context names; never a pinned API version."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._clients: list[Client] = []
        self._lock = threading.Lock()

    def client(self) -> Client:
        """This thread's own client. Raises EngineUnreachable."""
        return self._own("client", _TIMEOUT)

    def quick(self) -> Client:
        """The same, soon out of patience: for asking whether the daemon is there at all."""
        return self._own("quick", _QUICK)

    def brief(self) -> Client:
        """The same, with next to no patience."""
        return self._own("brief", _BRIEF)

    def hasty(self, seconds: float) -> Client:
        """The same with so many seconds for the next answer."""
        client = self._own("hasty", _BRIEF)
        client.timeout = max(_LEAST, seconds)
        return client

    def check(self) -> None:
        """Raises EngineError where the daemon does not answer."""
        with translated("asking whether the engine is still there"):
            self.quick().ping()

    def slow(self) -> Client:
        """Its own client for a build or a pull, which may be silent for long."""
        return self._keep(_connect(_SLOW))

    def _own(self, name: str, timeout: int) -> Client:
        client = getattr(self._local, name, None)
        if client is None:
            client = self._keep(_connect(timeout))
            setattr(self._local, name, client)
        return client

    def _keep(self, client: Client) -> Client:
        with self._lock:
            self._clients.append(client)
        return client

    def close(self) -> None:
        """Closes every thread's client."""
        with self._lock:
            clients, self._clients = self._clients, []
        for client in clients:
            client.close()


def _connect(timeout: int) -> Client:
    try:
        client = docker.from_env(timeout=timeout).api
        client.ping()
    except _SDK_RAISES as error:
        raise EngineUnreachable(
            f"no Docker engine answers{_asked()}: {last_line(error)}",
            hint="start it (`systemctl start docker`), or point DOCKER_HOST at one that runs; "
            "`ciforge doctor` says more",
        ) from None
    return client


def _asked() -> str:
    """Names DOCKER_HOST if it is set."""
    host = os.environ.get("DOCKER_HOST", "")
    return f" (DOCKER_HOST is {safe_line(host, 200)})" if host else ""


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turns any exception of the SDK into an EngineError that names the operation."""
    try:
        yield
    except _SDK_RAISES as error:
        raise EngineError(f"{what}: {last_line(error)}") from error


def last_line(error: BaseException) -> str:
    """The most telling line of an exception, without the wrappings of urllib3."""
    explanation: Any = getattr(error, "explanation", None)
    text = str(explanation or error).strip()
    for cause in _causes(error):
        if isinstance(cause, FileNotFoundError | ConnectionRefusedError | PermissionError):
            text = cause.strerror or str(cause)
        elif isinstance(cause, TimeoutError | requests.Timeout | urllib3.exceptions.TimeoutError):
            text = "it does not answer in time"
        elif isinstance(cause, ConnectionResetError | BrokenPipeError):
            text = "it closed the connection"
        elif isinstance(cause, http.client.HTTPException):
            text = "its answer is not HTTP"
    return text.splitlines()[-1] if text else type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it wraps, `args` of urllib3 and requests included."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
