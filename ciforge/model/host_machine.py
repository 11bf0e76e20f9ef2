"""Machines of the user that are no containers: what `machines.yml` says of them."""

import enum

import attrs

from ciforge.model.trust_domain import Trust

LOCAL = "local"
"""The name of the machine that ciforge itself runs on."""


class RootCommand(enum.Enum):
    """The command by which the login user runs another one as root."""

    NONE = "none"
    DOAS = "doas"
    SUDO = "sudo"

    @property
    def words(self) -> str:
        """The prefix that runs a command as root without asking for a password; empty if there is no root."""
        return "" if self is RootCommand.NONE else f"{self.value} -n"


class PackagePolicy(enum.Enum):
    """The policy for packages that a job needs: check them, or install them."""

    CHECK = "check"
    INSTALL = "install"


@attrs.frozen(kw_only=True)
class HostMachine:
    """One machine. Only its owner's configuration defines it, never a checkout."""

    ssh: str = ""
    """`user@host`, or a name of ssh_config(5): one word that is no option; empty for `local`."""
    port: int = 0
    """0 for that of ssh_config(5)."""
    system: str = ""
    """The release that it runs: `openbsd-7.9`; empty for `local` where it is asked for."""
    arch: str = "amd64"
    root: RootCommand = RootCommand.NONE
    packages: PackagePolicy = PackagePolicy.CHECK
    disposable: bool = False
    """Whether its owner throws it away: jobs install into its system and make their users there."""
    trust: tuple[Trust, ...] = (Trust.BRANCH, Trust.TREE)
    """The trust domains whose jobs it runs."""
    directory: str = ""
    """The absolute path of the folder for jobs; empty for `.cache/ciforge` of the login user."""
    disk: str = ""
    """A virtual machine: the file or address of its disk. It has no `ssh`."""
    sha256: str = ""
    """That of the file, as it is downloaded; empty for that of the first download."""
    user: str = "ciforge"
    """The login user of a virtual machine."""
    key: str = ""
    """The file of the private key of that login; empty for ciforge's own."""
    memory: int = 2048
    """MiB of memory of a virtual machine."""
    processors: int = 1
    network: bool = False
    """Whether a virtual machine reaches the network."""
    boot: int = 600
    """Seconds in which a virtual machine has to answer."""
    qemu: tuple[str, ...] = ()
    """More arguments for QEMU."""
