"""The step `verify` of cross checks, with real programs: it refuses those for another system than the target."""

import subprocess
from pathlib import Path

import pytest
from projects import plan, real_catalogue

from ciforge.model.cross import DESTDIR, TOOLS
from ciforge.plan.cross_steps import VERIFY
from ciforge.plan.selection import select

MUSL, GLIBC = "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1", "-O0"
pytestmark = pytest.mark.slow


def link(file: Path, option: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    source = "int main(void) { return 0; }\n"
    subprocess.run(
        ["cc", option, "-x", "c", "-", "-o", file], input=source, text=True, check=True, timeout=60
    )


def verify(folder: Path) -> subprocess.CompletedProcess[str]:
    text = "project: p\nrepos: {d: {path: ., recipe: autotools}}\njobs: [debian-13]\n"
    (job,) = select(plan(text, real_catalogue()), ["alpine-3.23/cross"])
    (script,) = (step.run for step in job.steps if step.name == VERIFY)
    places = {
        "/tmp/installed": "installed",
        "/tmp/linked": "linked",
        TOOLS: "tools",
        DESTDIR: "destdir",
    }
    for known, place in places.items():
        script = script.replace(known, str(folder / place))
    return subprocess.run(["sh", "-ec", script], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("sample", "installed", "code"),
    [("-static", MUSL, 0), ("-static", "-static", 0), (MUSL, MUSL, 0), ("-static", GLIBC, 1), (MUSL, GLIBC, 1)],
)  # fmt: skip
def test_verify_accepts_only_programs_with_the_loader_of_the_target(
    tmp_path: Path, sample: str, installed: str, code: int
) -> None:
    link(tmp_path / "tools" / "sample", sample)
    link(tmp_path / "destdir" / "usr" / "bin" / "daemon", installed)
    done = verify(tmp_path)
    assert done.returncode == code, done.stderr
    assert ("for another system than the target" in done.stderr) == bool(code)


def test_verify_refuses_an_install_without_a_program(tmp_path: Path) -> None:
    link(tmp_path / "tools" / "sample", MUSL)
    (tmp_path / "destdir").mkdir()
    (tmp_path / "destdir" / "script").write_text("#!/bin/sh\n")
    done = verify(tmp_path)
    assert done.returncode == 1
    assert "nothing that was compiled is installed" in done.stderr


@pytest.mark.parametrize(("processor", "code"), [(0, 0), (183, 1)], ids=["the target's", "arm64"])
def test_verify_takes_a_static_library_of_the_processor_of_the_target(
    tmp_path: Path, processor: int, code: int
) -> None:
    link(tmp_path / "tools" / "sample", MUSL)
    file, library = tmp_path / "x.o", tmp_path / "destdir" / "usr" / "lib" / "libx.a"
    link(file, "-c")
    data = bytearray(file.read_bytes())
    data[18] = processor or data[18]  # the low byte of e_machine
    file.write_bytes(data)
    library.parent.mkdir(parents=True)
    subprocess.run(["ar", "rcS", library, file], check=True, timeout=60)
    done = verify(tmp_path)
    assert done.returncode == code, done.stderr
    assert ("for another system than the target" in done.stderr) == bool(code)
