#!/usr/bin/env python3
"""Real breakages of OpenSMTPD, built for real, and what ciforge makes of them. Resumable.

Each patch of tests/breakages is applied to upstream's newest release and built in a box of every
job: six of them, Debian 11 to 13 with gcc and clang. To be done with it in an hour, a job's tree is
built once, each patch begins with a copy of that tree, and configure keeps a cache of its answers.
Logs, results and answers of the boxes are kept as runs of ciforge; diagnosis reads them from there
as it does any run. docs/proof/breakages.md says what came of it. Exit codes: 0 everything held;
1 something did not; 2 wrong options; 3 no engine or no source.
"""

import argparse
import contextlib
import datetime
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import docker
import docker.errors
from breakages_judge import Verdict, judge, page
from breakages_table import Breakage, breakages

from ciforge import __version__
from ciforge.commands.opening import open_project
from ciforge.engines.base import Box, BoxPlan, Engine, Stop
from ciforge.engines.docker import DockerEngine
from ciforge.errors import CiforgeError
from ciforge.follow.diagnosis import diagnose_run
from ciforge.history.store import RunFolder, job_path, read_result, run_path
from ciforge.model.job import Job, Step
from ciforge.model.result import Result, Run, Status, StepResult
from ciforge.render.dockerfile import dockerfile
from ciforge.render.places import BIN, RECORDS, SOURCE, STEPS
from ciforge.render.steps import step_script, step_user
from ciforge.render.wrapper import SCRIPTS
from ciforge.run.ask import ask
from ciforge.run.clock import stamp
from ciforge.run.log import LogFile

ROOT = Path(__file__).resolve().parents[1]
PATCHES = ROOT / "tests" / "breakages"
PAGE = ROOT / "docs" / "proof" / "breakages.md"
BASE = "/ciforge/home/base"
GREEN = "20260101T000000Z-000000"
"""The run of the unbroken trees, before all others."""
RESTORE = f"""\
find {SOURCE} -mindepth 1 -delete
cp -a {BASE}/. {SOURCE}/
# make links anew only if an object is newer, not if there is one less.
cd {SOURCE}/mk && rm -f smtpd/smtpd smtpctl/smtpctl
"""
AUTOTOOLS = ("configure.ac", ".m4")
LIFE = 4 * 3600
SECONDS = 1200


def say(text: str) -> None:
    """Progress goes to standard error."""
    print(text, file=sys.stderr, flush=True)


@attrs.frozen
class Bench:
    """Where everything lies."""

    state: Path
    tree: Path
    """The release, unpacked."""
    engine: Engine

    def runs(self, name: str) -> str:
        """A run's id for a breakage, after the green one."""
        return f"20260102T000000Z-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def project(folder: Path) -> Path:
    """The example's project, with the six jobs."""
    text = (ROOT / "examples" / "opensmtpd" / "ciforge.yml").read_text()
    head, _, _ = text.partition("\njobs:")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "ciforge.yml"
    file.write_text(head + "\njobs:\n  - portable/debian-{11,12,13}/{default,clang}\n")
    return file


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


def patched(breakage: Breakage, bench: Bench) -> bytes:
    """A tar of the files that the patch changes, changed."""
    folder = bench.state / f"patched.{os.getpid()}"
    subprocess.run(["rm", "-rf", folder], check=True)
    for name in breakage.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((bench.tree / name).read_bytes())
    subprocess.run(
        ["patch", "-s", "-p1", "-i", str(PATCHES / f"{breakage.name}.patch")],
        cwd=folder, check=True,
    )  # fmt: skip
    data = packed(folder, breakage.files)
    subprocess.run(["rm", "-rf", folder], check=True)
    return data


def run_steps(box: Box, job: Job, names: Sequence[str], folder: Path, bench: Bench) -> Result:
    """The steps of a job in a box, one after the other, kept as ciforge keeps them."""
    (folder / "artifacts").mkdir(parents=True, exist_ok=True)
    steps: list[StepResult] = []
    failed, began = None, time.monotonic()
    with LogFile(folder / "log.txt") as log:
        for step in (one for one in job.steps if one.name in names):
            log.write(f"--- ciforge: {step.name} ---\n".encode())
            at, started = time.monotonic(), stamp()
            code = box.run(step, step_user(step), log.write, seconds=SECONDS, stop=Stop())
            seconds = round(time.monotonic() - at, 3)
            steps.append(
                StepResult(name=step.name, exit_code=code, seconds=seconds, started=started)
            )
            if code:
                failed = step.name
                break
    collect(box, folder)
    if failed:
        ask(box, job, folder, bench.state / "indexes", failed)
    return Result(
        job=job.id,
        status=Status.FAILED if failed else Status.PASSED,
        failed_step=failed,
        started=stamp(),
        seconds=round(time.monotonic() - began, 3),
        steps=tuple(steps),
        artifacts=tuple(sorted(one.name for one in (folder / "artifacts").iterdir())),
    )


