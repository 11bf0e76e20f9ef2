"""Dockerfiles: plain, sorted, quoted, and fit for the classic builder."""

import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import EVERY_SHELL, example, jobs, real_catalogue, run_sh

from ciforge.model.distro import Accounts
from ciforge.model.job import Job
from ciforge.model.project import Source
from ciforge.render.dockerfile import dockerfile
from tests.tables import each

WIDE = """
project: p
repos:
  c: {recipe: autotools, dependencies: [zlib, openssl], users: {_c: /var/empty}}
  m: {recipe: meson}
  k: {recipe: cmake}
  g: {recipe: go}
  p: {recipe: make}
variants: {ssl: {replace: {openssl: sources/ssl}}}
sources:
  ssl: {url: "https://example.org/ssl-1.tar.gz", sha256: "%s", prefix: /opt/ssl, configure: ["--disable-tests"]}
jobs: ['*']
""" % ("AB" * 32)
EVERY_JOB: Mapping[str, Job] = jobs(WIDE, real_catalogue())
EXAMPLES = [job for name in ("opensmtpd", "hello-portable") for job in example(name).jobs]
PLAIN = next(job for id_, job in EVERY_JOB.items() if id_ == "c/debian-13/default")
WITH_SOURCE = EVERY_JOB["c/debian-13/ssl"]

BUILDKIT_ONLY = (
    r"^# *(syntax|escape|check) *=",
    r"^RUN +--",
    r"^(COPY|ADD) +--",
    r"<<",
    r"^FROM +--platform",
    r"\bTARGET(PLATFORM|ARCH|OS)\b",
    r"\bBUILDPLATFORM\b",
)


def instructions(text: str) -> list[str]:
    """One for each line, as the builder joins them."""
    return [line for line in text.replace("\\\n", "").splitlines() if line]


def shell_of(text: str) -> list[str]:
    """The scripts that RUN hands to sh."""
    return [line.removeprefix("RUN ") for line in instructions(text) if line.startswith("RUN ")]


@each("distribution", real_catalogue().distributions)
def test_dockerfiles_suit_the_classic_builder_and_hadolint(distribution: str) -> None:
    for job in EVERY_JOB.values():
        if job.distribution.distribution != distribution:
            continue
        text = dockerfile(job)
        assert [word for word in BUILDKIT_ONLY if re.search(word, text, re.MULTILINE)] == []
        assert text.startswith(f"ARG BASE={job.release.image}\nFROM ${{BASE}}\n\n")
        assert {line.split(" ")[0] for line in instructions(text)} <= {"ARG", "FROM", "RUN", "ADD"}
        assert not re.search(r"[ \t]$|\t|\n\n\n|\{[a-z_]+\}", text, re.MULTILINE)
        assert text.endswith("\n") and not text.endswith("\n\n")


@each("job", EXAMPLES, ids=lambda job: job.id)
def test_dockerfile_packages_are_sorted_and_unique(job: Job) -> None:
    names = re.findall(r"(?m)^      (\S+)(?: \\)?$", dockerfile(job).split("\n\nRUN ")[1])
    assert names == sorted(set(names)) == list(job.packages)


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_dockerfile_scripts_have_no_syntax_error(shell: tuple[str, ...], tmp_path: Path) -> None:
    scripts = sorted({script for job in EVERY_JOB.values() for script in shell_of(dockerfile(job))})
    functions = "".join(f"f() {{\n{script}\n}}\n" for script in scripts)
    done = run_sh(functions, tmp_path, shell)
    assert (done.returncode, done.stderr) == (0, b"")


def test_dockerfile_contains_no_step_of_the_job() -> None:
    text = dockerfile(attrs.evolve(PLAIN, steps=(), env={"A": "b"}, builddir="obj"))
    assert text == dockerfile(PLAIN)


def test_dockerfile_of_jobs_with_the_same_dependencies_is_the_same() -> None:
    here, there = EVERY_JOB["m/debian-13/default"], EVERY_JOB["m/debian-13/ssl"]
    assert dockerfile(here) == dockerfile(there)


def test_dockerfile_upgrades_a_rolling_release_before_adding_packages() -> None:
    rolling = shell_of(dockerfile(EVERY_JOB["c/debian-sid/default"]))[0]
    assert rolling.index("apt-get upgrade") < rolling.index("apt-get install")
    assert "upgrade" not in shell_of(dockerfile(PLAIN))[0]


def test_dockerfile_adds_repositories_before_the_refresh() -> None:
    release = attrs.evolve(PLAIN.release, setup=("enable-more",), env={"X": "y"})
    distribution = attrs.evolve(PLAIN.distribution, setup=("enable-some",))
    job = attrs.evolve(PLAIN, release=release, distribution=distribution)
    words = shell_of(dockerfile(job))[0].split(" && ")
    assert [word.strip() for word in words[1:4]] == ["enable-some", "enable-more", "apt-get update"]


def added(job: Job, *, existing: bool = False) -> list[list[str]]:
    """The commands that add groups and users, run by a shell in which they print their words."""
    code = 0 if existing else 1
    stubs = f"grep() {{ return {code}; }}\nid() {{ return {code}; }}\n" + "".join(
        f"{name}() {{ printf '%s\\n' {name} \"$@\" --; }}\n"
        for name in ("groupadd", "useradd", "mkgroup", "mkuser")
    )
    script = shell_of(dockerfile(job))[-2]
    done = subprocess.run(["sh", "-c", stubs + script], capture_output=True, text=True, check=True)
    return [words.split("\n") for words in done.stdout.removesuffix("\n--\n").split("\n--\n")]


