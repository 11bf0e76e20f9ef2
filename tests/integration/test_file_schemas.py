"""The schemas for editors accept what ciforge accepts, and refuse keys that it does not know."""

import datetime
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from rig import ROOT

from ciforge.load.file_schema import FILES, file_schema


def problems(name: str, text: str) -> list[str]:
    """What an editor would say, which reads YAML with types."""
    check = jsonschema.Draft7Validator(json.loads(json.dumps(file_schema(name))))
    return [error.message for error in check.iter_errors(_plain(yaml.safe_load(text)))]


def _plain(value: Any) -> Any:
    """With words as keys, as JSON has them, and dates as words, as YAML 1.2 has them."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, datetime.date):
        return str(value)
    return [_plain(each) for each in value] if isinstance(value, list) else value


def projects() -> list[Path]:
    return sorted((ROOT / "examples").rglob("ciforge.yml"))


@pytest.mark.parametrize("name", FILES)
def test_file_schema_is_a_schema(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(json.loads(json.dumps(file_schema(name))))


def test_file_schema_accepts_the_files_that_ciforge_has() -> None:
    assert projects()
    for file in projects():
        assert problems("project", file.read_text()) == [], file
    for file in sorted((ROOT / "distros").glob("*.yml")) + sorted(
        (ROOT / "distros/managers").glob("*.yml")
    ):
        assert problems("descriptor", file.read_text()) == [], file


SHORT = """
project: p
repos:
  r:
    git: true
    path: .
    in: a/b
    recipe: make
    dependencies: [zlib, {libfoo: {debian: [libfoo-dev], alpine: foo-dev}}]
    configure: {remove: [--x]}
    keep: ["*.deb"]
    steps: {check: true, start: installed, smoke: {run: x, as: root, timeout: 10m}}
jobs: [debian, {job: "*", timeout: 90, allow_failure: true}]
mail: {from: a@example.org, routes: [{job: "*", to: a@example.org}]}
ciforge: {cache: registry, minimum: 1.0}
"""


def test_file_schema_accepts_the_shorter_forms() -> None:
    assert problems("project", SHORT) == []


@pytest.mark.parametrize(
    ("old", "new"), [("recipe:", "recpe:"), ("job:", "jb:"), ("as:", "user:"), ("[debian,", "[[],")]
)
def test_file_schema_refuses_what_ciforge_refuses(old: str, new: str) -> None:
    assert problems("project", SHORT.replace(old, new, 1))


def test_file_schema_of_machines_has_the_keys_of_a_machine() -> None:
    assert problems("machines", "a: {ssh: me@host, system: debian-13, port: 22}") == []
    assert problems("machines", "a: {ssh: me@host, sytem: debian-13}")
