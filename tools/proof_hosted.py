"""Rows of the proof that act runs: a repository's generated workflow, in a tree of its own."""

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from acting import GATE, Acted, act, find, plain_clone
from proof_table import ROOT, Row

from ciforge.model.cross_id import is_cross_check

CROSS_MACHINE = "debian-13"
"""The release on which cross checks run."""
_PATIENCE = 3 * 3600
"""Seconds for a whole workflow."""
_KEPT = ("result.json", "log.txt", "artifacts/config.log")
_WITH_CERTIFICATES = "ciforge/proof:certificates"
_FOR_PIP = """\
FROM {base}
COPY certificates.pem /etc/pip.pem
ENV PIP_CERT=/etc/pip.pem
"""
_WHO = ("-c", "user.name=Proof", "-c", "user.email=proof@example.org")


def hosted(row: Row, tarball: Path, folder: Path) -> tuple[int, list[Mapping[str, Any]], str]:
    """The workflow to its end in the empty `folder`: exit code, events, a sentence.

    Without events where the gate, a step or an artifact is not as the exit code has it.
    """
    tree = _tree(tarball, folder / "tree")
    if row.change:
        file, old, new = row.change
        text = (tree / file).read_text()
        if old not in text:
            return 2, [], f"{file} has no {old!r} to break"
        (tree / file).write_text(text.replace(old, new, 1))
    problem = _generate(row, tree, folder)
    if problem:
        return 2, [], problem
    _commit(tree)
    clone = plain_clone(tree, folder / "clone")
    acted = act(clone, " ".join(row.jobs), dict(_bases(row)), folder, seconds=_PATIENCE)
    (folder / "act.log").write_text(acted.out)
    found = "; ".join(differs(row, acted))
    return acted.code, [] if found else [_event(acted, job) for job in row.jobs], found


def _tree(tarball: Path, folder: Path) -> Path:
    """The source as a checkout, with its only folder as the top."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "-xf", tarball, "-C", folder], check=True)
    (top,) = folder.iterdir()
    return top


def _generate(row: Row, tree: Path, folder: Path) -> str:
    """Writes the workflow and what it runs into the tree; what went wrong."""
    output = folder / "generated"
    words = [sys.executable, "-m", "ciforge", *row.words, "--output", str(output)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return done.stderr.strip()
    shutil.copytree(output / row.jobs[0].partition("/")[0], tree, dirs_exist_ok=True)
    return ""


def _commit(tree: Path) -> None:
    """All of it: a release holds files that the project's own .gitignore names."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    for words in (
        ["init", "--quiet"],
        ["add", "--all", "--force"],
        ["commit", "--quiet", "-m", "The release"],
    ):
        subprocess.run(["git", *_WHO, *words], cwd=tree, env=env, check=True)


def _bases(row: Row) -> Iterator[tuple[str, str]]:
    """Base images that ciforge made here, by the variables that name them."""
    import docker

    certificates = os.environ.get("PIP_CERT", "")
    crosses = any(map(is_cross_check, row.jobs))
    with contextlib.closing(docker.from_env()) as client:
        for release in sorted({_base_release(job) for job in row.jobs}):
            for image in client.images.list(f"ciforge/base/{release}")[:1]:
                base = image.tags[0]
                if certificates and crosses:
                    base = _for_pip(client, base, Path(certificates))
                yield "CIFORGE_BASE_" + release.upper().replace("-", "_"), base


def _for_pip(client: Any, base: str, certificates: Path) -> str:
    """Makes the base image that docs/cross-checks.md advises where pip needs certificates; its name."""
    with tempfile.TemporaryDirectory() as context:
        shutil.copyfile(certificates, Path(context, "certificates.pem"))
        Path(context, "Dockerfile").write_text(_FOR_PIP.format(base=base))
        client.images.build(path=context, tag=_WITH_CERTIFICATES, rm=True)
    return _WITH_CERTIFICATES


def _base_release(job: str) -> str:
    """Returns the release whose base image a job starts from."""
    return CROSS_MACHINE if is_cross_check(job) else job.split("/")[1]


def differs(row: Row, acted: Acted) -> Iterator[str]:
    """Lists where the gate, the steps or the artifacts differ from the row."""
    wanted = [row.failed_step] if row.failed_step else []
    verdict = set(acted.ends(GATE).values())
    if verdict != {"Failure" if wanted else "Success"}:
        yield f"the gate said {' '.join(sorted(verdict)) or 'nothing'}"
    for job in row.jobs:
        if acted.failed(job) != wanted:
            yield f"{job} failed in {' '.join(acted.failed(job)) or 'nothing'}"
        missing = [name for name in _KEPT if not (acted.folder(job) / name).is_file()]
        if missing:
            yield f"{job} left no {' '.join(missing)}"


def _event(acted: Acted, job: str) -> dict[str, Any]:
    """As a local run's stream has it."""
    result = acted.result(job)
    told = {key: result[key] for key in ("job", "status", "failed_step", "reason")}
    return {"event": "job_ended", "log": str(acted.folder(job) / "log.txt"), **told}


def can_act() -> bool:
    """Whether act is here."""
    return bool(find("act"))


def command(row: Row) -> str:
    """Returns what a person would type in a tree with that workflow."""
    return shlex.join(["act", "workflow_dispatch", "--input", f"job={' '.join(row.jobs)}"])
