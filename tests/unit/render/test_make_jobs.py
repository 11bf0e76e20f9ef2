"""Which calls of make take tokens, and with which words, in real shells."""

import shutil
from pathlib import Path

import pytest
from projects import EVERY_SHELL, jobs, run_sh

from ciforge.model.token_pipe import MAKE_JOBS
from ciforge.plan.recipes import MAKE_JOBS as FIXED
from ciforge.render.make_jobs import MAKE_TOKEN_SCRIPTS, with_tokens
from ciforge.render.step_script import step_script
from tests.tables import each

PROJECT = "project: p\nrepos: {r: {recipe: %s}}\njobs: [debian-13]\n"


@each("recipe", ["autotools", "make", "meson"])
def test_build_step_of_a_recipe_with_make_takes_tokens(recipe: str) -> None:
    job = jobs(PROJECT % recipe)["r/debian-13/default"]
    texts = {step.name: step_script(job, step) for step in job.steps}
    changed = {name for name, text in texts.items() if with_tokens(text) != text}
    assert changed == {"build"}
    assert len(with_tokens(texts["build"]).splitlines()) == len(texts["build"].splitlines())


@each(
    ("line", "joins"),
    [
        ('make -j"$CIFORGE_JOBS"', True),
        ("make -j$CIFORGE_JOBS all", True),
        ('    gmake -j "${CIFORGE_JOBS}" check', True),
        ("make -j2", False),
        ('make -j"$CIFORGE_JOBS"x', False),
        ('bmake -j"$CIFORGE_JOBS"', False),
        ('CC=cc make -j"$CIFORGE_JOBS"', False),
        ('cmake --build . -- -j"$CIFORGE_JOBS"', False),
        ("make install", False),
        ('meson compile -C build -j "$CIFORGE_JOBS"', True),
        ("meson compile -C 'b d' -j \"$CIFORGE_JOBS\"", False),
    ],
)
def test_make_takes_tokens_where_its_jobs_are_those_of_ciforge(line: str, joins: bool) -> None:
    text = with_tokens(f"cd obj\n{line}\n")
    assert (MAKE_JOBS in text) is joins
    assert joins or text == f"cd obj\n{line}\n"


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    """A folder for PATH with the scripts that a machine has."""
    for path, text in MAKE_TOKEN_SCRIPTS.items():
        file = tmp_path / Path(path).name
        file.write_text(text.replace("/ciforge/bin", str(tmp_path)))
        file.chmod(0o755)
    return tmp_path


def program(folder: Path, name: str, script: str) -> None:
    """Writes a program."""
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def calls(fake: Path, version: str, shell: tuple[str, ...], *, pipe: bool = True) -> str:
    """What make of a version is called with."""
    make = fake / "make"
    make.write_text(
        f'#!/bin/sh\nif [ "$1" = --version ]; then echo \'{version}\'; else echo "$*"; fi\n'
    )
    make.chmod(0o755)
    head = f"PATH={fake}:$PATH\nCIFORGE_JOBS=3\n"
    if pipe:
        head += (
            f"CIFORGE_MAKE_TOKENS={fake}/tokens\nexport CIFORGE_MAKE_TOKENS\nmkfifo {fake}/tokens\n"
        )
    text = with_tokens(f"make {FIXED} all\n").replace(MAKE_JOBS, str(fake / "make-jobs"))
    done = run_sh(head + text, fake, shell)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode().strip()


@pytest.mark.slow
@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("GNU Make 4.3", "--jobserver-auth=8,8 all"),
        ("GNU Make 4.4.1", "--jobserver-auth=fifo:HERE/tokens all"),
        ("GNU Make 4.10", "--jobserver-auth=fifo:HERE/tokens all"),
        ("GNU Make 5.0", "--jobserver-auth=fifo:HERE/tokens all"),
        ("GNU Make 4.2.1", "-j3 all"),
        ("GNU Make 3.82", "-j3 all"),
        ("bmake", "-j3 all"),
    ],
)
def test_make_of_each_version_gets_the_form_that_it_knows(
    fake: Path, version: str, expected: str, shell: tuple[str, ...]
) -> None:
    assert calls(fake, version, shell) == expected.replace("HERE", str(fake))


@pytest.mark.slow
@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize(
    ("ninja", "make", "joins"),
    [
        ("1.13.0", "GNU Make 4.4.1", True),
        ("1.20.1", "", True),
        ("2.0", "", True),
        ("1.12.1", "GNU Make 4.4.1", False),
        # A make that ninja calls would end with an error at what it does not know.
        ("1.13.0", "GNU Make 4.3", False),
        ("", "GNU Make 4.4.1", False),
    ],
)
def test_ninja_takes_tokens_if_it_and_make_know_a_named_pipe(
    fake: Path, ninja: str, make: str, shell: tuple[str, ...], *, joins: bool
) -> None:
    program(fake, "ninja", f"echo {ninja}")
    program(fake, "make", f"echo '{make}'")
    program(fake, "meson", 'echo "${MAKEFLAGS-none} $*"')
    if not make:
        (fake / "make").unlink()
    for name in ("env", "mkfifo"):
        (fake / name).symlink_to(shutil.which(name) or name)
    head = f"PATH={fake}\nCIFORGE_JOBS=3\nCIFORGE_MAKE_TOKENS={fake}/tokens\n"
    head += "export PATH CIFORGE_MAKE_TOKENS\nmkfifo $CIFORGE_MAKE_TOKENS\n"
    text = with_tokens('meson compile -C build -j "$CIFORGE_JOBS"\n')
    done = run_sh(head + text.replace(MAKE_JOBS, str(fake / "make-jobs")), fake, shell)
    named = f"--jobserver-auth=fifo:{fake}/tokens"
    expected = f"{named} compile -C build" if joins else "none compile -C build -j 3"
    assert (done.stdout.decode().strip(), done.stderr) == (expected, b"")


@pytest.mark.slow
def test_make_without_a_pipe_gets_its_fixed_number(fake: Path) -> None:
    assert calls(fake, "GNU Make 4.4.1", ("sh",), pipe=False) == "-j3 all"


@pytest.mark.slow
@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_make_that_is_missing_is_named_as_before(fake: Path, shell: tuple[str, ...]) -> None:
    script = f"PATH={fake}\nCIFORGE_JOBS=3\ngmake {FIXED}\n"
    plain = run_sh(script, fake, shell)
    tokens = with_tokens(script).replace(MAKE_JOBS, str(fake / "make-jobs"))
    changed = run_sh(tokens, fake, shell)
    assert (changed.returncode, changed.stderr) == (plain.returncode, plain.stderr)
