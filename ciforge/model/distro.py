"""The contents of a descriptor in `distros/`: releases, images, package names, commands."""

import re
from collections.abc import Mapping

import attrs

from ciforge.model.cross import CrossSystem
from ciforge.model.platform import Platform
from ciforge.model.proof import Proof
from ciforge.model.toolchain import Toolchain
from ciforge.model.value import Value


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Provision(Value):
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
    """The source of the fact, or `unverified`."""
    note: str = ""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Dependency(Provision):
    """A provision that may differ by release."""

    releases: Mapping[str, Provision] = attrs.field(factory=dict)

    def on(self, release: str) -> Provision:
        """The provision for `release` (for instance `13`)."""
        return self.releases.get(release, self)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Compiler(Value):
    """A kind of compiler that jobs name: `gcc`, in several versions, or `tcc`. `{version}` is replaced."""

    packages: tuple[str, ...]
    cc: str
    """The program that compiles C: `gcc-{version}`."""
    cxx: str = ""
    """The program that compiles C++; empty where there is none."""
    versions: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    """By release, the versions that it has; without any, jobs name the kind alone."""
    source: str = ""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Accounts(Value):
    """Commands that make a group and a user; `{group}`, `{user}` and `{home}` stand for the names."""

    add_group: str
    add_user: str
    run_as: str = ""
    """Has root run `{command}` as `{user}` on a machine that has neither sudo nor doas."""
    source: str = ""


