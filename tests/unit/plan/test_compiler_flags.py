"""Compilers of a ready variant that add its flags, in front of made-up ones that print their arguments."""

import subprocess
from pathlib import Path

import pytest
from projects import run_sh

from ciforge.model.job import Step
from ciforge.plan.compiler_flags import CompilerFlags
from ciforge.plan.ready_variants import READY_VARIANTS

COMPILER = '#!/bin/sh\necho "${0##*/} $*"\n'


def build(
    variant: str, commands: str, tmp_path: Path, configure: str = ":"
) -> subprocess.CompletedProcess[bytes]:
    """Runs the steps configure and build of a ready variant, and returns what the last of them did."""
    real = tmp_path / "real"
    real.mkdir()
    for name in ("cc", "g++"):
        (real / name).write_text(COMPILER)
        (real / name).chmod(0o755)
    flags = READY_VARIANTS[variant].flags
    assert isinstance(flags, CompilerFlags)
    steps = (Step(name="configure", run=configure), Step(name="build", run=commands))
    path = f"{real}:/usr/bin:/bin"
    for step in flags.steps(steps):
        script = step.run.replace("/ciforge/home", str(tmp_path))
        done = run_sh(script, tmp_path, PATH=path)
    return done


@pytest.mark.parametrize(
    ("variant", "command", "printed"),
    [
        ("c23", "cc -c a.c", "cc -std=gnu2x -c a.c\n"),
        ("static", "cc -o a a.o", "cc -static -o a a.o\n"),
        ("werror", "g++ -c a.cc", "g++ -Werror -c a.cc\n"),
    ],
)
def test_build_whose_compiler_has_the_flags_passes(
    variant: str, command: str, printed: str, tmp_path: Path
) -> None:
    done = build(variant, command, tmp_path)
    assert (done.stdout.decode(), done.stderr, done.returncode) == (printed, b"", 0)


@pytest.mark.parametrize(
    ("variant", "command", "said"),
    [
        ("c23", "g++ -c a.cc", "Compilers of C++ have none of these flags."),
        ("static", "cc -c a.c; cc -shared -o a.so a.o", "Calls with -c or -shared have none of these flags."),
        ("werror", ":", "so that PATH is searched."),
    ],
)  # fmt: skip
def test_build_in_which_no_call_has_the_flags_fails(
    variant: str, command: str, said: str, tmp_path: Path
) -> None:
    done = build(variant, command, tmp_path, configure="cc -c conftest.c")
    told = done.stderr.decode().strip()
    assert done.returncode == 1
    assert told.startswith("build: no compiler was called with -") and told.endswith(said)
