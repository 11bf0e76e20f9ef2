"""The variant `dist` in real containers: the example from its tarball alone, and a header that `make dist` leaves out."""

import json
import tarfile
from pathlib import Path

import pytest
from rig import Ended, Person, commit, hello

JOB = "hello/debian-13/dist"
HEADER = "openbsd-compat/openbsd-compat.h"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dist")


@pytest.fixture(scope="module")
def made(home: Path) -> Ended:
    return Person(hello(home / "plain"), home).runs(JOB)


def test_example_is_built_from_its_tarball_without_autotools(made: Ended) -> None:
    assert made.code == 0, made.told
    lines = made.step(JOB, "dist")
    assert any(line.startswith("dist: hello-portable-") for line in lines)
    assert "# TOTAL: 2" in made.log(JOB)


def test_tarball_is_kept_and_other_jobs_are_built_from_it(made: Ended, home: Path) -> None:
    (kept,) = made.job(JOB).glob("artifacts/kept,ciforge-dist,*.tar.gz")
    with tarfile.open(kept) as tarball:
        assert any(name.endswith(f"/{HEADER}") for name in tarball.getnames())
    other = Person(hello(home / "other"), home).runs(
        "--source", f"hello={kept}", "hello/debian-13/default"
    )
    assert other.code == 0, other.told
    assert "nothing to bootstrap" in other.log("hello/debian-13/default")


def test_header_that_make_dist_leaves_out_is_named_with_what_includes_it(home: Path) -> None:
    tree = hello(home / "broken")
    makefile = tree / "Makefile.am"
    makefile.write_text(makefile.read_text().replace(f" {HEADER}", ""))
    commit(tree, "Leave a header out")
    ran = Person(tree, home).runs(JOB)
    assert (ran.result["status"], ran.result["failed_step"]) == ("failed", "dist"), ran.told
    said = f"{HEADER} is in the tree but not in the tarball: add it to hello_SOURCES or EXTRA_DIST"
    assert said in ran.log(JOB)
    (cause,) = json.loads((ran.folder / "diagnosis.json").read_text())["causes"]
    assert cause["findings"][JOB]["subject"] == HEADER
