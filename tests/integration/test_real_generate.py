"""`ciforge generate`: real readers of workflows find nothing, and act runs them on the real engine.

Of the actions in a workflow, act has actions/checkout built in: it copies the tree. In place of
actions/upload-artifact, which cannot be fetched on a closed machine, stands tests/actions.
Everything else is the workflow's own.
"""

import json
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from rig import EXAMPLES, HELLO_13, PATIENCE, ROOT, Ended, Person, commit, git, hello
from torture import torture

PROGRAMS = Path(sysconfig.get_path("scripts"))
WORKFLOW = Path(".github", "workflows", "ciforge.yml")
PLACES = {"started", "seconds", "origin", "image", "base"}
"""Keys of a result that tell when and where it came about."""


def program(name: str) -> str:
    """A program of the test's own environment, else of the machine."""
    own = PROGRAMS / name
    found = str(own) if own.exists() else shutil.which(name)
    assert found, f"{name} is not here: tox installs it"
    return found


def ended(*words: object, cwd: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        list(map(str, words)), cwd=cwd, env=os.environ | {"PATH": path} | env, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=PATIENCE, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the workflows of both examples and of the torture project."""
    folder = tmp_path_factory.mktemp("generated")
    projects = {name: EXAMPLES / name / "ciforge.yml" for name in ("opensmtpd", "hello-portable")}
    projects["torture"] = folder / "ciforge.yml"
    projects["torture"].write_text(torture())
    for name, file in projects.items():
        done = Person(folder, folder).types("generate", "--file", file, "--output", folder / name)
        assert done.code == 0, done.told
    return folder


def workflows(folder: Path) -> list[Path]:
    found = sorted(folder.rglob(".github/workflows/*.yml"))
    assert len(found) > 6
    return found


@pytest.mark.parametrize(
    "reader",
    [
        ("actionlint", "-no-color"),
        (
            "zizmor",
            "--quiet",
            "--color",
            "never",
            "--persona",
            "pedantic",
            "--offline",
            "--no-exit-codes",
        ),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
    ],
    ids=lambda words: words[0],
)
def test_readers_of_workflows_find_nothing(reader: Sequence[str], generated: Path) -> None:
    done = ended(program(reader[0]), *reader[1:], *workflows(generated), cwd=generated)
    said = re.sub(r"No findings to report\. Good job!|ok -- validation done", "", done.stdout)
    assert (done.returncode, said.strip()) == (0, "")


def test_githubs_own_parser_finds_nothing(generated: Path, tmp_path: Path) -> None:
    words = ("install", "--silent", "--no-audit", "--no-fund", "--prefix", tmp_path)
    installed = ended(program("npm"), *words, "@actions/workflow-parser@0.3.61", cwd=tmp_path)
    assert installed.returncode == 0, installed.stdout
    script = Path(__file__).with_name("workflow_parser.mjs")
    files = workflows(generated)
    done = ended(program("node"), script, tmp_path, *files, cwd=generated)
    (said,) = done.stdout.splitlines()
    assert re.fullmatch(rf"\d+ jobs in {len(files)} files", said)


@attrs.frozen
class Acted:
    """A workflow that act has run to its end."""

    code: int
    out: str
    artifacts: Path

    def ends(self, job: str) -> dict[str, str]:
        """The steps of a job to Success or Failure."""
        lines = re.findall(
            rf"^\[[^/\]]*/{re.escape(job)} *\].*(Success|Failure) - Main (.+?)(?: \[[\w.]+\])?$",
            self.out, re.MULTILINE,
        )  # fmt: skip
        return {name: end for end, name in lines}

    def file(self, job: str, name: str) -> str:
        """A file of a job's artifact."""
        return (self.artifacts / job.replace("/", ",") / name).read_text()

    def result(self, job: str) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(self.file(job, "result.json"))
        return result


def act(tree: Path, jobs: str, bases: Mapping[str, str], home: Path) -> Acted:
    """Runs the generated workflow in `tree` as one started by hand does."""
    artifacts = home / "artifacts"
    uses = re.search(r"actions/upload-artifact@\w+", (tree / WORKFLOW).read_text())
    assert uses
    stand_in = ROOT / "tests" / "actions" / "upload-artifact"
    variables = [word for name, base in bases.items() for word in ("--var", f"{name}={base}")]
    done = ended(
        program("act"), "workflow_dispatch", "--input", f"job={jobs}", "-W", WORKFLOW,
        "-P", "ubuntu-24.04=-self-hosted", "--local-repository", f"{uses[0]}={stand_in}",
        "--env", f"CIFORGE_TEST_ARTIFACTS={artifacts}", *variables,
        cwd=tree, HOME=str(home), XDG_CACHE_HOME=str(home / "cache"),
    )  # fmt: skip
    return Acted(done.returncode, done.stdout, artifacts)


def bases(run: Ended) -> dict[str, str]:
    """The base images that a local run had, by the variables that name them."""
    return {
        "CIFORGE_BASE_" + re.sub("[^A-Z0-9]", "_", job.split("/")[1].upper()):
            result["base"].partition("@")[0]
        for job, result in run.results.items()
    }  # fmt: skip


def timeless(result: Any) -> Any:
    """Without times and places, the lines of a build that does several things at once in order."""
    if isinstance(result, dict):
        kept = {key: timeless(value) for key, value in result.items() if key not in PLACES}
        return kept | {"tail": sorted(kept["tail"])} if "tail" in kept else kept
    return [timeless(item) for item in result] if isinstance(result, list) else result


def with_workflow(tree: Path, home: Path) -> Person:
    """Somebody in a tree whose generated workflow is committed."""
    person = Person(tree, home)
    done = person.types("generate")
    assert done.code == 0, done.told
    commit(tree, "Generate the workflow")
    return person


def test_a_hosted_run_ends_as_the_local_one(hello_run: Ended, tmp_path: Path) -> None:
    person = with_workflow(hello(tmp_path / "tree"), tmp_path)
    acted = act(person.here, "debian-12/default debian-13/default", bases(hello_run), tmp_path)
    assert acted.code == 0, acted.out
    assert set(acted.ends("gate").values()) == {"Success"}
    local = person.runs("debian/default", "--no-cache")
    assert local.code == 0, local.told
    for job, result in local.results.items():
        assert timeless(acted.result(job)) == timeless(result)
        for name in ("log.txt", "artifacts/config.log", "artifacts/config.h"):
            assert acted.file(job, name)
        theirs = acted.file(job, "artifacts/manifest.txt")
        assert theirs == (local.job(job) / "artifacts" / "manifest.txt").read_text()


@pytest.mark.parametrize(
    ("patch", "step"), [("missing-include", "build"), ("wrong-group", "expect")]
)
def test_a_broken_tree_fails_in_its_step_and_leaves_everything(
    patch: str, step: str, hello_run: Ended, tmp_path: Path
) -> None:
    tree = hello(tmp_path / "tree")
    git(tree, "apply", str(EXAMPLES / "hello-portable" / "breaks" / f"{patch}.patch"))
    person = with_workflow(tree, tmp_path)
    acted = act(tree, HELLO_13, bases(hello_run), tmp_path)
    assert acted.code == 1, acted.out
    failed = [name for name, end in acted.ends(HELLO_13).items() if end == "Failure"]
    assert failed == [step]
    assert "Failure" in acted.ends("gate").values()
    local = person.runs(HELLO_13, "--no-cache").result
    assert timeless(acted.result(HELLO_13)) == timeless(local)
    assert acted.file(HELLO_13, "artifacts/config.log")
    assert f"--- ciforge: {step} ---" in acted.file(HELLO_13, "log.txt")


def test_a_package_that_does_not_exist_fails_in_prepare(hello_run: Ended, tmp_path: Path) -> None:
    tree = hello(tmp_path / "tree")
    file = tree / "ciforge.yml"
    spelled = "[autoconf, automake, {nothing: {debian: no-such-package}}]"
    file.write_text(file.read_text().replace("[autoconf, automake]", spelled))
    with_workflow(tree, tmp_path)
    acted = act(tree, HELLO_13, bases(hello_run), tmp_path)
    result = acted.result(HELLO_13)
    assert (acted.code, result["status"], result["failed_step"]) == (1, "failed", "prepare")
    assert result["reason"] == "there is no package 'no-such-package'"
