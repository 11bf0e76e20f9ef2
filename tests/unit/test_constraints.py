"""The versions that the tests run with: both set-up commands use them, nothing else is bound."""

import importlib.util
import re
import tomllib
from configparser import ConfigParser
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
LISTED = "tools/constraints.txt"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("constraints", ROOT / "tools" / "constraints.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tox() -> ConfigParser:
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "tox.ini")
    return config


def name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")


def wanted() -> set[str]:
    """Names that pyproject.toml and tox.ini ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    lines += project["project"]["optional-dependencies"]["dev"]
    for section in tox().values():
        lines += [dep for dep in section.get("deps", "").split() if not dep.startswith("{")]
    return {name(line) for line in lines}


def test_every_requirement_has_one_exact_version(tool: ModuleType) -> None:
    text = (ROOT / LISTED).read_text()
    rows = [line for line in text.splitlines() if not line.startswith("#")]
    assert [row for row in rows if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", row)] == []
    pinned = tool.pinned(text)
    assert len(pinned) == len(rows)
    assert wanted() - set(pinned) == set()
    assert tool.written(pinned) == text


def test_tox_and_the_venv_of_make_use_the_constraints() -> None:
    config = tox()
    assert config["testenv"]["constraints"] == config["pkgenv"]["constraints"] == LISTED
    free = {section for section in config if config[section].get("constraints") == ""}
    assert free == {"testenv:newest", "testenv:newest-integration", "testenv:.newest"}
    assert f'PIP_CONSTRAINT="{LISTED}' in (ROOT / "tools" / "venv.sh").read_text()


def test_installed_ciforge_is_not_bound_to_the_constraints() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert [line for line in project["dependencies"] if "==" in line or "<" in line] == []


def test_changed_packages_are_listed_with_both_versions(tool: ModuleType) -> None:
    old = tool.pinned("# a comment\nPyYAML==6.0.3\nsame==1  # why\ngone==1\n")
    new = {"pyyaml": "6.0.4", "same": "1", "added": "2"}
    assert tool.moved(old, new) == ["added (not listed) -> 2", "pyyaml 6.0.3 -> 6.0.4"]


def test_environment_without_constraints_lists_changed_packages_first() -> None:
    section = tox()["testenv:newest"]
    assert section["commands_pre"] == "python tools/constraints.py moved"
    assert section["recreate"] == "true"
