"""The addresses at which an engine with Docker's API is looked for."""

from collections.abc import Mapping
from pathlib import Path

DOCKER = ""
"""The SDK's own choice: the current context, else Docker's default socket."""
_ROOT = Path("/run/podman/podman.sock")
_SPOKEN = ("unix://", "tcp://")
"""Schemes that the SDK opens without a client program."""


def engine_addresses(environment: Mapping[str, str], user: int) -> tuple[str, ...]:
    """The addresses to try, the first one that answers wins; `user` is the numeric user id.

    DOCKER_HOST is the only one where it is set. Else they are that of Docker's current context,
    podman's CONTAINER_HOST, and the sockets of podman's service, the user's own before root's:
    https://docs.podman.io/en/stable/markdown/podman-system-service.1.html
    """
    if host := environment.get("DOCKER_HOST", ""):
        return (host,)
    named = environment.get("CONTAINER_HOST", "")
    runtime = environment.get("XDG_RUNTIME_DIR") or f"/run/user/{user}"
    own = [Path(runtime, "podman", "podman.sock"), _ROOT]
    podman = [named] if named.startswith(_SPOKEN) else []
    podman += [f"unix://{socket}" for socket in own]
    return tuple(dict.fromkeys((DOCKER, *podman)))


def may_answer(address: str) -> bool:
    """Whether something could answer there: a socket that does not exist is not tried."""
    scheme, _, path = address.partition("://")
    try:
        return scheme != "unix" or Path(path).exists()
    except OSError:
        return False
