"""A manifest for SourceHut: its tasks, run on this machine as builds.sr.ht documents that it does.

https://man.sr.ht/builds.sr.ht/manifest.md: each task is a script under bash that reads ~/.buildenv
and sets -x and -e; tasks run in their order, in sessions of their own, until one fails or asks for
`complete-build`; sources lie in the home folder. What stands in here: the machine is this one,
which has the packages already, and `sudo` runs docker alone, so that no right of this machine
changes; a variable names a base image that is here.
"""

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml
from rig import (
    EXAMPLES,
    HELLO_13,
    PATIENCE,
    Ended,
    Person,
    allow_failure,
    commit,
    compiled_hello,
    git,
    hello,
)

MANIFEST = Path(".builds", "ciforge-debian-13,default.yml")
PREAMBLE = "#!/usr/bin/env bash\n. ~/.buildenv\nset -x\nset -e\n"
BUILDENV = "complete-build() {\n    exit 255\n}\n"
COMPLETE = 255
SUDO = '#!/bin/sh\n[ "$1" != docker ] || exec "$@"\n'


@attrs.frozen
class Built:
    """What the service would say: which tasks ran, how the last one ended, what they printed."""

    tasks: tuple[str, ...]
    passed: bool
    out: str
    home: Path


def built(tree: Path, home: Path, base: str) -> Built:
    """The manifest's tasks in order, in a home of their own that has the tree."""
    manifest: dict[str, Any] = yaml.safe_load((tree / MANIFEST).read_text())
    home.mkdir()
    git(home, "clone", "--quiet", str(tree), tree.name)
    (home / "bin").mkdir()
    (home / "bin" / "sudo").write_text(SUDO)
    (home / "bin" / "sudo").chmod(0o755)
    variables = {**manifest["environment"], "CIFORGE_BASE_DEBIAN_13": base}
    exports = (f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
    (home / ".buildenv").write_text(BUILDENV + "".join(exports))
    ran: list[str] = []
    out = ""
    for task in manifest["tasks"]:
        ((name, script),) = task.items()
        ran.append(name)
        done = session(home, script)
        out += done.stdout
        if done.returncode:
            break
    passed = done.returncode in {0, COMPLETE}
    if passed:
        assert all((home / name).is_file() for name in manifest["artifacts"])
    return Built(tuple(ran), passed, out, home)


def session(home: Path, script: str) -> "subprocess.CompletedProcess[str]":
    file = home / "task"
    file.write_text(PREAMBLE + script)
    env = {"HOME": str(home), "PATH": f"{home}/bin:{os.environ['PATH']}", "LANG": "C.UTF-8"}
    return subprocess.run(
        ["bash", file], cwd=home, env=env, text=True, errors="replace", stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False,
    )  # fmt: skip


def with_manifest(tree: Path, home: Path) -> Person:
    person = Person(tree, home)
    done = person.types("generate", "--target", "sourcehut", HELLO_13)
    assert done.code == 0, done.told
    commit(tree, "Generate the manifest")
    return person


def base(run: Ended) -> str:
    """The base image that a local run had."""
    name: str = run.results[HELLO_13]["base"].partition("@")[0]
    return name


def result(made: Built) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (made.home / "ciforge" / "result" / "result.json").read_text()
    )
    return found


def test_sourcehut_manifest_runs_every_task(hello_run: Ended, tmp_path: Path) -> None:
    person = with_manifest(hello(tmp_path / "hello"), tmp_path)
    made = built(person.here, tmp_path / "home", base(hello_run))
    assert made.passed, made.out
    steps = [step["name"] for step in hello_run.results[HELLO_13]["steps"]]
    assert list(made.tasks) == ["machine", "unpack", *steps, "results"]
    kept = subprocess.check_output(
        ["tar", "-tzf", made.home / "ciforge-result.tar.gz"], text=True
    ).split()
    assert {"./result.json", "./log.txt", "./artifacts/config.log"} <= set(kept)
    ours = hello_run.results[HELLO_13]
    for key in ("job", "status", "failed_step", "packages", "artifacts", "tail"):
        assert result(made)[key] == ours[key]


@pytest.mark.parametrize("allowed", [False, True])
def test_sourcehut_broken_tree_fails_in_its_task_and_prints_the_result(
    allowed: bool, hello_run: Ended, tmp_path: Path
) -> None:
    tree = compiled_hello(tmp_path / "hello")
    git(tree, "apply", str(EXAMPLES / "hello-portable" / "breaks" / "missing-include.patch"))
    if allowed:
        allow_failure(tree)
    with_manifest(tree, tmp_path)
    made = built(tree, tmp_path / "home", base(hello_run))
    assert made.passed is allowed, made.out
    assert made.tasks[-1] == "build"
    assert (result(made)["status"], result(made)["failed_step"]) == ("failed", "build")
    assert '"status": "failed"' in made.out


def test_sourcehut_infrastructure_failure_is_not_an_allowed_failure(tmp_path: Path) -> None:
    tree = hello(tmp_path / "hello")
    allow_failure(tree)
    with_manifest(tree, tmp_path)
    made = built(tree, tmp_path / "home", "registry.invalid/nothing")
    assert (made.passed, made.tasks[-1]) == (False, "prepare")
    assert result(made)["status"] == "infrastructure"
