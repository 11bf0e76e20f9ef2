"""Clients of an engine with Docker's API, one per thread, and its failures as EngineError."""

import functools
import http.client
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import docker
import requests
import urllib3
from docker.errors import DockerException

from ciforge.engines.engine_address import engine_addresses, may_answer
from ciforge.engines.protocol import EngineUnreachable
from ciforge.errors import EngineError
from ciforge.sanitize import safe_line

Client = Any
"""The SDK's low-level client; its stubs lack half of what is used here."""

PODMAN = "podman"

_TIMEOUT = 120
"""Seconds for one answer."""
_QUICK = 60
"""The same for requests that an idle daemon answers at once; one whose disk is busy takes seconds."""
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
    """The engine that answers first of `engine_addresses`; never a pinned API version.

    It is chosen once: another engine would know nothing of the containers of this one.
    """

    def __init__(self) -> None:
        self._address: str | None = None
        self._api: str | None = None
        """The version of the API that the engine and the SDK agreed on."""
        self._local = threading.local()
        self._clients: list[Client] = []
        self._lock = threading.Lock()
        self._choosing = threading.Lock()

    def client(self) -> Client:
        """This thread's own client. Raises EngineUnreachable."""
        return self._own("client", _TIMEOUT)

    def quick(self) -> Client:
        """A client with a short timeout, to find out whether the daemon answers at all."""
        return self._own("quick", _QUICK)

    def brief(self) -> Client:
        """A client with a very short timeout."""
        return self._own("brief", _BRIEF)

    def hasty(self, seconds: float) -> Client:
        """The same with so many seconds for the next answer."""
        client = self._own("hasty", _BRIEF)
        client.timeout = max(_LEAST, seconds)
        return client

    @functools.cached_property
    def version(self) -> Mapping[str, Any]:
        """The engine's versions, for which it asks other programs: once. Raises EngineError."""
        with translated("asking the engine for its version"):
            found: dict[str, Any] = self.client().version()
        return found

    @property
    def is_podman(self) -> bool:
        """Whether it is podman, whose API differs in places. Raises EngineError."""
        return title_of(self.version) == PODMAN

    def check(self) -> None:
        """Raises EngineError where the daemon does not answer."""
        with translated("asking whether the engine is still there"):
            self.quick().ping()

    def slow(self) -> Client:
        """Its own client for a build or a pull, which may be silent for long."""
        return self._keep(self._connect(_SLOW))

    def _own(self, name: str, timeout: int) -> Client:
        client = getattr(self._local, name, None)
        if client is None:
            client = self._keep(self._connect(timeout))
            setattr(self._local, name, client)
        return client

    @property
    def address(self) -> str:
        """The engine's address; empty for Docker's default, and before the first client."""
        return self._address or ""

    def _connect(self, timeout: int) -> Client:
        """A client of the chosen engine. Raises EngineUnreachable."""
        with self._choosing:
            if self._address is None:
                return self._choose(timeout)
        try:
            return _client(self._address, timeout, self._api)
        except _SDK_RAISES as error:
            raise _unreachable([(self._address, error)]) from None

    def _choose(self, timeout: int) -> Client:
        """A client of the first engine that answers. One that is there and silent ends the search."""
        addresses = engine_addresses(os.environ, os.getuid())
        failed: list[tuple[str, Exception]] = []
        for address in addresses:
            if failed and not may_answer(address):
                continue
            try:
                client = _client(address, timeout)
            except _SDK_RAISES as error:
                failed.append((address, error))
                if _is_silent(error):
                    break
            else:
                self._address, self._api = address, client.api_version
                return client
        raise _unreachable(failed)

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


def title_of(version: Mapping[str, Any]) -> str:
    """`Docker` or `podman`, by the components that an engine lists: both answer as Docker otherwise."""
    names = [str(component.get("Name", "")) for component in version.get("Components") or ()]
    return PODMAN if any(name.startswith("Podman") for name in names) else "Docker"


def _client(address: str, timeout: int, version: str | None = None) -> Client:
    """A client of the engine at that address, which answers. Raises as the SDK does.

    Without the version of the API, the engine is asked for it."""
    environment = {**os.environ, "DOCKER_HOST": address} if address else dict(os.environ)
    client = docker.from_env(timeout=timeout, environment=environment, version=version).api
    client.ping()
    return client


def _unreachable(failed: Sequence[tuple[str, Exception]]) -> EngineUnreachable:
    """The error that names each address that was tried, Docker's usual one without saying so."""
    (_, first), *others = failed
    tried = [last_line(first)]
    tried += [f"{safe_line(address, 200)}: {last_line(error)}" for address, error in others]
    return EngineUnreachable(
        f"no Docker engine answers{_asked()}: {'; '.join(tried)}",
        hint="start Docker (`systemctl start docker`) or podman (`systemctl --user start podman.socket`), "
        "or point DOCKER_HOST at an engine that runs; `ciforge doctor` says more",
    )


def _is_silent(error: BaseException) -> bool:
    """Whether something took the connection and did not answer in time."""
    timeouts = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)
    return any(isinstance(cause, timeouts) for cause in _causes(error))


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
        current = waiting.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [
            current.__cause__,
            current.__context__,
            getattr(current, "reason", None),
            *current.args,
        ]
