"""The table of systems that `ciforge doctor` knows how to fix; it travels with ciforge."""

import functools
from collections.abc import Mapping
from typing import Any

import attrs
import yaml

from ciforge.resources import data_folder

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def _truth(value: bool | str) -> bool:
    """Scalars of the file are text."""
    return value in (True, "true")


@attrs.frozen(kw_only=True)
class HostSystem:
    """The commands of one system."""

    install: str = ""
    """Installs the packages that follow; empty where no command is known."""
    packages: Mapping[str, str] = attrs.field(factory=dict)
    """`docker` and `qemu` to the names of their packages, where these are others."""
    unattended: bool = attrs.field(default=False, converter=_truth)
    """Whether packages may be installed and services started without asking."""
    service: str = "service {name} {verb}"
    """Starts or restarts a service where there is no systemd."""
    engine: str = ""
    """`elsewhere`: no container engine runs on this system."""


@functools.cache
def host_systems() -> Mapping[str, HostSystem]:
    """By ID of os-release, or name of the kernel."""
    file = data_folder("distros") / "tables" / "hosts.yml"
    values = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
    return {name: HostSystem(**row) for name, row in values.items()}
