"""Other ways to do the work of a job: plain containers of several releases, act, an older ciforge."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import attrs
from container_steps import CIFORGE, JOB, ROOT, Bench, steps_of
from timed_process import Broken, Timed, said, say

sys.path.insert(0, str(ROOT / "tools"))

_SECONDS = 3600
"""The most that act may take."""


def images_of(bench: Bench, jobs: Sequence[str]) -> list[Bench]:
    """The same for each job, with its own steps and the image that its last run had."""
    found = []
    for job in jobs:
        results = (bench.scratch / "state" / bench.name / "runs").glob(
            f"*/{job.replace('/', ',')}/result.json"
        )
        image = json.loads(max(results).read_text())["image"]
        text = said([*CIFORGE, "script", job, "--any", "--steps", "--file", str(bench.project)])
        found.append(attrs.evolve(bench, image=image, steps=steps_of(text, job)))
    return found


def workflow(bench: Bench) -> Path | None:
    """A checkout of the source with the generated workflow; None, and a message, where act is not here."""
    from acting import find, plain_clone

    if not find("act"):
        say("act is not here: that road is left out")
        return None
    output, tree = bench.scratch / "generated", bench.scratch / "hosted"
    said([*CIFORGE, "generate", JOB, "--file", str(bench.project), "--output", str(output)])
    shutil.copytree(bench.tree, tree, symlinks=True)
    shutil.copytree(output / "portable", tree, dirs_exist_ok=True)
    who = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.org")
    for words in (
        ("init", "--quiet"),
        ("add", "--all", "--force"),
        ("commit", "--quiet", "-m", "x"),
    ):
        said(["git", "-C", str(tree), *who, *words])
    return plain_clone(tree, bench.scratch / "clone")


def by_act(bench: Bench, clone: Path) -> Timed:
    """The job of the workflow, by act on the same engine, with the images that ciforge made."""
    from acting import act

    began = time.perf_counter()
    acted = act(clone, JOB, dict(_bases()), bench.scratch / "act", seconds=_SECONDS)
    if acted.code:
        tail = "\n".join(acted.out.splitlines()[-15:])
        raise Broken(f"act ended with {acted.code}:\n{tail}")
    return Timed(time.perf_counter() - began, 0)


def _bases() -> dict[str, str]:
    """The base image that ciforge made for the job, by the variable that names it."""
    release = JOB.split("/")[1]
    names = said(
        ["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", f"ciforge/base/{release}"]
    )
    variable = "CIFORGE_BASE_" + release.upper().replace("-", "_")
    return {variable: names.splitlines()[0]} if names else {}


def older(bench: Bench, commit: str) -> tuple[str, ...] | None:
    """The words that call ciforge of a commit; None, and a message, where it cannot be had."""
    folder = bench.scratch / "older"
    try:
        folder.mkdir()
        packed = subprocess.run(
            ["git", "-C", str(ROOT), "archive", commit], capture_output=True, check=True
        )
        subprocess.run(["tar", "-x", "-C", str(folder)], input=packed.stdout, check=True)
        # The folder above the module comes first, whatever is installed here.
        words = ("env", f"PYTHONPATH={folder}{os.pathsep}", sys.executable, "-m", "ciforge")
        said([*words, "--help"])
    except (subprocess.CalledProcessError, Broken) as error:
        say(f"ciforge of {commit} is left out: {error}")
        return None
    return words
