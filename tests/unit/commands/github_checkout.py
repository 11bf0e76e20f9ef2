"""A checkout with a generated workflow for GitHub, and the service that runs it."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from try_commands import (
    PASSES,
    Running,
    be_quick,
    ends,
    git,
    replace_address,
)

from ciforge.cli.main import cli
from tests.dispatching import Service, dispatching

PROJECT = """\
project: p
repos: {hello: {path: ., recipe: make}}
variants: {v1: {}, v2: {}, v3: {}, v4: {}, v5: {}, v6: {}, v7: {}}
jobs: [hello/debian-12/default, hello/debian-13/default, hello/alpine-3.23/*]
"""


def made_checkout(folder: Path) -> Path:
    """Makes a checkout, `tree`, whose workflow is generated, and its remote, `remote.git`; the folder."""
    tree, remote = folder / "tree", folder / "remote.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    git(folder, "init", "--quiet", "--initial-branch=main", str(tree))
    (tree / "ciforge.yml").write_text(PROJECT)
    (tree / "Makefile").write_text("all:\n\ttrue\n")
    (tree / ".gitignore").write_text("*.o\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tree)
        assert CliRunner().invoke(cli, ["generate"], catch_exceptions=False).exit_code == 0
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", "Begin")
    git(tree, "remote", "add", "origin", "https://github.com/example/hello.git")
    return folder


@contextlib.contextmanager
def github_service(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    """The service, and this process in a copy of the checkout."""
    for name in ("tree", "remote.git"):
        subprocess.run(["cp", "-a", made / name, tmp_path / name], check=True)
    tree, remote = tmp_path / "tree", tmp_path / "remote.git"
    replace_address(monkeypatch, tmp_path, "https://github.com/example/hello.git", remote)
    git(tree, "push", "--quiet", "origin", "main")
    git(tree, "fetch", "--quiet", "origin")
    with dispatching(Service(remote, Running(ends(PASSES)))) as running:
        monkeypatch.setenv("GITHUB_API_URL", running.address)
        monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
        monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)
        be_quick(monkeypatch, tmp_path)
        monkeypatch.chdir(tree)
        yield running
