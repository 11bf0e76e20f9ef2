"""The table of the toolchain that travels with ciforge; read when a cross check is planned."""

import functools
from typing import Any

import yaml

from ciforge.model.toolchain import Toolchain, ToolchainMachine
from ciforge.resources import data_folder

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@functools.cache
def toolchain() -> Toolchain:
    """The whole table. A test holds the file to its form, so that no user sees a mistake in it."""
    file = data_folder("distros") / "tables" / "toolchain.yml"
    values = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
    machines = {
        platform: ToolchainMachine(**row) for platform, row in values.pop("machines").items()
    }
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    return Toolchain(**{**values, **lists, "machines": machines})