def collect(box: Box, folder: Path) -> None:
    """What a job leaves."""
    for path in (f"{SOURCE}/config.log", f"{SOURCE}/config.h", f"{RECORDS}/manifest.txt"):
        data = box.read(path, 16 * 1024 * 1024)
        if data is not None:
            (folder / "artifacts" / Path(path).name).write_bytes(data)


def script(box: Box, job: Job, name: str, text: str) -> None:
    """Runs something of our own in the box, as the unprivileged user. Raises SystemExit."""
    step = Step(name=name, run=text)
    box.script({f"{STEPS}/{name}.sh": step_script(job, step)})
    said: list[bytes] = []
    if box.run(step, "ciforge", said.append, seconds=300, stop=Stop()):
        raise SystemExit(f"{job.id}: {name}: {b''.join(said)[-400:].decode(errors='replace')}")


def steps_of(job: Job, breakage: Breakage) -> list[str]:
    """From the first step that the patch can touch: make runs automake by itself."""
    names = [step.name for step in job.steps]
    from_start = any(name.endswith(AUTOTOOLS) for name in breakage.files)
    return names if from_start else names[names.index("build") :]


def build(job: Job, wanted: Sequence[Breakage], bench: Bench) -> None:
    """Everything that is not built yet for one job, in one box."""
    job = attrs.evolve(job, env={**job.env, "CONFIG_SITE": "/ciforge/home/config.site"})
    left = [one for one in wanted if not done(bench, bench.runs(one.name), job)]
    if not left:
        return
    if job.variant != "default":
        # The tree is that of the default variant; make is told the other compiler.
        job = attrs.evolve(job, env={**job.env, "MAKEFLAGS": f"CC={job.env['CC']}"})
    image = bench.engine.prepare(job, dockerfile(job), lambda _: None, Stop())
    plan = BoxPlan(job=job.id, run="breakages", project=job.project, life=LIFE,
        memory=3 * 1024**3, make_jobs=2)  # fmt: skip
    kept = tree_image(job)
    start = attrs.evolve(image, id=kept) if kept and job.variant == "default" else image
    with bench.engine.open(start, job, plan) as box:
        scripts = {f"{STEPS}/{step.name}.sh": step_script(job, step) for step in job.steps}
        box.script({f"{BIN}/{name}": text for name, text in SCRIPTS.items()} | scripts)
        if not kept:
            prepare(box, job, bench, image.packages)
        elif job.variant != "default":
            take_tree(box, kept, bench)
        for one in left:
            broken(box, job, one, bench, image.packages)


def ask_again(job: Job, wanted: Sequence[Breakage], bench: Bench) -> None:
    """The questions of logs that are kept, in a box with the unbroken tree: nothing is built."""
    image = bench.engine.prepare(job, dockerfile(job), lambda _: None, Stop())
    plan = BoxPlan(job=job.id, run="breakages", project=job.project, life=LIFE,
        memory=3 * 1024**3, make_jobs=2)  # fmt: skip
    with (
        bench.engine.open(image, job, plan) as box,
        archive(bench.state, packed(bench.tree)) as file,
    ):
        box.put(file, SOURCE)
        for one in wanted:
            folder = job_path(run_path(bench.state, bench.runs(one.name)), job.id)
            if not (folder / "result.json").exists():
                continue
            if (result := read_result(folder / "result.json")).failed_step:
                ask(box, job, folder, bench.state / "indexes", result.failed_step)


def tree_name(job: Job) -> str:
    """The image that keeps the unbroken tree of a release, built by the default variant."""
    return f"ciforge-breakages:{job.release_id}"


def tree_image(job: Job) -> str:
    """Its id; empty where the tree is not built yet."""
    with contextlib.closing(docker.from_env()) as client:
        try:
            return str(client.images.get(tree_name(job)).id)
        except docker.errors.ImageNotFound:
            return ""


def take_tree(box: Box, image: str, bench: Bench) -> None:
    """Puts the tree of that image into a box of another one."""
    with contextlib.closing(docker.from_env()) as client:
        holder = client.containers.create(image, "true")
        try:
            chunks, _ = holder.get_archive(BASE)
            with archive(bench.state, b"".join(chunks)) as file:
                box.put(file, str(Path(BASE).parent))
        finally:
            holder.remove()


def prepare(box: Box, job: Job, bench: Bench, packages: Mapping[str, str]) -> None:
    """The unbroken tree, built and installed, and a copy of it as it was before the install."""
    with archive(bench.state, packed(bench.tree)) as file:
        box.put(file, SOURCE)
    script(
        box, job, "site", "echo cache_file=/ciforge/home/config.cache >/ciforge/home/config.site"
    )
    names = [step.name for step in job.steps]
    folder = made(bench, GREEN, job)
    first = run_steps(box, job, names[: names.index("install")], folder, bench)
    if first.failed_step:
        raise SystemExit(
            f"{job.id}: the unbroken tree fails in {first.failed_step}: {folder}/log.txt"
        )
    script(box, job, "copy", f"cp -a {SOURCE} {BASE}")
    keep(bench, GREEN, attrs.evolve(first, packages=packages))
    if job.variant != "default":
        return
    with contextlib.closing(docker.from_env()) as client:
        client.containers.get(box.id).commit(*tree_name(job).split(":"))
    say(f"  {job.id}: the unbroken tree is built, {first.seconds:.0f} s")


