"""Every row of the registry of CI services keeps what `CiService` promises, and writers of files are pure."""

import ast
import fnmatch
import re
import sys
from pathlib import Path
from types import ModuleType

import attrs
import click
import pytest
import yaml

from ciforge.app.project_templates import shipped_workflows
from ciforge.ci import registry
from ciforge.ci.file_set import SetPlace
from ciforge.ci.registry import SERVICES, ServiceRow, load_service
from ciforge.ci.service import CiService, GenerationInput
from ciforge.ci.templates import environment
from ciforge.commands.generate import command
from ciforge.model.proof import Proof
from ciforge.resources import data_folder
from tests.projects import ROOT, jobs, project
from tests.tables import each

PROJECT = """
project: p
repos: {one: {path: ., recipe: autotools}}
jobs: [one/debian-13/default, one/alpine-3.23/default]
"""
CI = ROOT / "ciforge" / "ci"
IMPURE = {
    "io",
    "os",
    "pathlib",
    "random",
    "requests",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "time",
}
READS = {"open", "read_bytes", "read_text", "write_bytes", "write_text"}


def files_of(service: CiService, **proofs: Proof) -> dict[str, str]:
    shipped = shipped_workflows()
    pins = data_folder("workflows") / service.pins_file
    given = GenerationInput(
        project=project(PROJECT), templates=environment(shipped.templates), scripts=shipped.scripts_for(service.name),
        command="ciforge generate", place=SetPlace(folder=service.folder), pins=pins.read_text() if service.pins_file else "",
    )  # fmt: skip
    planned = (
        attrs.evolve(job, proof=proofs.get(job.distribution.distribution, job.proof))
        for job in jobs(PROJECT).values()
    )
    return service.files(given, ["one"], tuple(planned), {})


@each("name", SERVICES)
def test_service_files_are_in_its_folder_with_every_job(name: str) -> None:
    service = load_service(name)
    made = files_of(service)
    assert service.name == name
    for path, text in made.items():
        assert SetPlace(folder=service.folder).may_hold(path)
        assert not path.endswith(".yml") or isinstance(yaml.safe_load(text), dict)
    for job in jobs(PROJECT):
        assert any(job in text for text in made.values())
    assert any(fnmatch.fnmatchcase(path, SERVICES[name].files) for path in made)


@each("name", SERVICES)
def test_service_files_say_how_far_each_system_is_proven(name: str) -> None:
    made = files_of(load_service(name), debian=Proof.TESTED, alpine=Proof.USERLAND)
    lines = [line for text in made.values() for line in text.splitlines()]
    told = "\n".join(line for line in lines if "system is proven" in line)
    assert {word for word in Proof if word.value in told} == {Proof.TESTED, Proof.USERLAND}


def test_target_option_names_and_explains_every_service() -> None:
    (target,) = (param for param in command.params if param.name == "target")
    assert isinstance(target, click.Option)
    assert isinstance(target.type, click.Choice)
    assert tuple(target.type.choices) == tuple(SERVICES)
    manual = (ROOT / "man" / "ciforge.1").read_text()
    for name, row in SERVICES.items():
        assert f"{name}: {row.title}, {row.files}" in (target.help or "")
        assert re.search(rf"^\.Sy {name} ", manual, re.MULTILINE)


def test_service_of_the_contributing_page_is_one_module_and_one_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text()
    text = page.partition("`ciforge/ci/minimal/workflow.py`")[2].split("```")[1]
    (row,) = re.findall(r'^    ("minimal": ServiceRow\(.*\)),$', page, re.MULTILINE)
    module = ModuleType("ciforge.ci.minimal.workflow")
    exec(compile(text.removeprefix("python\n"), "workflow.py", "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    rows = {**SERVICES, **eval(f"{{{row}}}", {"ServiceRow": ServiceRow})}
    monkeypatch.setattr(registry, "SERVICES", rows)
    files = files_of(load_service("minimal"))
    assert list(yaml.safe_load(files[rows["minimal"].files])) == list(jobs(PROJECT))
    assert {".minimal/ciforge/step.sh", ".minimal/ciforge/jobs.txt"} < set(files)


def impurities(file: Path) -> list[str]:
    """What a module imports or calls to reach files, processes, the network or the clock."""
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Import(names=names):
                found += [name.name for name in names if name.name.partition(".")[0] in IMPURE]
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in IMPURE:
                found.append(module)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in READS:
                found.append(name)
    return found


def writers(top: Path) -> set[Path]:
    """The modules `workflow.py` of all services, and what they import below `ciforge.ci`."""
    found, new = set[Path](), set(top.glob("*/workflow.py"))
    while new:
        found |= new
        names = {
            node.module
            for file in new
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ciforge.ci.")
        }
        paths = {top.joinpath(*(name or "").split(".")[2:]).with_suffix(".py") for name in names}
        new = paths - found
    return found


def test_modules_that_write_workflows_are_pure() -> None:
    checked = writers(CI)
    assert {file.parent.name for file in checked} == {"ci", *SERVICES}
    assert {file.name: found for file in checked if (found := impurities(file))} == {}


@pytest.mark.parametrize(
    "text",
    ["import os", "import requests", "from subprocess import run", "open('x')", "x.read_text()"],
)
def test_impure_workflow_module_is_found(text: str, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "workflow.py").write_text("from ciforge.ci.shared import x\n")
    (tmp_path / "shared.py").write_text(text)
    assert [len(impurities(file)) for file in sorted(writers(tmp_path))] == [0, 1]


def test_pure_workflow_module_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import json, re\nfrom ciforge.model.job import Job\njson.dumps(1)"
    )
    assert impurities(tmp_path / "a.py") == []
