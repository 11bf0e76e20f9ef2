"""The step `linked`, run by a shell beside a ldd whose answers are made up."""

import subprocess
from pathlib import Path

import pytest
from projects import EVERY_SHELL, run_sh

from ciforge.model.project import Source
from ciforge.plan.link_check import link_script

OWN = "/opt/tls"
LDD = """\
#!/bin/sh
printf '\\tlinux-vdso.so.1 (0x00007ffd1)\\n'
cat "$1.loads"
printf '\\t/lib64/ld-linux-x86-64.so.2 (0x00007f01)\\n'
"""


def check(
    tmp_path: Path, loads: dict[str, str], shell: tuple[str, ...] = ("sh",)
) -> subprocess.CompletedProcess[bytes]:
    """Runs the step; `loads` has names of programs, and the library that each of them loads."""
    tools, programs, prefix = tmp_path / "tools", tmp_path / "programs", tmp_path / "tls"
    for folder in (tools, programs, prefix / "lib"):
        folder.mkdir(parents=True)
    (tools / "ldd").write_text(LDD)
    (tools / "ldd").chmod(0o755)
    (prefix / "lib" / "libtls.so.3").touch()
    (prefix / "lib" / "libtls.so").touch()
    lines = ["dir 755 root root /usr/local/bin"]
    for name, library in loads.items():
        (programs / name).write_bytes(b"\x7fELF")
        path = library.replace(OWN, str(prefix))
        (programs / f"{name}.loads").write_text(f"\tlibtls.so.3 => {path} (0x00007f00)\n")
        lines.append(f"file 755 root root {programs}/{name}")
    manifest = tmp_path / "manifest.txt"
    manifest.write_text("".join(f"{line}\n" for line in lines))
    source = Source(url="https://h/x.tgz", sha256="0" * 64, prefix=str(prefix))
    script = link_script({"tls": source})
    script = script.replace("PATH=/usr/sbin", f"PATH={tools}:/usr/sbin")
    return run_sh(script.replace("/ciforge/records/manifest.txt", str(manifest)), tmp_path, shell)


@pytest.mark.parametrize("shell", EVERY_SHELL, ids="-".join)
def test_program_that_loads_the_library_of_the_source_passes(
    shell: tuple[str, ...], tmp_path: Path
) -> None:
    done = check(tmp_path, {"a program": f"{OWN}/lib/libtls.so.3"}, shell)
    line = f"linked: {tmp_path}/programs/a program: {tmp_path}/tls/lib/libtls.so.3\n"
    assert (done.stdout.decode(), done.stderr, done.returncode) == (line, b"", 0)


@pytest.mark.parametrize("name", ["wrong", "wrong tool", "wrong\ttool ", "-e", "a\\nb", "x&|y"])
def test_program_that_loads_the_library_of_the_system_fails_whatever_its_name(
    name: str, tmp_path: Path
) -> None:
    done = check(tmp_path, {"right": f"{OWN}/lib/libtls.so.3", name: "/usr/lib/libtls.so.3"})
    line = (
        f"linked: {tmp_path}/programs/{name} loads /usr/lib/libtls.so.3, "
        f"not the library of sources/tls in {tmp_path}/tls\n"
    )
    assert (done.stderr.decode(), done.returncode) == (line, 1)


def test_library_in_a_folder_with_a_blank_is_named_whole(tmp_path: Path) -> None:
    done = check(tmp_path, {"wrong": "/my libs/libtls.so.3"})
    assert b"loads /my libs/libtls.so.3, not" in done.stderr


@pytest.mark.parametrize("name", ["x|;e touch ran", "$(touch ran)", "`touch ran`"])
def test_name_of_an_installed_file_is_not_run(name: str, tmp_path: Path) -> None:
    done = check(tmp_path, {name: f"{OWN}/lib/libtls.so.3"})
    assert (done.returncode, list(tmp_path.rglob("ran"))) == (0, [])
    assert f"/{name}: " in done.stdout.decode()


def test_no_program_that_loads_the_library_of_the_source_fails(tmp_path: Path) -> None:
    done = check(tmp_path, {})
    line = f"linked: no installed program loads a library of sources/tls in {tmp_path}/tls\n"
    assert (done.stderr.decode(), done.returncode) == (line, 1)
