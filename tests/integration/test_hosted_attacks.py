"""The same attacks in a hosted run: the scripts that a service's machine runs, on the real engine."""

import json
from pathlib import Path

import pytest
from rig import Document, Ended, commit, hello
from test_attacks import AFTER, CONFIGURED, EATER, EXPECTED, FORGED, FORGES, REWRITES
from test_real_sourcehut import Built, base, built, result, with_manifest

pytestmark = pytest.mark.alone
"""Memory is used up, and processes of a box are counted."""


def hosted(folder: Path, run: Ended, expect: Document | None = None, **steps: Document) -> Built:
    """A job of these steps and no others, by its manifest's tasks."""
    tree = hello(folder / "hello")
    none = dict.fromkeys(("bootstrap", "configure", "build", "install"), False)
    repo = {
        "path": ".", "recipe": "autotools", "dependencies": ["autoconf", "automake"],
        "users": {"_hello": "/var/empty"}, "steps": {**none, **steps}, **(expect or {}),
    }  # fmt: skip
    document = {"project": "trial", "repos": {"hello": repo}, "jobs": ["hello/debian-13"]}
    (tree / "ciforge.yml").write_text(json.dumps(document, indent=1))
    commit(tree, "Attack")
    with_manifest(tree, folder)
    return built(tree, folder / "home", base(run))


def log(made: Built) -> str:
    return (made.home / "ciforge" / "result" / "log.txt").read_text()


def test_a_process_that_a_hosted_step_left_behind_forges_no_manifest(
    hello_run: Ended, tmp_path: Path
) -> None:
    build = {"run": f"({FORGES}) 2>/dev/null &\necho built"}
    made = hosted(tmp_path, hello_run, EXPECTED, build=build, install={"run": "sleep 2"})
    assert result(made)["failed_step"] == "expect", made.out
    assert "/usr/local/bin/tool was not installed" in log(made)
    assert "processes that build left running" in log(made)


def test_a_hosted_install_that_rewrites_what_the_steps_are_run_by_forges_none(
    hello_run: Ended, tmp_path: Path
) -> None:
    touch = {"run": AFTER, "after": "install", "as": "root"}
    steps = {"build": {"run": "echo '#define HAVE_SOMETHING 1' >config.h"}, "touch": touch}
    made = hosted(tmp_path, hello_run, CONFIGURED, install={"run": REWRITES}, **steps)
    assert result(made)["failed_step"] == "expect", made.out
    assert "forged" not in log(made)
    assert "config.h does not define HAVE_NOTHING" in log(made)
    manifest = made.home / "ciforge" / "result" / "artifacts" / "manifest.txt"
    assert " /usr/local/bin/find\n" in manifest.read_text()
    assert FORGED not in manifest.read_text()


def test_a_hosted_step_that_ends_0_though_a_child_was_killed_for_memory_has_failed(
    hello_run: Ended, tmp_path: Path
) -> None:
    made = hosted(tmp_path, hello_run, build={"run": EATER})
    assert not made.passed
    assert log(made).splitlines()[-1] == "whole"
    assert result(made)["reason"] == "build failed: it used up its memory", made.out
