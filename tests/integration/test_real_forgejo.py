"""The file for Forgejo Actions, run on the real engine by act, of which Forgejo's runner is made.

act takes actions from GitHub alone, so it runs a copy without the addresses of Forgejo's actions: checkout is
built in, and tests/actions has stand-ins for the others; that of the cache is always empty. Labels, variables and fetching of actions are
not shown by this.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import attrs
import pytest
from acting import find
from rig import (
    EXAMPLES,
    HELLO_13,
    PATIENCE,
    ROOT,
    Ended,
    Person,
    allow_failure,
    commit,
    compiled_hello,
    git,
    hello,
    load,
)

FILE = Path(".forgejo", "workflows", "ciforge.yml")
ADDRESS = "https://data.forgejo.org/"


@attrs.frozen
class Ran:
    """A job that act has run to its end."""

    code: int
    out: str
    artifact: Path

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.artifact / "result.json").read_text())
        return found


def ran(tree: Path, home: Path, image: str) -> Ran:
    """The job of Debian 13 in a clone of the tree."""
    git(home, "clone", "--quiet", str(tree), "clone")
    file = home / "clone" / FILE
    text = file.read_text()
    file.write_text(text.replace(ADDRESS, ""))
    actions = set(re.findall(rf"{ADDRESS}((?:forgejo|actions)/(?!checkout)[a-z-]+)\S*(@\w+)", text))
    assert len(actions) in (1, 3)
    stand_ins = [
        word for name, commit in sorted(actions)
        for word in ("--local-repository", f"{name}{commit}={ROOT / 'tests' / 'actions' / name.partition('/')[2]}")
    ]  # fmt: skip
    done = subprocess.run(
        [
            find("act"), "push", "-W", FILE, "--matrix", f"job:{HELLO_13}", "-P", "docker=-self-hosted",
            *stand_ins,
            "--env", f"CIFORGE_TEST_ARTIFACTS={home / 'artifacts'}",
            "--var", f"CIFORGE_BASE_DEBIAN_13={image}",
        ],
        cwd=home / "clone", env=os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")},
        text=True, errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=PATIENCE, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, home / "artifacts" / HELLO_13.replace("/", ","))


def base(run: Ended) -> str:
    """The base image that a local run had."""
    name: str = run.results[HELLO_13]["base"].partition("@")[0]
    return name


def with_file(tree: Path, home: Path) -> Person:
    person = Person(tree, home)
    done = person.types("generate", "--target", "forgejo", HELLO_13)
    assert done.code == 0, done.told
    commit(tree, "Generate the workflow")
    return person


def test_forgejo_job_ends_as_the_local_one_and_its_artifacts_are_collected(
    hello_run: Ended, tmp_path: Path
) -> None:
    person = with_file(hello(tmp_path / "hello"), tmp_path)
    made = ran(person.here, tmp_path, base(hello_run))
    assert made.code == 0, made.out
    ours = hello_run.results[HELLO_13]
    for key in ("job", "status", "failed_step", "packages", "artifacts", "tail"):
        assert made.result[key] == ours[key]
    collected = person.types("collect", made.artifact.parent)
    assert collected.code == 0, collected.told


def test_forgejo_push_to_a_followed_branch_keeps_caches_in_a_job_that_runs_no_step(
    hello_run: Ended, tmp_path: Path
) -> None:
    tree = compiled_hello(tmp_path / "hello")
    document = load(tree / "ciforge.yml")
    document["repos"]["hello"] |= {"branches": ["main"]}
    (tree / "ciforge.yml").write_text(json.dumps(document))
    with_file(tree, tmp_path)
    made = ran(tree, tmp_path, base(hello_run))
    assert made.code == 0, made.out
    names = re.findall(r"nothing in the cache is named (ciforge-\S+)", made.out)
    image, results = sorted({re.sub(r":.*", ":", name) for name in names}, key=len)
    assert re.fullmatch(r"ciforge-debian-13-amd64-\d{4}-W\d\d-[0-9a-f]{16}", image)
    assert re.fullmatch(r"ciforge-ccache-[0-9a-f]{16}-hello/debian-13/default:", results)
    steps = re.findall(
        r"\[.*keep caches of .*\] .*(Success|Failure) - Main (.+?)(?: \[|$)", made.out, re.MULTILINE
    )
    assert {"Build the image", "Keep the image", "Keep results of compilers"} <= {
        name for _, name in steps
    }
    assert {end for end, _ in steps} == {"Success"}
    assert re.search(r"\d+ .*image\.tar", made.out) and re.search(r"\d+ .*ccache\.tar", made.out)


@pytest.mark.parametrize("allowed", [False, True])
def test_forgejo_job_of_a_broken_tree_fails_in_its_step_unless_allowed(
    allowed: bool, hello_run: Ended, tmp_path: Path
) -> None:
    tree = compiled_hello(tmp_path / "hello")
    git(tree, "apply", str(EXAMPLES / "hello-portable" / "breaks" / "missing-include.patch"))
    if allowed:
        allow_failure(tree)
    with_file(tree, tmp_path)
    made = ran(tree, tmp_path, base(hello_run))
    assert (made.code == 0) is allowed, made.out
    assert (made.result["status"], made.result["failed_step"]) == ("failed", "build")


def test_forgejo_job_without_its_base_image_is_not_an_allowed_failure(tmp_path: Path) -> None:
    tree = hello(tmp_path / "hello")
    allow_failure(tree)
    with_file(tree, tmp_path)
    made = ran(tree, tmp_path, "registry.invalid/nothing")
    assert made.code != 0, made.out
    assert made.result["status"] == "infrastructure"
