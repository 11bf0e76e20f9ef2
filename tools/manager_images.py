"""The images of tools/manager_matrix.py: package managers with their repositories, one tag for each state of the mirrors."""

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from alpine_base import alpine_image
from manager_matrix import PACKAGES, Target
from package_repositories import script

from ciforge.load.catalogue import load_catalogue
from ciforge.resources import data_folder

ALPINE, MACHINE = "alpine-3.23", "debian-13"
UNAVAILABLE = 3
"""The exit status of a run of which only mirrors and the like are to blame."""
_FIRST = """\
project: first
repos:
  tree:
    path: .
    recipe: autotools
    dependencies: [autoconf, automake]
    steps: {bootstrap: false, configure: false, build: false, install: false, look: {run: "true"}}
jobs: [JOBS]
"""


def names_of(target: Target) -> list[str]:
    """The packages that the descriptor of a target has."""
    one = load_catalogue([data_folder("distros")]).distributions[target.like]
    found = (dependency.on(target.release).packages for dependency in one.packages.values())
    return sorted({name for names in found for name in names})


def manager_images(
    client: Any, targets: Sequence[Target], scratch: Path, program: Sequence[str]
) -> dict[str, str]:
    """Makes the images that the engine does not have, and returns why some targets have none.

    Raises docker.errors.BuildError."""
    bases, lost = debian_bases(targets, scratch, program)
    for target in targets:
        if target.system in lost:
            continue
        text = script(target.script, names_of(target))
        made_from = (
            bases.get(target.system, ""),
            PACKAGES.get(target.system),
            target.prepare,
            text,
        )
        key = hashlib.sha256(repr(made_from).encode()).hexdigest()[:16]
        good = f"{target.image}:{key}"
        if not client.images.list(good):
            _make(client, good, target, text, bases, scratch)
        for state in target.states:
            _build(client, f"{target.image}:{state}", f"FROM {good}\nRUN sh /srv/mirror {state}\n")
    return {target.name: lost[target.system] for target in targets if target.system in lost}


def _make(
    client: Any, name: str, target: Target, text: str, bases: Mapping[str, str], scratch: Path
) -> None:
    if not target.system:
        parts = bases["tools"], bases["toolchain"]
        base = alpine_image(client, names_of(target), scratch, lambda: parts)
        _build(client, name, f"FROM {base}\n")
        return
    base = bases[target.system]
    if packages := PACKAGES.get(target.system, ()):
        install = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
        # Shared by all targets of this release, from the daemon's cache.
        base = _build(
            client, f"ciforge-tests/managers:{target.system}",
            f"FROM {base}\nRUN export DEBIAN_FRONTEND=noninteractive && apt-get update && {install} && apt-get clean\n",
        )  # fmt: skip
    _build(client, name, f"FROM {base}\nRUN {target.prepare}\nRUN {command(text)}\n")


def command(text: str) -> str:
    """A script as one command of a Dockerfile."""
    words = " ".join("'" + line.replace("'", "'\\''") + "'" for line in text.splitlines())
    return f"printf '%s\\n' {words} >/tmp/run && sh /tmp/run && rm /tmp/run"


def _build(client: Any, name: str, dockerfile: str) -> str:
    client.images.build(fileobj=io.BytesIO(dockerfile.encode()), tag=name, rm=True, forcerm=True)
    return name


def debian_bases(
    targets: Iterable[Target], scratch: Path, program: Sequence[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Images by release, as ciforge makes them, and the reason of each release that has none.

    For Alpine also the ids of the images `tools` and `toolchain`. Raises CalledProcessError where
    ciforge fails for another reason than an unavailable mirror."""
    systems = {target.system for target in targets}
    jobs = [f"tree/{system}/default" for system in sorted(systems - {""})]
    if "" in systems:
        jobs = sorted({*jobs, f"tree/{MACHINE}/default"} | {f"tree/{ALPINE}/cross"})
    folder = scratch / "first"
    folder.mkdir()
    (folder / "ciforge.yml").write_text(_FIRST.replace("JOBS", ", ".join(jobs)))
    state = {**os.environ, "CIFORGE_STATE": str(folder / "state")}
    done = subprocess.run([*program, "run"], cwd=folder, env=state, check=False, stdout=sys.stderr)
    if done.returncode not in (0, UNAVAILABLE):
        done.check_returncode()
    results = [json.loads(file.read_text()) for file in folder.rglob("result.json")]
    bases: dict[str, str] = {}
    lost: dict[str, str] = {}
    for result in results:
        release, variant = result["job"].split("/")[1:]
        if result["status"] not in ("passed", "compiled"):
            lost["" if variant == "cross" else release] = result["reason"]
            continue
        if variant == "cross":
            bases["toolchain"] = result["image"]
            continue
        bases[release] = result["base"].partition("@")[0]
        if release == MACHINE:
            bases["tools"] = result["image"]
    if MACHINE in lost:  # the image for Alpine takes its tools from there
        lost.setdefault("", lost[MACHINE])
    return bases, lost


def versions(client: Any, targets: Iterable[Target]) -> dict[str, str]:
    """The version of each package manager, as it reports it."""
    return {
        target.name: client.containers.run(
            f"{target.image}:good", ["sh", "-c", target.version], remove=True
        ).decode().strip()
        for target in targets
    }  # fmt: skip
