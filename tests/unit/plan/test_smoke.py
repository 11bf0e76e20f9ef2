"""`smoke: installed`: what was installed starts."""

import subprocess
from pathlib import Path

import pytest
from projects import plan

from ciforge.model.smoke_script import SMOKE

PROGRAMS = {
    "good": "exit 0",
    "unknown-option": "echo unknown option >&2; exit 64",
    "missing": "echo 'missing: error while loading shared libraries: libx.so.1' >&2; exit 127",
    "musl": "echo 'Error loading shared library libx.so.1: No such file' >&2; exit 127",
    "crash": "kill -SEGV $$",
    "cached": '[ -n "$LD_LIBRARY_PATH" ] || { echo "error while loading shared libraries: x"; exit 127; }',
}


def ended(tmp_path: Path, *names: str, **env: str) -> tuple[int, str]:
    """The exit status and output of the step where these programs were installed."""
    manifest = []
    for name in names:
        file = tmp_path / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{PROGRAMS[name]}\n")
        file.chmod(0o755)
        manifest.append(f"file 755 root root {file}\n")
    manifest.append(f"dir 755 root root {tmp_path}/bin\nfile 644 root root {tmp_path}/lib/x.so\n")
    (tmp_path / "manifest.txt").write_text("".join(manifest))
    script = SMOKE.replace("/ciforge/records", str(tmp_path))
    command = ["sh", "-e", "-c", script]
    path = {"PATH": f"{tmp_path}/tools:/usr/bin:/bin", "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, env=path | env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_installed_step_runs_after_the_install_as_the_build_user() -> None:
    text = "project: p\nrepos: {r: {path: ., recipe: make, steps: {smoke: installed}}}\njobs: [debian-13]\n"
    (job,) = plan(text).jobs
    assert [step.name for step in job.steps] == ["build", "install", "smoke"]
    assert (job.steps[-1].root, job.steps[-1].network) == (False, False)


@pytest.mark.slow
def test_installed_programs_pass_whatever_their_exit_status_is(tmp_path: Path) -> None:
    assert ended(tmp_path, "good", "unknown-option") == (0, "2 of 2 installed programs start\n")
    assert ended(tmp_path / "bin") == (0, "0 of 0 installed programs start\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["missing", "musl", "crash"])
def test_installed_program_that_does_not_start_fails(name: str, tmp_path: Path) -> None:
    code, out = ended(tmp_path, "good", name)
    assert code == 1
    assert out.endswith("1 of 2 installed programs start\n")
    assert f"bin/{name} " in out


def dynamic_section(tmp_path: Path, *lines: str) -> None:
    """A `readelf` that prints these lines for the program `good`, and nothing for others."""
    tools = tmp_path / "tools"
    tools.mkdir()
    text = "".join(f" 0x1 {line}\n" for line in lines)
    (tools / "readelf").write_text(f"#!/bin/sh\n[ \"${{2##*/}}\" != good ] || echo '{text}'\n")
    (tools / "readelf").chmod(0o755)


@pytest.mark.slow
def test_installed_program_without_its_library_fails_before_it_is_started(tmp_path: Path) -> None:
    dynamic_section(tmp_path, "(NEEDED)   Shared library: [x.so]")
    code, out = ended(tmp_path, "good", "unknown-option")
    assert code == 1
    assert "bin/good: error while loading shared libraries: x.so: cannot open" in out
    assert f"x.so is installed in {tmp_path}/lib, where the loader does not look\n" in out
    assert out.endswith("1 of 2 installed programs start\n")


@pytest.mark.slow
def test_installed_program_finds_its_library_beside_itself(tmp_path: Path) -> None:
    library = tmp_path / "lib" / "x.so"
    library.parent.mkdir()
    library.touch()
    path = "(RUNPATH)  Library runpath: [$ORIGIN/../lib:/opt/none]"
    dynamic_section(tmp_path, "(NEEDED)   Shared library: [x.so]", path)
    assert ended(tmp_path, "good") == (0, "1 of 1 installed programs start\n")


@pytest.mark.slow
def test_installed_program_starts_although_the_cache_of_the_loader_is_old(tmp_path: Path) -> None:
    code, out = ended(tmp_path, "cached")
    assert (code, out.count("bin/cached starts after ldconfig\n")) == (0, 2)


def test_installed_programs_are_not_started_on_a_machine(tmp_path: Path) -> None:
    code, out = ended(tmp_path, "crash", CIFORGE_TOKEN="x")
    assert (code, "no container" in out) == (0, True)
