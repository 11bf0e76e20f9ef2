"""Faults of package managers: the table of targets and faults, and what ciforge should make of each.

Targets are distributions beside a project, `like` those of ciforge, whose images have a real package manager and a small
local repository. Their releases are the states of its mirrors.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs
from package_repositories import APK, APT, DNF, PACMAN, ZYPPER

PREFIX = "ciforge-tests/"


@attrs.frozen(kw_only=True)
class Target:
    """A package manager in an image."""

    name: str
    like: str
    """The distribution of ciforge whose names and package manager it has."""
    release: str
    """The release whose names it has."""
    system: str
    """The release that the package manager itself is from; empty for Alpine, which brings its own."""
    script: str
    """What makes the repository."""
    prepare: str = "true"
    version: str
    """Prints the version of the package manager."""
    states: tuple[str, ...] = ("good", "dead", "half")

    @property
    def image(self) -> str:
        """The image whose tags are the states."""
        return PREFIX + self.name

    def release_id(self, state: str) -> str:
        """The release whose mirrors are in this state."""
        return f"{self.name}-{state}"


def _apt(name: str, system: str) -> Target:
    return Target(
        name=name, like="debian", release="13", system=system, script=APT,
        version="apt-get --version | sed -n '1s/ (.*//p'", states=("good", "dead", "half", "expired"),
    )  # fmt: skip


def _dnf(name: str, system: str) -> Target:
    five = name.startswith("dnf5")
    return Target(
        name=name, like="fedora", release="44", system=system, script=DNF,
        prepare="ln -sf dnf5 /usr/bin/dnf" if five else "ln -sf dnf-3 /usr/bin/dnf",
        version="echo dnf $(dnf --version 2>/dev/null | head -n 1)",
    )  # fmt: skip


def _zypper(name: str, system: str) -> Target:
    return Target(name=name, like="opensuse", release="leap-16.0", system=system, script=ZYPPER,
                  version="zypper --version")  # fmt: skip


def _pacman(name: str, system: str) -> Target:
    return Target(name=name, like="arch", release="latest", system=system, script=PACMAN,
                  version="pacman --version | grep -o 'Pacman v[^ ]*'")  # fmt: skip


APK_3 = Target(name="apk-3", like="alpine", release="3.23", system="", script=APK,
               version="apk --version | cut -d , -f 1")  # fmt: skip
TARGETS = (
    _apt("apt-bullseye", "debian-11"),
    _apt("apt-bookworm", "debian-12"),
    _apt("apt-trixie", "debian-13"),
    _apt("apt-sid", "debian-sid"),
    _dnf("dnf4-trixie", "debian-13"),
    _dnf("dnf4-sid", "debian-sid"),
    _dnf("dnf5-sid", "debian-sid"),
    _zypper("zypper-trixie", "debian-13"),
    _zypper("zypper-sid", "debian-sid"),
    _pacman("pacman-trixie", "debian-13"),
    _pacman("pacman-sid", "debian-sid"),
    APK_3,
)
PACKAGES: Mapping[str, tuple[str, ...]] = {
    "debian-13": (
        "dnf",
        "zypper",
        "pacman-package-manager",
        "createrepo-c",
        "rpm",
        "busybox",
        "toybox",
        "rust-coreutils",
    ),
    "debian-sid": ("dnf", "dnf5", "zypper", "pacman-package-manager", "createrepo-c", "rpm"),
}
"""Debian's packages with the package managers, by release, and tools that others have instead of GNU's."""


@attrs.frozen(kw_only=True)
class Fault:
    """What is wrong, and what has to come of it."""

    state: str = "good"
    packages: tuple[str, ...] = ()
    """What the job wants besides."""
    status: str = "failed"
    reason: str = ""
    """What the reason of the job begins with."""
    subjects: tuple[str, ...] = ()
    """One of them is the subject of the cause; none where only the reason counts."""
    advice: str = ""
    """A regular expression that the advice has."""
    stops: tuple[str, ...] = ()
    """Targets, by the beginning of their names, where it may also be a fault of the mirror."""
    passes: tuple[str, ...] = ()
    """Targets whose package manager itself only warns, and exits 0."""
    only: str = ""
    """The targets that know it, by the beginning of their names."""


INFRASTRUCTURE = "infrastructure"
_MIRROR = "the package mirror does not answer: "
_HELD = "look for one that is held back or removed"
# zypper fails where the first of two addresses is dead, after it has read the index from the second.
FAULTS: Mapping[str, Fault] = {
    "nothing": Fault(status="passed"),
    "wrong-name": Fault(
        packages=("fault-nowhere",), reason="there is no package 'fault-nowhere'",
        subjects=("fault-nowhere",), advice="correct the dependency",
    ),
    "hole-in-index": Fault(
        packages=("fault-needs",), status=INFRASTRUCTURE, reason="the package index is incomplete: ",
    ),
    "dead-mirror": Fault(state="dead", status=INFRASTRUCTURE, reason=_MIRROR),
    "dead-mirror-of-two": Fault(state="half", status="passed", stops=("zypper",)),
    "expired-index": Fault(state="expired", status=INFRASTRUCTURE, reason=_MIRROR, only="apt"),
    "scriptlet": Fault(packages=("fault-script",), subjects=("fault-script",), advice="its own script failed", passes=("dnf", "pacman")),
    "conflict": Fault(packages=("fault-one", "fault-two"), subjects=("fault-one", "fault-two"), advice="ask for one of them|cannot be installed with"),
    "full-disk": Fault(packages=("fault-big",), status=INFRASTRUCTURE, reason="the image cannot be built: the disk of the engine is full"),
}  # fmt: skip


def cases(targets: Iterable[Target], faults: Iterable[str]) -> Iterator[tuple[Target, str, str]]:
    """Target, name of the fault, and the id of the job."""
    for target in targets:
        for name in faults:
            fault = FAULTS[name]
            if fault.state in target.states and target.name.startswith(fault.only):
                yield target, name, f"tree/{target.release_id(fault.state)}/{name}"


def project(folder: Path, targets: Sequence[Target], faults: Iterable[str]) -> Path:
    """A project with a job of each case, and the descriptors of the targets; its folder."""
    (folder / "tree").mkdir(parents=True)
    (folder / "distros").mkdir()
    (folder / "tree" / "README").write_text("A tree that is not built.\n")
    names = list(dict.fromkeys(faults))
    repo = {
        "path": "tree", "recipe": "make",
        "steps": {"build": False, "install": False, "look": {"run": "true"}},
    }  # fmt: skip
    document = {
        "project": "managers",
        "repos": {"tree": repo},
        "variants": {name: _variant(FAULTS[name], targets) for name in names},
        "jobs": [job for _, _, job in cases(targets, names)],
    }
    (folder / "ciforge.yml").write_text(json.dumps(document, indent=1))
    for target in targets:
        (folder / "distros" / f"{target.name}.yml").write_text(json.dumps(_descriptor(target)))
    return folder


def _variant(fault: Fault, targets: Iterable[Target]) -> Mapping[str, object]:
    if not fault.packages:
        return {"env": {"NOTHING": "wrong"}}
    return {"dependencies": [{"fault": {one.name: list(fault.packages) for one in targets}}]}


def _descriptor(target: Target) -> Mapping[str, object]:
    releases = [
        {"release": state, "image": f"{target.image}:{state}", "platforms": ["linux/amd64"]}
        for state in target.states
    ]
    head = {"distribution": target.name, "title": target.name, "like": target.like}
    return {**head, "defaults": ["good"], "releases": releases, "source": "made by a test"}
