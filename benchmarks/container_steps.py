"""The steps of a job of the real OpenSMTPD, by plain `docker run` and by `ciforge run`, for benchmarks."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs
from timed_process import Broken, Timed, quietly, said, say, timed

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "examples" / "opensmtpd" / "ciforge.yml"
FETCH = ROOT / "tools" / "debian_source.py"
JOB = "portable/debian-13/default"
"""The job whose steps plain `docker run` runs, with Debian's gcc."""
STEPS = ("bootstrap", "configure", "build", "install")
CIFORGE = (sys.executable, "-m", "ciforge")


@attrs.frozen(kw_only=True)
class Bench:
    """The settings that all roads share.`memory` is in bytes.

    `name` is that of the project, which is not the real one's: its ccache is neither used nor filled."""

    name: str
    scratch: Path
    tree: Path
    project: Path
    steps: Mapping[str, str]
    image: str = ""
    make_jobs: int = 1
    memory: int = 0


@contextlib.contextmanager
def opened(given: Path | None, name: str) -> Iterator[Bench]:
    """A scratch folder with the source, a project of our own and the steps; nothing stays behind."""
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
        scratch = Path(folder)
        project = scratch / "ciforge.yml"
        project.write_text(PROJECT.read_text().replace("project: opensmtpd", f"project: {name}", 1))
        steps = steps_of(said([*CIFORGE, "script", JOB, "--steps", "--file", str(project)]), JOB)
        tree = source(given, scratch)
        try:
            yield Bench(name=name, scratch=scratch, tree=tree, project=project, steps=steps)
        finally:
            remove_ccache(name)


def remove_ccache(project: str) -> None:
    """Removes the volumes with caches of a project; without an engine there are none."""
    with contextlib.suppress(Broken):
        label = f"label=org.ciforge.ccache={project}"
        for volume in said(["docker", "volume", "ls", "-q", "--filter", label]).split():
            quietly("docker", "volume", "rm", volume)


def steps_of(text: str, job: str) -> dict[str, str]:
    """Step names to scripts, out of `ciforge script JOB --steps`. Raises Broken where one is missing."""
    parts = re.split(rf"^# {re.escape(job)}: (\S+)$\n", text, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    missing = [name for name in STEPS if name not in found]
    if missing:
        raise Broken(f"{job} has no step {', '.join(missing)}")
    return {name: found[name] for name in STEPS}


def plain_script(steps: Mapping[str, str]) -> str:
    """All steps one after the other, each in a shell of its own, on a source that comes as tar."""
    bodies = [f"(\n{body.rstrip()}\n) </dev/null" for body in steps.values()]
    return "\n".join(["set -e", "cd /ciforge/src", "tar -xf -", *bodies]) + "\n"


def source(given: Path | None, scratch: Path) -> Path:
    """The unpacked tree without its generated `configure`, so that bootstrap has something to do."""
    found = given or Path(said([sys.executable, str(FETCH), "opensmtpd", str(ROOT / ".demo")]))
    say(f"source: {found.name}")
    tree = scratch / "tree"
    if found.is_dir():
        shutil.copytree(found, tree, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    else:
        tree.mkdir()
        said(["tar", "-xf", str(found), "-C", str(tree)])
        inside = list(tree.iterdir())
        tree = inside[0] if len(inside) == 1 and inside[0].is_dir() else tree
    (tree / "configure").unlink(missing_ok=True)
    return tree


def by_ciforge(
    bench: Bench, jobs: Sequence[str], *options: str, code: int = 0, until: bytes = b""
) -> Timed:
    """One `ciforge run` of the jobs, into a state folder that vanishes with the scratch; none is proven."""
    return by_program(bench, CIFORGE, jobs, "--force", "--any", *options, code=code, until=until)


def by_program(
    bench: Bench,
    program: Sequence[str],
    jobs: Sequence[str],
    *options: str,
    code: int = 0,
    until: bytes = b"",
) -> Timed:
    """The same by the words that call a ciforge, with other options; it ends with `code`."""
    words = [*program, "run", *jobs, "--file", str(bench.project), "--state-dir"]
    words += [str(bench.scratch / "state"), "--source", f"portable={bench.tree}", *options]
    return timed(words, bench.scratch / "ciforge.log", code=code, until=until)


def by_docker(bench: Bench) -> Timed:
    """One `docker run`; the source goes in as tar, which is packed while the clock runs."""
    name = f"{bench.name}-{os.getpid()}"
    words = ["docker", "run", "--rm", "-i", "--init", "--name", name, "-m", str(bench.memory)]
    words += ["--memory-swap", str(bench.memory), "-e", f"CIFORGE_JOBS={bench.make_jobs}"]
    words += ["-e", "LC_ALL=C", "-e", "TZ=UTC", bench.image, "sh", "-c", plain_script(bench.steps)]
    pack = ["tar", "-C", str(bench.tree), "-cf", "-", "."]
    # Packing counts, as it does for ciforge; it runs beside the container's start.
    with subprocess.Popen(pack, stdout=subprocess.PIPE) as packing:
        try:
            return timed(words, bench.scratch / "docker.log", packing.stdout)
        finally:
            packing.terminate()
            quietly("docker", "rm", "-f", "-v", name)


def prepared(bench: Bench, *options: str) -> Bench:
    """Runs the job once, which makes its image and fills the caches, and learns what it was given."""
    say("warming: one ciforge run, which makes the dependency image and fills the caches")
    by_ciforge(bench, [JOB], *options)
    results = (bench.scratch / "state" / bench.name / "runs").glob("*/*/result.json")
    image = json.loads(next(results).read_text())["image"]
    found = said(["docker", "info", "--format", "{{.NCPU}} {{.MemTotal}}"]).split()
    # The engine's share for one job alone, by ciforge's own arithmetic.
    from ciforge.run.allocation import share

    each = share(int(found[0]), int(found[1]), jobs=None, wanted=1)
    return attrs.evolve(bench, image=image, make_jobs=each.make_jobs, memory=each.memory)
