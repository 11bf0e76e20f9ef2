"""The same job has the same id, Dockerfile and script on any machine."""

import ast
import os
import platform
from pathlib import Path

import pytest
from projects import ROOT, example

from ciforge.render.dockerfile import dockerfile
from ciforge.render.job_script import job_script
from ciforge.render.step_script import step_script
from tests.tables import each

PURE = sorted(
    file for name in ("plan", "render") for file in (ROOT / "ciforge" / name).glob("*.py")
)
OF_THE_MACHINE = {
    "datetime", "getpass", "io", "locale", "multiprocessing", "os", "platform", "random", "secrets",
    "shutil", "socket", "subprocess", "sys", "sysconfig", "tempfile", "time", "uuid",
}  # fmt: skip


def everything() -> list[str]:
    """Every id and text of both examples."""
    found = []
    for name in ("opensmtpd", "hello-portable"):
        for job in example(name).jobs:
            found += [job.id, dockerfile(job), job_script(job)]
            found += [step_script(job, step) for step in job.steps]
    return found


def test_rendering_is_the_same_on_another_architecture(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = everything()
    there = ("FreeBSD", "elsewhere", "14.1", "GENERIC", "arm64")
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(there))
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(platform, "system", lambda: "FreeBSD")
    monkeypatch.setattr(os, "cpu_count", lambda: 96)
    for name in list(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    monkeypatch.setenv("DOCKER_DEFAULT_PLATFORM", "linux/arm64")
    monkeypatch.setenv("CIFORGE_JOBS", "96")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert everything() == here


@each("file", PURE, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_planning_and_rendering_never_read_the_host(file: Path) -> None:
    tree = ast.parse(file.read_text())
    names = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} & OF_THE_MACHINE == set()
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert called & {"open", "print", "input", "hash", "id", "__import__"} == set()
