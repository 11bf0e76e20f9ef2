"""A `ciforge.yml` becomes the model's values, with every short way to write something."""

from pathlib import Path

import pytest

from ciforge.errors import UsageError
from ciforge.load.project_file import load_project
from ciforge.model.project import (
    ArgumentChange,
    JobEntry,
    Mail,
    Need,
    Needs,
    Overlay,
    Project,
    Repo,
    Route,
    Source,
    StepChange,
    Variant,
)

TEXT = """\
project: opensmtpd
repos:
  portable:
    git: https://github.com/OpenSMTPD/OpenSMTPD.git
    branches: [master, feature/x]
    recipe: autotools
    dependencies: [libevent, openssl, {libfoo: {debian: [libfoo-dev, foo], alpine-3.22: foo-dev}}]
    configure: [--sysconfdir=/etc/mail, "CFLAGS=-O2 -g"]
    users: {_smtpd: /var/empty}
    env: {CC: clang, EMPTY: "", LINES: "a\\nb"}
    where:
      "!openbsd": {dependencies: {add: [pam], remove: [zlib]}}
      openbsd: {configure: {remove: [--x]}}
    steps:
      smoke: {after: install, as: root, run: sh ci/smoke.sh, network: true, timeout: 10m}
      check: true
      bootstrap: false
    expect:
      config.h: [HAVE_CRYPT, "!HAVE_X", "VERSION=\\"7 p0\\""]
      installed: [/usr/local/sbin/smtpctl mode=2555 gname=_smtpq type=file uname=Debian-exim]
  given: {recipe: go, path: ./given}
variants:
  libressl: {replace: {openssl: sources/libressl}, builddir: obj/x}
  default: {}
sources:
  libressl: {url: "https://example.org/l.tar.gz", sha256: "SHA", prefix: /opt/l, configure: [-x]}
jobs:
  - portable/debian/{default,clang}
  - {job: portable/debian-13@s390x, schedule: weekly, allow_failure: true}
  - {job: "*", schedule: "*/10,5 1-5 1 JAN 1-5"}
mail:
  from: ci@example.org
  tag: "[ci] ü"
  list_id: ci.example.org
  routes:
    - {job: filter-*, to: filters@example.org}
    - {job: "*", to: [a@example.org, b@example.org], when: [broken, fixed], kind: [werror]}
""".replace("SHA", "0aF9" * 16)

PORTABLE = Repo(
    recipe="autotools",
    git="https://github.com/OpenSMTPD/OpenSMTPD.git",
    branches=("master", "feature/x"),
    dependencies=Needs(
        add=(
            Need(name="libevent"),
            Need(name="openssl"),
            Need(
                name="libfoo",
                packages={"debian": ("libfoo-dev", "foo"), "alpine-3.22": ("foo-dev",)},
            ),
        )
    ),
    configure=ArgumentChange(add=("--sysconfdir=/etc/mail", "CFLAGS=-O2 -g")),
    users={"_smtpd": "/var/empty"},
    env={"CC": "clang", "EMPTY": "", "LINES": "a\nb"},
    where={
        "!openbsd": Overlay(dependencies=Needs(add=(Need(name="pam"),), remove=("zlib",))),
        "openbsd": Overlay(configure=ArgumentChange(remove=("--x",))),
    },
    steps={
        "smoke": StepChange(
            after="install", user="root", run="sh ci/smoke.sh", network=True, timeout=600
        ),
        "check": True,
        "bootstrap": False,
    },
    expect={
        "config.h": ("HAVE_CRYPT", "!HAVE_X", 'VERSION="7 p0"'),
        "installed": (
            "/usr/local/sbin/smtpctl mode=2555 gname=_smtpq type=file uname=Debian-exim",
        ),
    },
)
PROJECT = Project(
    project="opensmtpd",
    repos={"portable": PORTABLE, "given": Repo(recipe="go", path="./given")},
    variants={
        "libressl": Variant(replace={"openssl": "sources/libressl"}, builddir="obj/x"),
        "default": Variant(),
    },
    sources={
        "libressl": Source(
            url="https://example.org/l.tar.gz",
            sha256="0aF9" * 16,
            prefix="/opt/l",
            configure=("-x",),
        )
    },
    jobs=(
        JobEntry(job="portable/debian/{default,clang}"),
        JobEntry(job="portable/debian-13@s390x", schedule="weekly", allow_failure=True),
        JobEntry(job="*", schedule="*/10,5 1-5 1 JAN 1-5"),
    ),
    mail=Mail(
        sender="ci@example.org",
        tag="[ci] ü",
        list_id="ci.example.org",
        routes=(
            Route(job="filter-*", to=("filters@example.org",)),
            Route(
                job="*",
                to=("a@example.org", "b@example.org"),
                when=("broken", "fixed"),
                kind=("werror",),
            ),
        ),
    ),
)


def test_project_file_with_every_key_is_read(tmp_path: Path) -> None:
    file = tmp_path / "ciforge.yml"
    file.write_text(TEXT)
    loaded = load_project(file)
    assert loaded.value == PROJECT
    assert loaded.document.place(("jobs", 0)) == f"{file}:28:5"


def repo_of(tmp_path: Path, line: str) -> Repo:
    """The repository of a small project with one more line in it."""
    file = tmp_path / "ciforge.yml"
    file.write_text(f"project: p\njobs: [a]\nrepos:\n  r:\n    recipe: make\n    {line}\n")
    return load_project(file).value.repos["r"]


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/x.git",
        "https://example.org:8443/~me/x",
        "ssh://git@example.org:22/x",
        "git://[::1]/x",
        "git@github.com:OpenSMTPD/OpenSMTPD.git",
    ],
)
def test_git_addresses_of_every_form_are_accepted(tmp_path: Path, address: str) -> None:
    assert repo_of(tmp_path, f'git: "{address}"').git == address


@pytest.mark.parametrize(
    ("written", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("2h", 7200), ("24h", 86400)]
)
def test_timeout_is_in_seconds(tmp_path: Path, written: str, seconds: int) -> None:
    step = repo_of(tmp_path, f"steps: {{x: {{timeout: {written}}}}}").steps["x"]
    assert step == StepChange(timeout=seconds)


def test_dependency_may_be_empty_for_a_distribution(tmp_path: Path) -> None:
    repo = repo_of(tmp_path, "dependencies: [{libfoo: {debian: []}}]")
    assert repo.dependencies.add == (Need(name="libfoo", packages={"debian": ()}),)


def test_missing_project_file_has_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_project(tmp_path / "ciforge.yml")
    assert "--file" in caught.value.hint
