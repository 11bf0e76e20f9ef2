"""In a checkout its repositories are built, all of them."""

import subprocess
from pathlib import Path

import pytest
from command_tests import Types

from ciforge.app.source_options import (
    SourceOptions,
    current_checkout,
    jobs_of_checkout,
    source_specs,
)
from ciforge.app.workspace import open_workspace

PATHS = """
project: mono
repos:
  daemon: {path: ., recipe: make}
  tools: {path: ./, recipe: make}
  other: {path: other, recipe: make}
jobs: [debian-13]
"""
GIT = PATHS.replace("path: ./", "git: 'https://git.example.org/mono'").replace(
    "path: .,", "git: 'https://git.example.org/mono.git',"
)


@pytest.mark.parametrize("text", [PATHS, GIT])
def test_two_repositories_of_one_tree_are_both_built(text: str, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    remote = ["git", "-C", tmp_path, "remote", "add", "origin", "https://git.example.org/mono.git"]
    subprocess.run(remote, check=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "ciforge.yml").write_text(text)
    opened = open_workspace(None, tmp_path)
    tree = current_checkout(opened, tmp_path.resolve())
    assert tree is not None
    assert tree.repos == ("daemon", "tools")
    jobs = jobs_of_checkout(opened.plan.jobs, tree, SourceOptions())
    assert [job.repo for job in jobs] == ["daemon", "tools"]
    wanted = source_specs(opened, jobs, tree, SourceOptions())
    assert {one.place for one in wanted} == {str(tmp_path.resolve())}


@pytest.mark.parametrize("selectors", [(), ("debian-13",)])
def test_jobs_of_a_checkout_are_those_that_run_builds(
    selectors: tuple[str, ...], tmp_path: Path, types: Types, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "ciforge.yml").write_text(PATHS)
    for folder, repos in (("other", ["other"]), (".", ["daemon", "tools"])):
        monkeypatch.chdir(tmp_path / folder)
        listed = types("jobs", *selectors)
        assert [line.partition("/")[0] for line in listed.out.splitlines()] == repos
        assert "not listed" in listed.err
