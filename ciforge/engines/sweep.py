"""Removes containers whose process is dead: those of jobs, and those in which a dead daemon was building."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from ciforge.engines import labels
from ciforge.engines.client import Client, translated
from ciforge.engines.container import remove
from ciforge.errors import EngineError

_OVER = ("exited", "dead", "created")
"""States of a container in which nothing runs. podman has no `dead`, and refuses to filter by it."""
_BUILDS = "/bin/sh -c"
"""Beginning of the command of the classic builder's own containers, which bear no labels."""


def sweep(client: Client, now: float) -> int:
    """Removes what the dead left behind; how much there was.

    What cannot be removed is no reason not to work: the next start tries again.
    """
    with translated("looking for containers"):
        containers = client.containers(all=True)
        over = [container for container in containers if container["State"] in _OVER]
        dead = [container["Id"] for container in containers if _is_left_over(container, now)]
        dead += _abandoned(client, over, now)
    return _remove(client, dead)


def _is_left_over(container: dict[str, Any], now: float) -> bool:
    return labels.is_left_over(
        container["Labels"] or {}, now, running=container["State"] not in _OVER
    )


def _abandoned(client: Client, containers: Iterable[dict[str, Any]], now: float) -> Iterator[str]:
    """Containers of builds whose process is dead: a daemon that is killed leaves them."""
    for container, hosts in _builders(client, containers):
        if any(labels.is_dead_builder(host, now) for host in hosts):
            yield container


def _builders(
    client: Client, containers: Iterable[dict[str, Any]]
) -> Iterator[tuple[str, list[str]]]:
    """Containers that a build could have created, each with the hosts that were added to it."""
    for container in containers:
        if str(container["Command"]).startswith(_BUILDS) and labels.BOX not in (
            container["Labels"] or {}
        ):
            with suppress(EngineError), translated("looking at a container"):
                found = client.inspect_container(container["Id"])["HostConfig"].get("ExtraHosts")
                yield container["Id"], list(found or ())


def remove_build(client: Client, name: str) -> None:
    """Removes the container in which the build of that name (`labels.builder`) runs just now."""
    with translated("looking for containers of a build"):
        found = client.containers(all=True)
    ours = [
        container
        for container, hosts in _builders(client, found)
        if f"{name}:{labels.NOWHERE}" in hosts
    ]
    _remove(client, ours)


def remove_own(client: Client) -> None:
    """Removes all containers of this process, whatever runs in them."""
    owner = f"{labels.OWNER}={labels.this_process()}"
    host = f"{labels.HOST}={labels.this_host()}"
    with translated("looking for containers"):
        found = client.containers(all=True, filters={"label": [labels.BOX, owner, host]})
    _remove(client, [container["Id"] for container in found])


def _remove(client: Client, containers: list[str]) -> int:
    for container in containers:
        with suppress(EngineError):
            remove(client, container)
    return len(containers)