@attrs.frozen(kw_only=True)
class HostedMachine:
    """The machines of hosted services that have a release which runs in no container."""

    action: str = ""
    """The action that boots it as a virtual machine on GitHub's runners: `vmactions/freebsd-vm`."""
    host: str = ""
    """The name by which ssh reaches that machine."""
    runners: Mapping[str, str] = attrs.field(factory=dict)
    """Platform (`darwin/arm64`) to the label of GitHub's own runner."""
    image: str = ""
    """The image of builds.sr.ht: `freebsd/latest`."""
    directory: str = "/ciforge"
    """The folder of a job. Nothing can be made at the top of macOS."""
    source: str = ""

    def serve(self, platform: Platform) -> bool:
        """Returns whether a hosted service has such a machine of the platform."""
        return bool(self.action or self.image or str(platform) in self.runners)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Bootstrap(Value):
    """The way to create a base image from the package mirror if no registry answers."""

    program: str
    """The program that must be on this machine."""
    command: str
    """Words for a program; `{suite}`, `{arch}` and `{archive}` (the tar file to write) are replaced."""
    architectures: Mapping[str, str]
    """Platform (`linux/arm64`) to the distribution's own word (`arm64`)."""
    hint: str = ""
    """The command that installs the program."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Release(Value):
    """One release of a distribution, and the image that a clean machine of it starts from."""

    release: str
    """`13`, `24.04`, `tumbleweed`; text as it was written."""
    image: str = ""
    """Empty where there is none: then no container engine runs its jobs."""
    platforms: tuple[Platform, ...]
    libc: str = ""
    """The C library of this release, if it differs from that of the distribution."""
    codename: str = ""
    suite: str = ""
    """The name that the package mirror has for it; the codename where empty."""
    eol: str = ""
    """The day (`2026-08-31`) after which it is unsupported."""
    rolling: bool = False
    prerelease: bool = False
    """Whether it was not released yet when the descriptor was written."""
    setup: tuple[str, ...] = ()
    """Commands before packages are refreshed: further repositories and the like."""
    env: Mapping[str, str] = attrs.field(factory=dict)
    accounts: Accounts | None = None
    cross: CrossSystem | None = None
    """How a cross check compiles and links for it; None where none can."""
    hosted: HostedMachine = HostedMachine()
    source: str = ""
    note: str = ""


_LATEST = re.compile(r"latest ([1-9])")


def latest_count(rule: str) -> int:
    """2 for `latest 2`; 0 for the name of a release."""
    match = _LATEST.fullmatch(rule)
    return int(match[1]) if match else 0


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Distribution(Value):
    """One descriptor."""

    distribution: str
    title: str
    manager: str
    """The package manager's descriptor: `apt` is `distros/managers/apt.yml`."""
    defaults: tuple[str, ...]
    """The releases that the plain name means in `jobs:`, or a rule, as the file has them:
    `latest 2` is the newest two. `default_releases` are the names."""
    releases: tuple[Release, ...]
    packages: Mapping[str, Dependency]
    accounts: Accounts
    like: str = ""
    """The distribution that it inherits from; what that one has is here already."""
    libc: str = "glibc"
    make: str = "make"
    """The command that recipes call as make."""
    setup: tuple[str, ...] = ()
    env: Mapping[str, str] = attrs.field(factory=dict)
    compilers: Mapping[str, Compiler] = attrs.field(factory=dict)
    """Compilers that jobs may name, by kind."""
    bootstrap: Bootstrap | None = None
    sources: Mapping[str, str] = attrs.field(factory=dict)
    """The meaning of the first word of each `source`: an address, and when it was read."""
    source: str = ""

    def release_id(self, release: Release) -> str:
        """`debian-13`."""
        return f"{self.distribution}-{release.release}"

    def libc_on(self, release: Release) -> str:
        """`musl`, `glibc` and so on."""
        return release.libc or self.libc

    @property
    def default_releases(self) -> tuple[str, ...]:
        """The releases that `defaults` means, in the order of `releases`; the day plays no part."""
        named: set[str] = set()
        for text in self.defaults:
            named.update(self.latest(count) if (count := latest_count(text)) else (text,))
        return tuple(each.release for each in self.releases if each.release in named)

    def latest(self, count: int) -> tuple[str, ...]:
        """The newest `count` releases of this data, in its order, without rolling and unreleased ones."""
        released = [r.release for r in self.releases if not (r.rolling or r.prerelease)]
        return tuple(released[-count:])


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Manager(Value):
    """One package manager: its commands, and how it words its failures."""

    manager: str
    install: str
    """Installs `{packages}` without prompting and without recommended packages."""
    refresh: str = ""
    """Fetches the index; empty if `install` does so itself."""
    upgrade: str = ""
    """Upgrades a rolling release before packages are installed; empty if `install` upgrades."""
    clean: str = ""
    as_root: bool = True
    """Whether root runs it; else the login user does, as Homebrew requires."""
    versions: str
    """Prints one `name version` a line for what is installed."""
    check: str = ""
    """Exits 0 if `{package}` exists and could be installed, and installs nothing."""
    available: str = ""
    """Prints the versions of `{package}` that can be installed now, one a line, the oldest first; empty
    for a manager whose repositories keep only the newest."""
    pinned: str = ""
    """A package at a version, as `install_pinned` takes it: `{package}={version}`."""
    install_pinned: str = ""
    """Installs `{packages}`, each `pinned` or a name, also where a newer version is installed."""
    file_index: str = ""
    """Prints addresses of indexes that say which package owns a file, for that system, one a line:
    Debian's Contents, packed by gzip. Empty where nobody is asked."""
    file_list: str = ""
    """Prints every file of every package of the index, one a line: the path, blanks, and the packages
    that have it, separated by commas, each perhaps after a section and a slash. `{file_index}` is replaced."""
    provides: Mapping[str, str] = attrs.field(factory=dict)
    """By kind of name (`pkg-config`): a command that prints the packages that have `{name}`, one a line,
    and exits 0 also if none has it. For managers without `file_list`."""
    env: Mapping[str, str] = attrs.field(factory=dict)
    install_pattern: str = ""
    """A regular expression: how scripts call it to install the packages that follow."""
    unknown_package: tuple[str, ...] = ()
    """Regular expressions with a group `package`: a name that does not exist. The job failed."""
    restricted: tuple[str, ...] = ()
    """Regular expressions: it lacks a right in the container. Asked before `unreachable`: what it says
    after that looks like a dead mirror. Nothing is known about the job."""
    unreachable: tuple[str, ...] = ()
    """Regular expressions: a mirror or the network is down. Nothing is known about the job."""
    full: tuple[str, ...] = ()
    """Regular expressions: it finds no room on a disk. Nothing is known about the job."""
    incomplete: tuple[str, ...] = ()
    """Regular expressions: a package of the index requires one that no index has. Nothing is known
    about the job: the mirror is between two states, or a repository is missing."""
    sources: Mapping[str, str] = attrs.field(factory=dict)
    source: str = ""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Catalogue(Value):
    """All descriptors, by id."""

    distributions: Mapping[str, Distribution]
    managers: Mapping[str, Manager]
    unread: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    """Distributions that exist but were not read, to the ids of their releases."""
    tabled: frozenset[str] = frozenset()
    """Dependencies of the table for what no descriptor has; empty where it was not needed."""
    locked: Mapping[str, Mapping[str, tuple[str, ...] | None]] = attrs.field(factory=dict)
    """The answers of package indexes, by release and name, as `ciforge.lock` has them."""
    toolchain: Toolchain | None = None
    """The compiler of cross checks; None where there are none."""
    proofs: Mapping[tuple[str, str], Proof] = attrs.field(factory=dict)
    """The id of a release and a platform to how far it is proven, where it is at all."""

    def proof(self, distribution: Distribution, release: Release, platform: Platform) -> Proof:
        """The degree to which a release is proven on a platform."""
        return self.proofs.get((distribution.release_id(release), str(platform)), Proof.RENDERED)
