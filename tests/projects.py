"""Projects for tests, from the text of a `ciforge.yml`, beside a small catalogue or the real one."""

import functools
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from ciforge.load.catalogue import load_catalogue
from ciforge.load.converter import structure
from ciforge.load.project_fields import PROJECT
from ciforge.load.project_file import load_project
from ciforge.load.yaml_document import Document
from ciforge.model.distro import Accounts, Catalogue, Dependency, Distribution, Manager, Release
from ciforge.model.job import Job
from ciforge.model.platform import parse_platform
from ciforge.model.project import Project
from ciforge.plan.planner import Plan, make_plan
from ciforge.plan.project_checks import check

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
GOLDEN = ROOT / "tests" / "golden"

SHELLS = tuple(
    words
    for words in (("dash",), ("busybox", "sh"), ("bash", "--posix"), ("mksh",), ("sh",))
    if shutil.which(words[0])
)
"""The shells of this machine that a `/bin/sh` could be; there is always one."""

EVERY_SHELL = (SHELLS[0], *(pytest.param(one, marks=pytest.mark.slow) for one in SHELLS[1:]))
"""The same for `parametrize`: what all of them are to understand, one of them shows quickly."""

_NAMES = (
    "autoconf", "bison", "ca-certificates", "cc", "ccache", "clang", "cmake", "crypt", "findutils",
    "fts", "gdb", "go", "gzip", "libc", "libevent", "libressl", "make", "meson", "ninja", "openssl",
    "pkg-config", "tar", "useradd-tool", "xz", "zlib",
)  # fmt: skip


def _release(name: str, *platforms: str, rolling: bool = False, codename: str = "") -> Release:
    return Release(
        codename=codename,
        release=name,
        image=f"example.org/base:{name}",
        platforms=tuple(map(parse_platform, platforms)),
        rolling=rolling,
    )


def _distribution(
    name: str, releases: tuple[Release, ...], defaults: tuple[str, ...], **own: Dependency
) -> Distribution:
    common = {each: Dependency(packages=(f"{each}-dev",)) for each in _NAMES}
    return Distribution(
        distribution=name,
        title=name.title(),
        manager="apt",
        defaults=defaults,
        releases=releases,
        packages=common | {key.replace("_", "-"): value for key, value in own.items()},
        accounts=Accounts(
            add_group="groupadd {group}", add_user="useradd -g {group} -d {home} {user}"
        ),
    )


SMALL = Catalogue(
    distributions={
        "alpine": _distribution(
            "alpine",
            (
                _release("3.22", "linux/amd64", "linux/arm/v7", "linux/arm64"),
                _release("3.23", "linux/amd64", "linux/arm/v7", "linux/arm64"),
                _release("edge", "linux/amd64", rolling=True),
            ),
            ("3.22", "3.23"),
            crypt=Dependency(provided="libc"),
        ),
        "arch": _distribution(
            "arch", (_release("latest", "linux/amd64", rolling=True),), ("latest",)
        ),
        "debian": _distribution(
            "debian",
            (
                _release("11", "linux/amd64", "linux/arm64"),
                _release("12", "linux/amd64", "linux/arm64", codename="bookworm"),
                _release("13", "linux/amd64", "linux/arm64", "linux/s390x", codename="trixie"),
                _release("sid", "linux/amd64", rolling=True),
            ),
            ("12", "13"),
            fts=Dependency(provided="libc"),
            libressl=Dependency(missing="not packaged"),
        ),
    },
    managers={"apt": Manager(manager="apt", install="install {packages}", versions="versions")},
)
"""Three distributions, with every dependency `x` in the package `x-dev` but for a few."""


@functools.cache
def real_catalogue() -> Catalogue:
    """The descriptors of the checkout."""
    return load_catalogue([ROOT / "distros"])


def project(text: str) -> Project:
    """The project that `text` describes."""
    value: Project = structure(Document.compose(text, Path("ciforge.yml")), PROJECT)
    return value


def plan(text: str, catalogue: Catalogue = SMALL) -> Plan:
    return make_plan(project(text), catalogue)


def jobs(text: str, catalogue: Catalogue = SMALL) -> Mapping[str, Job]:
    """The jobs that it lists, by id."""
    return {job.id: job for job in plan(text, catalogue).jobs}


def example(name: str) -> Plan:
    """An example project beside the real catalogue."""
    return make_plan(load_project(EXAMPLES / name / "ciforge.yml").value, real_catalogue())


def problems(text: str, folder: Path, catalogue: Catalogue = SMALL) -> list[str]:
    """What is told about a `ciforge.yml`, as `LINE:COL: MESSAGE`, in the order of the file."""
    file = folder / "ciforge.yml"
    file.write_text(text)
    loaded = load_project(file)
    told = loaded.document.problems(check(loaded.value, catalogue))
    return [problem.removeprefix(f"{file}:") for problem in told]


def run_sh(
    text: str, folder: Path, shell: tuple[str, ...] = ("sh",), **env: str
) -> subprocess.CompletedProcess[bytes]:
    """Runs `text` as a script by `sh -e`, in `folder`."""
    script = folder / "script.sh"
    script.write_text(text)
    path = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
    return subprocess.run(
        [*shell, "-e", str(script)],
        cwd=folder, env=path | env, stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
