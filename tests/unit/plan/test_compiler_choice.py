"""The compiler that a job names: its packages and variables, and the check that the build used it."""

import getpass
import subprocess
from pathlib import Path

import pytest
from projects import jobs, project, real_catalogue, run_sh

from ciforge.errors import InputError
from ciforge.model.job import Step
from ciforge.plan.compiler_choice import ChosenCompiler, choose_compiler
from ciforge.plan.project_checks import check
from ciforge.plan.ready_variants import READY_VARIANTS
from ciforge.plan.step_prefix import with_tries
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
        ("gcc -c a.c\nexit 0", "/real/gcc was called, not own-1 of this job"),
        ("exec gcc -c a.c", "/real/gcc was called, not own-1 of this job"),
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


def run_job(
    steps: tuple[Step, ...], variant: str, folder: Path
) -> "subprocess.CompletedProcess[bytes]":
    """Runs steps of a job with the compiler own-1, as a ready variant has them, each by a shell of its own."""
    real = folder / "real"
    real.mkdir()
    for name in ("cc", "gcc", "clang", "own-1", "own++-1"):
        (real / name).write_text(COMPILER + 'echo "${0##*/} $*" >>"${0%/*}/seen"\n')
        (real / name).chmod(0o755)
    if flags := READY_VARIANTS[variant].flags if variant else None:
        steps = tuple(flags.steps(steps))
    chosen = ChosenCompiler(name="own-1", libc="glibc", packages=(), cc="own-1", cxx="own++-1")
    records = folder / "records" / getpass.getuser()
    records.mkdir(parents=True)
    for step in chosen.steps(steps):
        script = step.run.replace("/ciforge/home", str(folder))
        script = script.replace("/ciforge/records", str(records.parent))
        done = run_sh(script, folder, ("timeout", "20", "sh"), PATH=PATH.format(real), CC="own-1")
        if done.returncode:
            break
    return done


PATH = "{}:/usr/bin:/bin"
CONFIGURE = Step(name="configure", run="command -v own-1 >found; own-1 -c conftest.c; gcc -c x.c")
TWICE = "[ -e again ] || { touch again; exit 7; }"


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["", "asan", "werror", "c23", "scan-build"])
@pytest.mark.parametrize("tries", [1, 3])
def test_chosen_compiler_is_checked_behind_a_ready_variant_and_in_each_try(
    variant: str, tries: int, tmp_path: Path
) -> None:
    commands = f'$CC -c a.c; "$(cat found)" -c b.c\n{TWICE if tries > 1 else ":"}'
    build_step = with_tries(Step(name="build", run=commands), tries)
    done = run_job((CONFIGURE, build_step), variant, tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"compiled: by own-1: own-1 version 9\n" in done.stdout
    if variant == "werror":
        assert "own-1 -Werror -c a.c" in (tmp_path / "real" / "seen").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["", "asan", "scan-build"])
def test_other_compiler_is_found_behind_a_ready_variant_and_in_a_further_try(
    variant: str, tmp_path: Path
) -> None:
    build_step = with_tries(Step(name="build", run=f"{TWICE}\ngcc -c a.c"), 2)
    done = run_job((CONFIGURE, build_step), variant, tmp_path)
    assert done.returncode == 1
    assert b"/real/gcc was called, not own-1 of this job" in done.stderr
