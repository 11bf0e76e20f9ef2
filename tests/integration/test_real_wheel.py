"""A wheel made from the tree and installed elsewhere needs nothing of the tree."""

import subprocess
import sys
from pathlib import Path

import pytest
from rig import HELLO_13, PATIENCE, ROOT, Person, hello


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that is made of it."""
    folder = tmp_path_factory.mktemp("dist")
    _call(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    return folder


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `ciforge` of a virtual environment with nothing but the wheel in it."""
    folder = tmp_path_factory.mktemp("wheel")
    _call(sys.executable, "-m", "venv", folder / "venv")
    pip = (folder / "venv" / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "-q")
    pinned = ("--constraint", ROOT / "tools" / "constraints.txt")
    _call(*pip, "install", *pinned, next(built.glob("ciforge-*.whl")))
    return folder / "venv" / "bin" / "ciforge"


def _call(*words: object) -> str:
    done = subprocess.run(
        [*map(str, words)], cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_sdist_and_wheel_pass_the_checks_of_the_package_index(built: Path) -> None:
    said = _call(sys.executable, "-m", "twine", "--no-color", "check", "--strict", *built.iterdir())
    assert said.count("PASSED") == 2
    wheel = next(built.glob("*.whl"))
    assert _call(sys.executable, "-m", "check_wheel_contents", wheel) == f"{wheel}: OK\n"


def test_wheel_runs_a_job_from_any_folder(installed: Path, tmp_path: Path) -> None:
    person = Person(hello(tmp_path / "hello"), tmp_path)
    done = subprocess.run(
        [installed, "run", HELLO_13], cwd=person.here / "src", env=person.env(),
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("1 passed in ")


def test_wheel_contains_its_descriptors(installed: Path, tmp_path: Path) -> None:
    found = _call(installed, "jobs", "--file", hello(tmp_path / "hello") / "ciforge.yml")
    for release in ("debian-12", "ubuntu", "fedora", "alpine", "arch", "opensuse"):
        assert f"hello/{release}" in found
