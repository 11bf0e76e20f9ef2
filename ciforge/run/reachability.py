"""Whether ciforge itself reaches, from this machine and at once, what a step could not reach."""

import enum
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import attrs

from ciforge.diagnose.endpoints import Endpoint, unreachable_endpoint
from ciforge.model.job import Job
from ciforge.run.probe import findings_of

_SECONDS = 10.0
"""Seconds for the name and all of its addresses together; a busy machine needs some of them to ask at all."""
_ADDRESSES = 4
_EXISTS = "example.com"
"""A name that exists for ever (RFC 2606): a resolver that does not find it knows no name of the internet."""
_NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))

Resolver = Callable[[str, int], Sequence[str]]
"""Addresses of a host, for TCP. Raises socket.gaierror."""


class Reach(enum.Enum):
    """The outcome of an attempt to connect."""

    REACHED = "reached"
    LOST = "lost"
    """No address accepts a connection, or the resolver does not answer."""
    UNKNOWN = "unknown"
    """The name does not exist, or it means another machine inside of a container."""


def reach(endpoint: Endpoint, seconds: float = _SECONDS, resolve: Resolver | None = None) -> Reach:
    """Connects to an endpoint, and sends nothing.

    A name that does not exist is no loss of the network, for the address may be wrong, unless no name exists. Loopback
    and link-local addresses are never connected to.
    """
    until = time.monotonic() + seconds
    results: list[Reach] = []
    # In a thread, because name resolution has no timeout.
    asking = threading.Thread(
        target=_ask, args=(endpoint, until, resolve or _addresses, results.append), daemon=True
    )
    asking.start()
    asking.join(seconds)
    return results[0] if results else Reach.LOST


def _ask(
    endpoint: Endpoint, until: float, resolve: Resolver, on_result: Callable[[Reach], None]
) -> None:
    try:
        found = resolve(endpoint.host, endpoint.port)
    except socket.gaierror as error:
        wrong = error.errno in _NO_SUCH_NAME and _knows_names(resolve)
        on_result(Reach.UNKNOWN if wrong else Reach.LOST)
        return
    except (OSError, UnicodeError):  # no host name at all
        on_result(Reach.UNKNOWN)
        return
    public = [address for address in found if _is_shared(address)][:_ADDRESSES]
    if not public:
        on_result(Reach.UNKNOWN)
    elif any(accepts(Endpoint(host, endpoint.port), until - time.monotonic()) for host in public):
        on_result(Reach.REACHED)
    else:
        on_result(Reach.LOST)


def _knows_names(resolve: Resolver) -> bool:
    with suppress(OSError):
        return bool(resolve(_EXISTS, 443))
    return False


def accepts(endpoint: Endpoint, seconds: float) -> bool:
    """Whether an address accepts a connection within so many seconds."""
    if seconds <= 0:
        return False
    with suppress(OSError), socket.create_connection(attrs.astuple(endpoint), seconds):
        return True
    return False


def _addresses(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(row[4][0]) for row in found))


def _is_shared(address: str) -> bool:
    """Whether the address means the same machine here and in a container."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return not (
        parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified or parsed.is_multicast
    )


def lost_endpoint(
    job: Job, folder: Path, step: str, test: Callable[[Endpoint], Reach] = reach
) -> Endpoint | None:
    """Returns the host that a failed step with network could not reach, if ciforge cannot reach it either; else None.

    The log of the job's `folder` names the endpoint. It alone changes no status.
    """
    if not any(planned.name == step and planned.network for planned in job.steps):
        return None
    # An error in a rule must not change the verdict.
    with suppress(Exception):
        endpoint = unreachable_endpoint(findings_of(folder, step))
        if endpoint and test(endpoint) is Reach.LOST:
            return endpoint
    return None
