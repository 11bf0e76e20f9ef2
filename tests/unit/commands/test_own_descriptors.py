"""Descriptors beside a project file say what happens in an image, and nothing that happens here."""

import re
from pathlib import Path

import pytest

from ciforge.app.workspace import open_workspace
from ciforge.commands.lint import command as lint
from ciforge.errors import InputError
from ciforge.resources import data_folder
from tests.tables import mostly_slow

PROJECT = "project: p\nrepos: {one: {path: ., recipe: make}}\njobs: [debian-13/default]\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "ciforge.yml").write_text(PROJECT)
    (tmp_path / "distros" / "managers").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shipped(name: str) -> str:
    return (data_folder("distros") / name).read_text()


def without(text: str, key: str) -> str:
    """A descriptor less one of its keys, with all that is indented below it."""
    return re.sub(rf"^{key}:.*\n(?:[ \t]+.*\n)*", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("old", "new"),
    mostly_slow(
        [
            ("suite: trixie", "suite: sid"),
            ("gcc", "gcc-12"),
            ("--variant=minbase", "--variant=buildd"),
            ("linux/amd64: amd64", "linux/amd64: i386"),
        ]
    ),
)
@pytest.mark.slow
def test_bootstrap_of_an_own_descriptor_does_not_run_on_the_host(
    old: str, new: str, tree: Path
) -> None:
    text = shipped("debian.yml")
    assert old in text
    (tree / "distros" / "debian.yml").write_text(text.replace(old, new))
    with pytest.raises(
        InputError, match=r"debian\.yml:1:1: bootstrap runs on this machine"
    ) as raised:
        open_workspace(None, tree)
    assert "remove the key" in raised.value.hint
    assert lint.main([], standalone_mode=False) == 1


def test_package_index_of_an_own_descriptor_is_not_fetched(tree: Path) -> None:
    text = shipped("managers/apt.yml").replace("a=$(dpkg --print-architecture);", "echo http://x;")
    (tree / "distros" / "managers" / "apt.yml").write_text(text)
    with pytest.raises(InputError, match=r"managers/apt\.yml:1:1: file_index makes this machine"):
        open_workspace(None, tree)


def test_own_descriptor_without_these_keys_replaces_the_one_of_ciforge(tree: Path) -> None:
    text = without(shipped("debian.yml"), "bootstrap").replace("suite: trixie", "suite: sid")
    (tree / "distros" / "debian.yml").write_text(text)
    (job,) = open_workspace(None, tree).plan.jobs
    assert job.distribution.bootstrap is None
    assert job.release.suite == "sid"


def test_copy_of_a_descriptor_of_ciforge_keeps_its_rights(tree: Path) -> None:
    for name in ("debian.yml", "managers/apt.yml"):
        (tree / "distros" / name).write_text(shipped(name))
    (job,) = open_workspace(None, tree).plan.jobs
    assert job.distribution.bootstrap is not None


@pytest.mark.parametrize(
    "place", ["distros", "distros/managers", "distros/x.yml", "distros/managers/x.yml"]
)
def test_own_descriptor_that_is_a_link_is_not_read(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outside, here = tmp_path / "outside", tmp_path / "here"
    for folder in (outside / "managers", (here / place).parent):
        folder.mkdir(parents=True)
    for name in ("x.yml", "managers/x.yml"):
        (outside / name).write_text("secret: a word of the reader\n")
    (here / place).symlink_to(outside / place.removeprefix("distros").lstrip("/"))
    (here / "ciforge.yml").write_text(PROJECT)
    monkeypatch.chdir(here)
    with pytest.raises(InputError, match=rf"{place}:1:1: this is a symbolic link") as raised:
        open_workspace(None, here)
    assert lint.main([], standalone_mode=False) == 1
    assert "secret" not in capsys.readouterr().out + str(raised.value)
