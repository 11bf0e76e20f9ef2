"""The compiler that a job names: its packages and variables, and the check that the build used it."""

import subprocess
from pathlib import Path

import pytest
from projects import jobs, project, real_catalogue, run_sh

from ciforge.errors import InputError
from ciforge.model.job import Step
from ciforge.plan.compiler_choice import ChosenCompiler, choose_compiler
from ciforge.plan.project_checks import check
from tests.tables import each

CATALOGUE = real_catalogue()
TEXT = """
project: p
repos:
  daemon: {recipe: autotools}
  filter: {recipe: go}
variants:
  own: {compiler: NAME}
jobs: ["debian-13/own", "alpine-3.23/own"]
"""
COMPILER = '#!/bin/sh\ncase $1 in --version) echo "${0##*/} version 9";; esac\n'


@each(
    ("name", "package", "cc", "cxx"),
    [
        ("gcc-14", "gcc-14", "gcc-14", "g++-14"),
        ("clang-19", "clang-19", "clang-19", "clang++-19"),
        ("tcc", "tcc", "tcc", None),
        ("gcc", "gcc", "gcc", "g++"),
        ("clang", "clang", "clang", "clang++"),
    ],
)
def test_compiler_is_installed_and_named_to_the_build(
    name: str, package: str, cc: str, cxx: str | None
) -> None:
    job = jobs(TEXT.replace("NAME", name), CATALOGUE)["daemon/debian-13/own"]
    assert (job.skipped, job.ccache) == ("", False)
    assert package in job.packages
    assert (job.env["CC"], job.env.get("CXX")) == (cc, cxx)


def test_release_without_the_compiler_skips_the_job_and_says_what_it_has() -> None:
    planned = jobs(TEXT.replace("NAME", "gcc-11"), CATALOGUE)
    skipped = planned["daemon/debian-13/own"].skipped
    assert skipped.startswith(
        "debian-13 has no compiler gcc-11; its descriptor has gcc-12, gcc-13, gcc-14, clang-17"
    )
    assert planned["daemon/alpine-3.23/own"].skipped.endswith("its descriptor has none by name")


def test_compiler_is_for_recipes_of_c_only() -> None:
    job = jobs(TEXT.replace("NAME", "tcc"), CATALOGUE)["filter/debian-13/own"]
    assert job.skipped == ""
    assert "CC" not in job.env
    assert "tcc" not in job.packages


def test_unknown_compiler_is_a_mistake_with_the_nearest() -> None:
    (flaw,) = check(project(TEXT.replace("NAME", "gcc-41")), CATALOGUE)
    assert flaw.message == "no descriptor has the compiler 'gcc-41' (did you mean 'gcc-14'?)"


@each("name", ["-O2", "gcc 14", "../cc", "gcc-14; id", "GCC", "$(id)"])
def test_name_of_a_compiler_is_one_plain_word(name: str) -> None:
    with pytest.raises(InputError, match="is not the name of a compiler"):
        project(TEXT.replace("NAME", f"'{name}'"))


def test_compiler_and_its_variable_together_are_a_mistake() -> None:
    text = TEXT.replace("{compiler: NAME}", "{compiler: tcc, env: {CC: gcc}}")
    (flaw,) = check(project(text), CATALOGUE)
    assert flaw.message == "compiler: sets this variable; leave out one of them"


def test_every_compiler_of_a_descriptor_can_be_chosen() -> None:
    for one in CATALOGUE.distributions.values():
        for kind, compiler in one.compilers.items():
            for release in one.releases:
                for version in compiler.versions.get(release.release, ()):
                    chosen, why = choose_compiler(f"{kind}-{version}", one, release)
                    assert chosen is not None, why
                    assert "{" not in f"{chosen.packages}{chosen.cc}{chosen.cxx}"


def build(commands: str, folder: Path, libc: str = "glibc") -> "subprocess.CompletedProcess[bytes]":
    """Runs a build step of a job with the compiler own-1 beside other compilers."""
    real = folder / "real"
    real.mkdir(exist_ok=True)
    for name in ("cc", "gcc", "own-1", "own++-1"):
        (real / name).write_text(COMPILER)
        (real / name).chmod(0o755)
    (real / "getconf").write_text("#!/bin/sh\necho glibc 2.41\n")
    (real / "getconf").chmod(0o755)
    chosen = ChosenCompiler(name="own-1", libc=libc, packages=(), cc="own-1", cxx="own++-1")
    (step,) = chosen.steps((Step(name="build", run=commands),))
    script = step.run.replace("/ciforge/home", str(folder))
    return run_sh(script, folder, PATH=f"{real}:/usr/bin:/bin", CC="own-1")


@pytest.mark.slow
@each(
    "commands",
    ["$CC -c a.c", "own++-1 -o a a.o", "own-1 -c a.c; gcc --version", "cd /; own-1 -c a.c"],
)
def test_build_with_its_compiler_passes_and_says_so(commands: str, tmp_path: Path) -> None:
    done = build(commands, tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"compiled: by own-1: own-1 version 9\ncompiled: with " in done.stdout


@pytest.mark.slow
@each(
    ("commands", "told"),
    [
        ("gcc -c a.c", "/real/gcc was called, not own-1 of this job: call $CC"),
        ("own-1 -c a.c; cc -o a a.o", "/real/cc was called, not own-1 of this job"),
        (":", "compiled: no compiler was called by its name"),
        ("own-1 --version", "compiled: no compiler was called by its name"),
    ],
)
def test_build_with_another_compiler_or_none_fails(
    commands: str, told: str, tmp_path: Path
) -> None:
    done = build(commands, tmp_path)
    assert done.returncode == 1
    assert told in done.stderr.decode()


@pytest.mark.slow
def test_build_on_a_system_with_another_libc_than_its_descriptor_says_fails(tmp_path: Path) -> None:
    done = build("own-1 -c a.c", tmp_path, libc="musl")
    assert done.returncode == 1
    assert b"compiled: the system has glibc, but its descriptor says musl\n" in done.stderr


@pytest.mark.slow
def test_build_that_fails_keeps_its_exit_status(tmp_path: Path) -> None:
    assert build("own-1 -c a.c; exit 7", tmp_path).returncode == 7
