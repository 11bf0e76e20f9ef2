"""What tests of `ciforge try` share: the command in this process, a checkout, and a runner that ends jobs as it is told."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import pytest
from api import archive
from click.testing import CliRunner

from ciforge.app.patient_service import Pace
from ciforge.cli.main import cli
from ciforge.errors import CiforgeError
from tests.dispatching import JobEnd, Service

TWELVE, THIRTEEN = "hello/debian-12/default", "hello/debian-13/default"
TWO_JOBS = """\
project: p
repos: {hello: {path: ., recipe: make}}
jobs: [hello/debian-12/default, hello/debian-13/default]
"""
PASSES = {TWELVE: "passed", THIRTEEN: "passed"}


def git(tree: Path, *words: str) -> str:
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
    command = ["git", "-C", str(tree), *who, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def replace_address(
    monkeypatch: pytest.MonkeyPatch, home: Path, address: str, remote: Path
) -> None:
    """Lets git reach a repository of the test at an address, by the person's own configuration."""
    config = home / "gitconfig"
    config.write_text(f'[url "{remote}"]\ninsteadOf = {address}\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))


def ends(statuses: Mapping[str, str]) -> Mapping[str, JobEnd]:
    """Jobs to ends with the artifact of a runner: `passed` or `failed`."""
    conclusions = {"passed": "success", "failed": "failure"}
    return {
        job: JobEnd(conclusions[status], archive(job, status)) for job, status in statuses.items()
    }


class Running:
    """A runner that ends jobs as it is told, and keeps what it was given."""

    def __init__(self, found: Mapping[str, JobEnd]) -> None:
        self.ends = found
        self.commits: list[str] = []
        self.jobs: list[str] = []

    def __call__(self, commit: str, jobs: Sequence[str]) -> Mapping[str, JobEnd]:
        self.commits.append(commit)
        self.jobs += jobs
        return {job: self.ends[job] for job in jobs}


def begin_tree(
    folder: Path, monkeypatch: pytest.MonkeyPatch, project: str, target: str
) -> tuple[Path, Path]:
    """Makes `tree`, a checkout with a generated workflow in its first commit, and `remote.git`, and enters the tree."""
    tree, remote = folder / "tree", folder / "remote.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    git(folder, "init", "--quiet", "--initial-branch=main", str(tree))
    (tree / "ciforge.yml").write_text(project)
    monkeypatch.chdir(tree)
    assert ciforge("generate", "--target", target).exit_code == 0
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", "Begin")
    return tree, remote


def push_to(monkeypatch: pytest.MonkeyPatch, tree: Path, remote: Path, address: str) -> None:
    """Pushes the tree to the remote, which git finds at the address."""
    git(tree, "remote", "add", "origin", address)
    replace_address(monkeypatch, tree.parent, address, remote)
    git(tree, "push", "--quiet", "origin", "main")
    git(tree, "fetch", "--quiet", "origin")


def be_quick(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Keeps the state in the folder, and asks the service every few milliseconds."""
    monkeypatch.setenv("CIFORGE_STATE", str(folder / "state"))
    pace = Pace(shortest=0.01, longest=0.02, patience=0.2)
    monkeypatch.setattr("ciforge.app.hosted_try.PACE", pace)


@attrs.frozen
class Ended:
    """A command that has ended, as a person sees it: an error is its message and its exit status."""

    exit_code: int
    stdout: str
    stderr: str


def ciforge(*words: str) -> Ended:
    done = CliRunner().invoke(cli, words)
    error = done.exception
    if isinstance(error, CiforgeError):
        return Ended(error.exit_code, done.stdout, f"{done.stderr}{error}\n{error.hint}\n")
    if error is not None and not isinstance(error, SystemExit):
        raise error
    return Ended(done.exit_code, done.stdout, done.stderr)


def attempt(*words: str) -> Ended:
    """`ciforge try` without a question."""
    return ciforge("try", "--yes", *words)


def statuses() -> dict[str, str]:
    """Jobs to the statuses in the newest run of the history."""
    folders = Path(os.environ["CIFORGE_STATE"], "p", "runs").iterdir()
    folder = max(folders, key=lambda path: path.stat().st_mtime_ns)
    results = [json.loads(file.read_text()) for file in folder.glob("*/result.json")]
    return {result["job"]: result["status"] for result in results}


def records() -> list[Path]:
    return list(Path(os.environ["CIFORGE_STATE"], "p").glob("tries/*"))


def assert_gone(service: Service) -> None:
    """Nothing of the build is left on the service or here."""
    assert service.branches() == ["main"]
    assert records() == []
