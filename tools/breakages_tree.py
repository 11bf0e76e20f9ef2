"""The unbroken tree of a release, built once, and boxes that begin with a copy of it."""

import contextlib
import hashlib
import io
import os
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import docker
import docker.errors

from ciforge.engines.protocol import Engine, Image, Machine, MachineSpec, Stop
from ciforge.model.job import Job, Step
from ciforge.render.dockerfile import dockerfile
from ciforge.render.paths import BIN, HOME, SOURCE, STEPS
from ciforge.render.step_script import step_script, step_user
from ciforge.render.wrapper import SCRIPTS

BASE = f"{HOME}/home/base"
SITE = f"{HOME}/home/config.site"
RESTORE = f"""\
find {SOURCE} -mindepth 1 -delete
cp -a {BASE}/. {SOURCE}/
# make links anew only if an object is newer, not if there is one less.
cd {SOURCE}/mk && rm -f smtpd/smtpd smtpctl/smtpctl
"""
LIFE = 4 * 3600


@attrs.frozen(kw_only=True)
class Bench:
    """The paths of all files."""

    state: Path
    source: Path
    """The release's tarball."""
    tree: Path
    """The release, unpacked."""
    patches: Path
    project: Path
    """The project file, with the jobs."""
    engine: Engine

    def runs(self, name: str, day: int = 2) -> str:
        """A run's id for a breakage: after the green one, and on a later day with its advice."""
        return f"202601{day:02}T000000Z-{hashlib.sha256(name.encode()).hexdigest()[:6]}"

    def mended(self, name: str) -> str:
        """The run of the same breakage after its advice was followed."""
        return self.runs(name, 3)


@attrs.frozen(kw_only=True)
class JobMachine:
    """A box of a job, with scripts that know its environment."""

    job: Job
    box: Machine
    packages: Mapping[str, str]
    """What is installed in its image."""

    def keeps_answers(self) -> None:
        """From now on configure finds there what it found there before."""
        self.does("site", f"echo cache_file={HOME}/home/config.cache >{SITE}")

    def does(self, name: str, text: str, *, root: bool = False, network: bool = False) -> None:
        """Runs something of our own there. Raises SystemExit with what it said last."""
        step = Step(name=name, run=text, root=root, network=network)
        self.box.script({f"{STEPS}/{name}.sh": step_script(self.job, step)})
        said: list[bytes] = []
        if self.box.run(step, step_user(step), said.append, seconds=600, stop=Stop()):
            end = b"".join(said)[-400:].decode(errors="replace")
            raise SystemExit(f"{self.job.id}: {name}: {end}")


def tagged(job: Job, bench: Bench) -> str:
    """The image that keeps the tree of a release, as the default variant has built it."""
    text = dockerfile(attrs.evolve(job, packages=(), env={}))
    parts = (bench.source.read_bytes(), bench.project.read_bytes(), text.encode())
    return f"ciforge-breakages:{job.release_id}-{hashlib.sha256(b''.join(parts)).hexdigest()[:12]}"


def kept(job: Job, bench: Bench) -> str:
    """That image's id; empty where the tree is not built yet."""
    with contextlib.closing(docker.from_env()) as client:
        try:
            return str(client.images.get(tagged(job, bench)).id)
        except docker.errors.ImageNotFound:
            return ""


def keep(machine: JobMachine, bench: Bench) -> None:
    """Makes that image of a box."""
    name, _, tag = tagged(machine.job, bench).partition(":")
    with contextlib.closing(docker.from_env()) as client:
        client.containers.get(machine.box.id).commit(name, tag)


@contextlib.contextmanager
def machine(job: Job, bench: Bench) -> Iterator[JobMachine]:
    """A box of the job's own image, with the tree as it was kept, if it was."""
    if job.variant != "default":
        # The tree is that of the default variant; make is told the other compiler.
        job = attrs.evolve(job, env={**job.env, "MAKEFLAGS": f"CC={job.env['CC']}"})
    job = attrs.evolve(job, env={**job.env, "CONFIG_SITE": SITE})
    image = bench.engine.prepare(job, lambda _: None, Stop())
    plan = MachineSpec(job=job.id, run="breakages", project=job.project, life=LIFE,
        memory=3 * 1024**3, make_jobs=2)  # fmt: skip
    known = kept(job, bench)
    tree = attrs.evolve(image, id=known) if known else image
    with bench.engine.open(tree if job.variant == "default" else image, job, plan) as box:
        scripts = {f"{STEPS}/{step.name}.sh": step_script(job, step) for step in job.steps}
        box.script({f"{BIN}/{name}": text for name, text in SCRIPTS.items()} | scripts)
        made = JobMachine(job=job, box=box, packages=image.packages)
        if known and job.variant != "default":
            _take(made, tree, plan, bench)
            made.keeps_answers()
        yield made


def _take(machine: JobMachine, tree: Image, plan: MachineSpec, bench: Bench) -> None:
    """Puts the tree of that image into a box of another one."""
    with (
        bench.engine.open(tree, machine.job, plan) as holder,
        contextlib.closing(docker.from_env()) as client,
    ):
        chunks, _ = client.containers.get(holder.id).get_archive(BASE)
        with archive(bench.state, b"".join(chunks)) as file:
            machine.box.put(file, str(Path(BASE).parent))


def packed(tree: Path, names: Sequence[str] | None = None) -> bytes:
    """A tar of the tree, or of these files of it, as new as now."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in names or ["."]:
            tar.add(tree / name, arcname=name)
    return out.getvalue()


@contextlib.contextmanager
def archive(state: Path, data: bytes) -> Iterator[Path]:
    """The bytes as a file, for as long as it is needed."""
    file = state / f"files.{os.getpid()}.tar"
    file.write_bytes(data)
    try:
        yield file
    finally:
        file.unlink()


def put(box: Machine, bench: Bench, data: bytes) -> None:
    """Unpacks such a tar over the source."""
    with archive(bench.state, data) as file:
        box.put(file, SOURCE)


@contextlib.contextmanager
def patched(name: str, files: Sequence[str], bench: Bench) -> Iterator[Path]:
    """A folder with the files that the patch changes, changed."""
    folder = bench.state / f"patched.{os.getpid()}"
    subprocess.run(["rm", "-rf", folder], check=True)
    for one in files:
        (folder / one).parent.mkdir(parents=True, exist_ok=True)
        (folder / one).write_bytes((bench.tree / one).read_bytes())
    try:
        subprocess.run(
            ["patch", "-s", "-p1", "-i", str(bench.patches / f"{name}.patch")],
            cwd=folder, check=True,
        )  # fmt: skip
        yield folder
    finally:
        subprocess.run(["rm", "-rf", folder], check=True)


def unpacked(tarball: Path, state: Path) -> Path:
    """The release's tree."""
    folder = state / "tree"
    if not folder.exists():
        part = state / f"tree.{os.getpid()}"
        part.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "-xf", tarball, "-C", part], check=True)
        with contextlib.suppress(FileExistsError, OSError):
            next(part.iterdir()).rename(folder)
        subprocess.run(["rm", "-rf", part], check=True)
    return folder
