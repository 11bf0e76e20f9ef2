"""Reads ciforge's table of operating systems that `ciforge doctor` can fix."""

import functools
from collections.abc import Mapping
from typing import Any

import attrs
import yaml

from ciforge.resources import data_folder

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def _truth(value: bool | str) -> bool:
    """Reads a text scalar as true or false."""
    return value in (True, "true")


@attrs.frozen(kw_only=True)
class HostSystem:
    """The commands of one operating system."""

    install: str = ""
    """The command that installs packages; empty if unknown."""
    packages: Mapping[str, str] = attrs.field(factory=dict)
    """`docker` and `qemu` to the names of their packages, if different."""
    unattended: bool = attrs.field(default=False, converter=_truth)
    """Whether `--fix` may install packages and start services."""
    service: str = "service {name} {verb}"
    """The command that starts or restarts a service without systemd."""
    engine: str = ""
    """`elsewhere`: no container engine runs on this system."""


@functools.cache
def host_systems() -> Mapping[str, HostSystem]:
    """All rows, by ID of os-release or name of the kernel."""
    file = data_folder("distros") / "tables" / "hosts.yml"
    values = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
    return {name: HostSystem(**row) for name, row in values.items()}