@pytest.mark.parametrize("users", [{}, {"_c": "/var/empty"}])
def test_dockerfile_creates_the_unprivileged_user_first(users: dict[str, str]) -> None:
    found = added(attrs.evolve(PLAIN, users=users))
    assert [words[-1] for words in found if words[0] == "useradd"] == ["ciforge", *users]
    assert [words for words in found if words[0] == "groupadd"] == [
        ["groupadd", "-r", name] for name in ("ciforge", *users)
    ]


@pytest.mark.parametrize("users", [{}, {"_c": "/var/empty"}])
def test_dockerfile_keeps_an_existing_user(users: dict[str, str]) -> None:
    assert added(attrs.evolve(PLAIN, users=users), existing=True) == [[""]]


@pytest.mark.parametrize("command", ["mkuser {user} in {home}", "mkuser '{user}' in {home}"])
def test_dockerfile_creates_users_by_the_commands_of_the_release(command: str) -> None:
    accounts = Accounts(add_group="mkgroup {group}", add_user=command)
    release = attrs.evolve(PLAIN.release, accounts=accounts)
    found = added(attrs.evolve(PLAIN, release=release, users={"_c": "/var/empty"}))
    assert ["mkuser", "_c", "in", "/var/empty"] in found


def test_dockerfile_quotes_homes() -> None:
    found = added(attrs.evolve(PLAIN, users={"_x": "/$(reboot);'{user}'"}))
    (words,) = [words for words in found if words[0] == "useradd" and words[-1] == "_x"]
    assert words[words.index("-d") + 1] == "/$(reboot);'{user}'"


def test_dockerfile_routes_compilers_through_ccache() -> None:
    assert "/ciforge/lib/ccache/$name" in dockerfile(PLAIN)
    assert "$name" not in dockerfile(attrs.evolve(PLAIN, ccache=False))
    assert "ccache\\" not in dockerfile(EVERY_JOB["g/debian-13/default"])


def test_dockerfile_gives_each_user_its_records_and_one_user_the_source() -> None:
    script = shell_of(dockerfile(attrs.evolve(PLAIN, users={"_x": "/"})))[-1]
    assert "install -d -m 0700 -o ciforge /ciforge/records/ciforge" in script
    assert "install -d -m 0700 -o _x /ciforge/records/_x" in script
    assert re.search(r"mkdir -p [^&]*/ciforge/records /ciforge/steps", script)
    assert "-o ciforge -g ciforge /ciforge/ccache /ciforge/home /ciforge/src" in script


def test_dockerfile_checks_a_source_before_it_is_unpacked() -> None:
    text = dockerfile(WITH_SOURCE)
    assert "ADD https://example.org/ssl-1.tar.gz /ciforge/sources/ssl.tar\n" in text
    (script,) = [script for script in shell_of(text) if "sha256sum" in script]
    commands = [command.strip() for command in script.split(" && ")]
    assert commands == [
        f"echo '{'ab' * 32}  /ciforge/sources/ssl.tar' | sha256sum -c -",
        "mkdir /tmp/ssl",
        "tar -xf /ciforge/sources/ssl.tar -C /tmp/ssl --strip-components=1",
        "cd /tmp/ssl",
        "./configure --prefix=/opt/ssl --disable-tests",
        'make -j"$(getconf _NPROCESSORS_ONLN)"',
        "make install",
        "rm -rf /tmp/ssl",
    ]


def test_dockerfile_builds_a_source_by_its_recipe_or_its_own_commands() -> None:
    def commands(**keys: Any) -> list[str]:
        source = Source(url="https://h/x", sha256="0" * 64, prefix="/opt/x", **keys)
        script = shell_of(dockerfile(attrs.evolve(WITH_SOURCE, sources={"x": source})))[1]
        return [one.strip() for one in script.split(" && ")][4:-1]

    jobs = 'make -j"$(getconf _NPROCESSORS_ONLN)"'
    assert commands(recipe="openssl", configure=("no-docs",)) == [
        "./config --prefix=/opt/x --libdir=lib no-docs", jobs, "make install_sw",
    ]  # fmt: skip
    assert commands(recipe="make", configure=("CC=cc -O2",)) == [
        f"{jobs} 'CC=cc -O2'", "make install PREFIX=/opt/x 'CC=cc -O2'",
    ]  # fmt: skip
    assert commands(build=("sh build.sh {prefix}", "{make} i")) == ["sh build.sh /opt/x", "make i"]
    assert commands(recipe="cmake")[0].startswith("cmake -S . -B ciforge-build -DCMAKE_INSTALL_P")


def test_dockerfile_builds_a_source_with_the_make_of_the_system() -> None:
    distribution = attrs.evolve(WITH_SOURCE.distribution, make="gmake")
    text = dockerfile(attrs.evolve(WITH_SOURCE, distribution=distribution))
    assert "gmake -j" in text and "gmake install" in text


def test_dockerfile_quotes_the_address_of_a_source() -> None:
    source = Source(url="https://h/$x\"y'\\z", sha256="0" * 64, prefix="/opt/x")
    text = dockerfile(attrs.evolve(WITH_SOURCE, sources={"x": source}))
    assert "\nADD https://h/\\$x\\\"y\\'\\\\z /ciforge/sources/x.tar\n" in text


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])), max_size=3))
def test_dockerfile_passes_the_arguments_of_a_source_to_configure(words: list[str]) -> None:
    source = Source(url="https://h/x", sha256="0" * 64, prefix="/opt/x", configure=tuple(words))
    text = dockerfile(attrs.evolve(WITH_SOURCE, sources={"x": source}))
    (line,) = [line for line in text.splitlines() if line.startswith(" && ./configure")]
    said = line.removeprefix(" && ").removesuffix(" \\") if line.endswith(" \\") else line
    assert shlex.split(said) == ["./configure", "--prefix=/opt/x", *words]
