"""The content of `distros/tables/toolchain.yml`: the compiler of cross checks and the machine that they run on."""

from collections.abc import Mapping

import attrs

from ciforge.model.value import Value


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ToolchainMachine(Value):
    """One platform that cross checks can run on."""

    sha256: str
    """The digest of the compiler's wheel for it."""
    build: str
    """The name for `configure --build`."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Toolchain(Value):
    """The compiler, pinned by its digests, and the commands that belong to the machine's release."""

    machine: str
    """The release that cross checks run on: its id."""
    name: str
    """The compiler's package, for pip."""
    version: str
    machines: Mapping[str, ToolchainMachine]
    """By platform: `linux/amd64`."""
    packages: tuple[str, ...]
    """Packages that every cross check needs."""
    downloader: tuple[str, ...]
    """Packages that are needed for the download only."""
    remove: str
    """Removes `{packages}`."""
    files: str
    """Prints the files of `{packages}`, one a line."""
    headers: str
    """Prints the names of installed packages that have headers, one a line."""
    library: str
    """A regular expression: the names of packages that have a library and its headers."""
    own_libc: tuple[str, ...]
    """Packages of the machine's own libc, whose headers no target may see."""
    replaced: tuple[str, ...]
    """Dependencies that the compiler replaces."""
