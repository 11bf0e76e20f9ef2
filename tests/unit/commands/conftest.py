"""Somebody who types `ciforge` in a folder with a project, without leaving this process."""

import shutil
import sys
from pathlib import Path

import pytest
from command_tests import PROJECT, Past, Typed, Types

from ciforge.cli.main import main

sys.path.append(str(Path(__file__).parents[1] / "ci"))  # the service that some tests ask


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a project, where we are; its state lies beside it, and no engine answers."""
    folder = tmp_path / "tree"
    for repo in ("daemon", "filter"):
        (folder / repo).mkdir(parents=True)
    (folder / "ciforge.yml").write_text(PROJECT)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CIFORGE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    for name in ("NO_COLOR", "COLUMNS", "_CIFORGE_COMPLETE"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def state(here: Path) -> Path:
    """The project's state folder."""
    return here.parent / "state" / "mine"


@pytest.fixture
def types(here: Path, capfd: pytest.CaptureFixture[str]) -> Types:
    def typed(*words: object) -> Typed:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out, err = capfd.readouterr()
        return Typed(int(ended.value.code or 0), out, err)

    return typed


@pytest.fixture
def past(state: Path) -> Past:
    shutil.rmtree(state, ignore_errors=True)
    return Past(state)
