"""`dist.sh`, which lays the release tarball of another hosted job into the container."""

import os
import subprocess
from pathlib import Path

import pytest
from projects import ROOT

HOSTED = ROOT / "workflows" / "hosted"
DOCKER = """#!/bin/sh
[ "$1" = cp ] || exit 9
tar -tf "$2" >"$PWD/laid-in"
echo "$2 $3" >>"$PWD/laid-in"
"""


def _laid_in(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Runs the script with a docker that notes what it is given."""
    home = folder / "ciforge"
    home.mkdir()
    facts = "repo=one release=debian-13 dist=one,debian-13,dist\n"
    for name, text in {
        "facts": facts,
        "job": "one/debian-12/tarball\n",
        "container": "c1\n",
    }.items():
        (home / name).write_text(text)
    (folder / "bin").mkdir()
    (folder / "bin" / "docker").write_text(DOCKER)
    (folder / "bin" / "docker").chmod(0o755)
    env = {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "RUNNER_TEMP": str(folder)}
    return subprocess.run(
        ["sh", str(HOSTED / "dist.sh")], cwd=folder, env=env, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def _artifact(folder: Path) -> Path:
    found = folder / "ciforge-dist" / "one,debian-13,dist" / "artifacts"
    found.mkdir(parents=True)
    return found / "kept,ciforge-dist,one-1.tar.gz"


@pytest.mark.slow
def test_tarball_is_laid_in_where_the_first_step_unpacks_it(tmp_path: Path) -> None:
    _artifact(tmp_path).write_text("a tarball")
    done = _laid_in(tmp_path)
    assert done.returncode == 0, done.stdout
    listed = (tmp_path / "laid-in").read_text().splitlines()
    assert "ciforge-dist/one-1.tar.gz" in listed
    assert listed[-1].endswith("needed,one,debian-13,dist.tar c1:/ciforge/home/")


@pytest.mark.slow
def test_tarball_that_is_a_link_is_not_laid_in(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("private")
    _artifact(tmp_path).symlink_to(tmp_path / "secret")
    done = _laid_in(tmp_path)
    assert done.returncode == 1
    assert "there is no tarball of one/debian-13/dist: did that job run?" in done.stdout
    assert not (tmp_path / "laid-in").exists()