def broken(box: Box, job: Job, one: Breakage, bench: Bench, packages: Mapping[str, str]) -> None:
    """One patch, from a copy of the unbroken tree to its end."""
    run = bench.runs(one.name)
    script(box, job, "restore", RESTORE)
    with archive(bench.state, patched(one, bench)) as file:
        box.put(file, SOURCE)
    result = run_steps(box, job, steps_of(job, one), made(bench, run, job), bench)
    keep(bench, run, attrs.evolve(result, packages=packages))
    say(f"  {job.id}: {one.name}: {result.failed_step or 'passes'}, {result.seconds:.0f} s")


def made(bench: Bench, run: str, job: Job) -> Path:
    """The job's folder of a run, which is made where it is new."""
    path = run_path(bench.state, run)
    if not path.exists():
        RunFolder.create(bench.state, Run(
            id=run, project="opensmtpd", started=when(run), version=__version__,
            command=("tools/breakages.py",),
        ))  # fmt: skip
    return RunFolder(path).job_folder(job.id)


def when(run: str) -> str:
    """The moment that a run's id names."""
    digits = run.partition("-")[0]
    moment = datetime.datetime.strptime(digits[:8], "%Y%m%d").replace(tzinfo=datetime.UTC)
    return moment.isoformat().replace("+00:00", "Z")


def keep(bench: Bench, run: str, result: Result) -> None:
    """The result, which marks the job as done."""
    RunFolder(run_path(bench.state, run)).write_result(result)


def done(bench: Bench, run: str, job: Job) -> bool:
    return (job_path(run_path(bench.state, run), job.id) / "result.json").exists()


def judged(one: Breakage, bench: Bench, jobs: Sequence[Job]) -> Verdict | None:
    """What diagnosis says of a breakage, held against the table; None where it was not built."""
    folder = run_path(bench.state, bench.runs(one.name))
    results = [read_result(file) for file in sorted(folder.glob("*/result.json"))]
    if not results:
        return None
    run = Run(id=folder.name, project="opensmtpd", started="", version=__version__)
    return judge(one, diagnose_run(bench.state, run, results, jobs), results)


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    parser = argparse.ArgumentParser(description="Break OpenSMTPD for real, and diagnose it.")
    add = parser.add_argument
    add("--source", type=Path, metavar="TARBALL", help="upstream's release; else it is fetched")
    add("--only", action="append", default=[], metavar="NAME", help="breakages by name")
    add("--jobs", action="append", default=[], metavar="ID", help="jobs by id")
    add("--ask", action="store_true", help="build nothing, ask boxes again")
    add("--judge", action="store_true", help="build nothing, judge what is there")
    add("--state", type=Path, default=home / "ciforge-breakages", metavar="DIR",
        help="where runs are kept (%(default)s)")  # fmt: skip
    add("--page", type=Path, default=PAGE, metavar="FILE", help="where the table goes")
    return parser.parse_args(arguments)


def release() -> Path:
    """Upstream's newest tarball, fetched once. Raises OSError."""
    words = [
        sys.executable,
        str(ROOT / "tools" / "debian_source.py"),
        "opensmtpd",
        str(ROOT / ".demo"),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.stderr.strip() or "the source of opensmtpd is not to be had")
    return Path(done.stdout.strip())


def unpacked(tarball: Path, state: Path) -> Path:
    """The release's tree."""
    folder = state / "tree"
    if not folder.exists():
        with tarfile.open(tarball) as tar:
            tar.extractall(state / "tree.part", filter="data")
        next((state / "tree.part").iterdir()).rename(folder)
    return folder


def main(arguments: Sequence[str]) -> int:
    """Builds what is not built yet, judges everything, writes the page."""
    options = parsed(arguments)
    table = [one for one in breakages(PATCHES) if not options.only or one.name in options.only]
    if not table:
        say("--only: no breakage has that name")
        return 2
    state = options.state.absolute()
    jobs = list(open_project(project(state), Path.cwd()).plan.jobs)
    engine = DockerEngine(bases={}, bucket="", scratch=state)
    try:
        source = options.source or release()
        bench = Bench(state, unpacked(source, state), engine)
        for job in [] if options.judge else jobs:
            if not options.jobs or job.id in options.jobs:
                say(job.id)
                (ask_again if options.ask else build)(job, table, bench)
    except (CiforgeError, OSError) as error:
        say(f"{error}")
        return 3
    finally:
        engine.close()
    verdicts = [verdict for one in table if (verdict := judged(one, bench, jobs))]
    options.page.write_text(page(verdicts, source.name, [one.name for one in table]))
    for verdict in verdicts:
        if not verdict.held:
            say(f"{verdict.name}: {verdict.why}")
    say(f"{sum(one.held for one in verdicts)} of {len(verdicts)} held")
    return 0 if all(one.held for one in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
