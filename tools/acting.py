"""A generated workflow, run by act on the real engine.

Of the actions in it, act has actions/checkout built in: it copies the tree. In place of those that
keep and fetch artifacts and caches, which cannot be fetched on a closed machine, stands tests/actions. act 0.2.89
refuses `queue`, so it runs a copy of the workflow without that line. Everything else is the workflow's own.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).resolve().parents[1]
WORKFLOW = Path(".github", "workflows", "ciforge.yml")
STAND_INS = ROOT / "tests" / "actions"
GATE = "gate"
_QUEUE = "      queue: max\n"


@attrs.frozen
class Acted:
    """A workflow that act has run to its end."""

    code: int
    out: str
    artifacts: Path

    def ends(self, job: str) -> dict[str, str]:
        """The steps of a job to Success or Failure."""
        lines = re.findall(
            rf"^\[[^/\]]*/{re.escape(job)}(?:-\d+)? *\].*(Success|Failure) - Main (.+?)(?: \[[\w.]+\])?$",
            self.out, re.MULTILINE,
        )  # fmt: skip
        return {name: end for end, name in lines}

    def failed(self, job: str) -> list[str]:
        """The steps of a job that failed."""
        return [name for name, end in self.ends(job).items() if end == "Failure"]

    def folder(self, job: str) -> Path:
        """A job's artifact."""
        return self.artifacts / job.replace("/", ",")

    def file(self, job: str, name: str) -> str:
        """A file of a job's artifact."""
        return (self.folder(job) / name).read_text(errors="replace")

    def result(self, job: str) -> dict[str, Any]:
        """Its result.json."""
        result: dict[str, Any] = json.loads(self.file(job, "result.json"))
        return result


def find(name: str) -> str:
    """A program beside this Python, else of the machine; empty where it is not here."""
    own = Path(sys.executable).parent / name
    return str(own) if own.exists() else shutil.which(name) or ""


def plain_clone(tree: Path, folder: Path) -> Path:
    """The last commit of `tree`, submodules included, as the service checks it out.

    act copies a tree as it lies there, so that files that git ignores would be in it.
    """
    command = [
        "git",
        "-c",
        "protocol.file.allow=always",
        "clone",
        "--quiet",
        "--recurse-submodules",
    ]
    subprocess.run([*command, tree, folder], check=True)
    return folder


def _workflow(tree: Path, home: Path) -> Path:
    """The workflow, or a copy without what act refuses."""
    text = (tree / WORKFLOW).read_text()
    if _QUEUE not in text:
        return WORKFLOW
    copy = home / "act" / WORKFLOW.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(text.replace(_QUEUE, ""))
    return copy


def act(
    tree: Path,
    jobs: str,
    bases: Mapping[str, str],
    home: Path,
    *,
    seconds: int,
    secrets: Mapping[str, str] | None = None,
    **more: str,
) -> Acted:
    """Runs the generated workflow in `tree` as one started by hand does; `jobs` names some of them.

    `bases` are the service's variables, `more` those of the runner's environment. Raises subprocess.TimeoutExpired after so many seconds.
    """
    artifacts = home / "artifacts"
    pattern = r"(actions/(?:(?:up|down)load-artifact|cache))(?:/restore|/save)?(@\w+)"
    uses = {name + at for name, at in re.findall(pattern, (tree / WORKFLOW).read_text())}
    assert uses, "the workflow keeps no artifact"
    stand_ins = [
        word for one in sorted(uses)
        for word in ("--local-repository", f"{one}={STAND_INS / one.partition('/')[2].partition('@')[0]}")
    ]  # fmt: skip
    hidden = [word for name, text in (secrets or {}).items() for word in ("-s", f"{name}={text}")]
    told = [word for name, text in more.items() for word in ("--env", f"{name}={text}")]
    variables = [word for name, base in bases.items() for word in ("--var", f"{name}={base}")]
    own = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    done = subprocess.run(
        [
            find("act"), "workflow_dispatch", "--input", f"job={jobs}", "-W", str(_workflow(tree, home)),
            "-P", "ubuntu-24.04=-self-hosted", *stand_ins, *hidden, *told,
            "--env", f"CIFORGE_TEST_ARTIFACTS={artifacts}", *variables,
        ],
        cwd=tree, env=os.environ | own, text=True, errors="replace", stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, check=False,
    )  # fmt: skip
    return Acted(done.returncode, done.stdout, artifacts)
