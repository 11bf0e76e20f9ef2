"""`ciforge script`: what it prints repeats a job with sh and docker alone."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rig import EXAMPLES, HELLO_13, PATIENCE, Ended, Person, git, hello

Shell = Callable[[Path], "subprocess.CompletedProcess[str]"]
PATCH = EXAMPLES / "hello-portable" / "breaks" / "missing-include.patch"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("script")


@pytest.fixture(scope="module")
def script(home: Path) -> Path:
    """The script, in a file."""
    printed = Person(hello(home / "tree"), home).types("script", HELLO_13)
    assert (printed.code, printed.err) == (0, "")
    file = home / "job.sh"
    file.write_text(printed.out)
    return file


@pytest.fixture
def shell(script: Path, home: Path, hello_run: Ended, engine: Any) -> Iterator[Shell]:
    """Runs the script on a tree; at the end its image is removed."""
    assert shutil.which("docker"), "the script needs docker's command line"
    base = hello_run.results[HELLO_13]["base"].partition("@")[0]

    def run(tree: Path) -> "subprocess.CompletedProcess[str]":
        env = Person(home, home).env(BASE=base)
        return subprocess.run(
            ["sh", script, tree], cwd=home, env=env, stdin=subprocess.DEVNULL, timeout=PATIENCE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip

    yield run
    (image,) = re.findall("^image=(.*)$", script.read_text(), re.MULTILINE)
    containers = engine.api.containers(all=True)
    assert [one["Id"] for one in containers if one["Image"] == image] == []
    engine.images.remove(image)


def test_script_of_a_job_passes_where_the_job_passes(home: Path, shell: Shell) -> None:
    done = shell(home / "tree")
    assert done.returncode == 0, done.stdout
    steps = [line[4:] for line in done.stdout.splitlines() if line.startswith("==> ")]
    assert steps == [
        "prepare", "bootstrap", "configure", "build", "check", "install", "expect", "passed",
    ]  # fmt: skip


def test_script_of_a_job_ends_with_1_and_names_the_step_that_failed(
    home: Path, shell: Shell
) -> None:
    broken = hello(home / "broken")
    git(broken, "apply", str(PATCH))
    done = shell(broken)
    assert done.returncode == 1, done.stdout
    assert done.stdout.splitlines()[-1] == "==> build failed with exit code 2"
    assert "implicit declaration of function 'errx'" in done.stdout


@pytest.mark.parametrize("part", ["--dockerfile", "--steps"])
def test_script_of_one_step_is_part_of_the_whole_script(
    home: Path, script: Path, part: str
) -> None:
    printed = Person(home / "tree", home).types("script", HELLO_13, part)
    assert printed.out.splitlines()[-1] in script.read_text().splitlines()
