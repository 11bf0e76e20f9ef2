"""The contents of a descriptor in `distros/`: releases, images, package names, commands."""

from collections.abc import Mapping

import attrs

from ciforge.model.platform import Platform


@attrs.frozen(kw_only=True)
class Provision:
    """The package of one dependency on one release: exactly one of `packages`, `provided`,
    `missing`.
    """

    packages: tuple[str, ...] = ()
    """Names to hand to the package manager."""
    provided: str = ""
    """By what, where nothing needs installing: `libc`, `essential`, `image`, `base`, `toolchain`."""
    missing: str = ""
    """Why it is not to be had; a job that needs it is skipped with this reason."""
    source: str = ""
    """Where the fact comes from, or `unverified`."""
    note: str = ""


@attrs.frozen(kw_only=True)
class Dependency(Provision):
    """A provision that may differ by release."""

    releases: Mapping[str, Provision] = attrs.field(factory=dict)

    def on(self, release: str) -> Provision:
        """The provision for `release` (for instance `13`)."""
        return self.releases.get(release, self)


@attrs.frozen(kw_only=True)
class Accounts:
    """Commands that make a group and a user; `{group}`, `{user}` and `{home}` stand for the names."""

    add_group: str
    add_user: str
    source: str = ""


@attrs.frozen(kw_only=True)
class Bootstrap:
    """How a base image is created from the package mirror if no registry answers."""

    program: str
    """The program that must be on this machine."""
    command: str
    """Words for a program; `{suite}`, `{arch}` and `{archive}` (the tar file to write) are replaced."""
    architectures: Mapping[str, str]
    """Platform (`linux/arm64`) to the distribution's own word (`arm64`)."""
    hint: str = ""
    """The command that installs the program."""


@attrs.frozen(kw_only=True)
class Release:
    """One release of a distribution, and the image that a clean machine of it starts from."""

    release: str
    """`13`, `24.04`, `tumbleweed`; text as it was written."""
    image: str
    platforms: tuple[Platform, ...]
    codename: str = ""
    suite: str = ""
    """The name that the package mirror has for it; the codename where empty."""
    eol: str = ""
    """The day (`2026-08-31`) after which it is unsupported."""
    rolling: bool = False
    tried: tuple[Platform, ...] = ()
    """Where jobs on it have really run; a job elsewhere says that it has not."""
    setup: tuple[str, ...] = ()
    """Commands before packages are refreshed: further repositories and the like."""
    env: Mapping[str, str] = attrs.field(factory=dict)
    accounts: Accounts | None = None
    source: str = ""
    note: str = ""


@attrs.frozen(kw_only=True)
class Distribution:
    """One descriptor."""

    distribution: str
    title: str
    manager: str
    """The package manager's descriptor: `apt` is `distros/managers/apt.yml`."""
    defaults: tuple[str, ...]
    """The releases that the plain name stands for in `jobs:`."""
    releases: tuple[Release, ...]
    packages: Mapping[str, Dependency]
    accounts: Accounts
    like: str = ""
    """The distribution that it inherits from; what that one has is here already."""
    libc: str = "glibc"
    make: str = "make"
    """What the recipes call for make."""
    setup: tuple[str, ...] = ()
    env: Mapping[str, str] = attrs.field(factory=dict)
    bootstrap: Bootstrap | None = None
    source: str = ""

    def release_id(self, release: Release) -> str:
        """`debian-13`."""
        return f"{self.distribution}-{release.release}"


@attrs.frozen(kw_only=True)
class Manager:
    """One package manager: its commands, and how it words its failures."""

    manager: str
    install: str
    """Installs `{packages}` without prompting and without recommended packages."""
    refresh: str = ""
    """Fetches the index; empty if `install` does so itself."""
    upgrade: str = ""
    """Upgrades a rolling release before packages are installed; empty if `install` upgrades."""
    clean: str = ""
    versions: str
    """Prints one `name version` a line for what is installed."""
    file_index: str = ""
    """Prints addresses of indexes that say which package owns a file, for that system, one a line:
    Debian's Contents, packed by gzip. Empty where nobody is asked."""
    env: Mapping[str, str] = attrs.field(factory=dict)
    install_pattern: str = ""
    """A regular expression: how scripts call it to install the packages that follow."""
    unknown_package: tuple[str, ...] = ()
    """Regular expressions with a group `package`: a name that does not exist. The job failed."""
    unreachable: tuple[str, ...] = ()
    """Regular expressions: a mirror or the network is down. Nothing is known about the job."""
    source: str = ""


@attrs.frozen(kw_only=True)
class Catalogue:
    """All descriptors, by id."""

    distributions: Mapping[str, Distribution]
    managers: Mapping[str, Manager]
