"""What an engine says of itself, with the limits that it can really set."""

from collections.abc import Mapping
from typing import Any

from ciforge.engines.client import Client

_LIBPOD = "/v4.0.0/libpod/info"
"""Podman's own API; every later version answers to 4.0.0:
https://docs.podman.io/en/stable/_static/api.html"""
_CONTROLLERS = {"MemoryLimit": "memory", "SwapLimit": "memory", "PidsLimit": "pids"}
"""Limits to the control groups that set them."""
ROOTLESS = "name=rootless"
"""Among the security options of an engine that runs without root."""


def engine_facts(client: Client, *, is_podman: bool) -> dict[str, Any]:
    """The answer of `info` in Docker's form. Raises as the client does.

    Podman's answer in that form is about the kernel alone: a service without root claims limits that
    nobody let it set, and version 4.3 does not say that it has no root. Its own answer does.
    """
    info: dict[str, Any] = client.info()
    if not is_podman:
        return info
    answer = client.get(f"{client.base_url}{_LIBPOD}", timeout=client.timeout)
    return with_podman_limits(info, answer.json()) if answer.ok else info


def with_podman_limits(info: dict[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The facts without limits that podman without root cannot set; `own` is the answer of its own API."""
    host = own.get("host") or {}
    if not (host.get("security") or {}).get("rootless"):
        return info
    allowed = host.get("cgroupControllers") or ()
    limits = {
        name: bool(info.get(name)) and group in allowed for name, group in _CONTROLLERS.items()
    }
    options = [*(info.get("SecurityOptions") or ()), ROOTLESS]
    return {**info, **limits, "SecurityOptions": list(dict.fromkeys(options))}
