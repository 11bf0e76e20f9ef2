#!/usr/bin/env python3
"""Real breakages of OpenSMTPD, built for real, and what ciforge makes of them. Resumable.

Each patch of tests/breakages is applied to upstream's newest release and built in a box of every
job: eight of them, Debian 11, 12, 13 and sid with gcc and clang. To be done with it in an hour, a job's tree is
built once, each patch begins with a copy of that tree, and configure keeps a cache of its answers.
Logs, results and answers of the boxes are kept as runs of ciforge; diagnosis reads them from there
as it does any run. Where the advice names a change, that is made, too, and the rest of the build has to be
green. docs/proof/breakages.md says what came of it. Exit codes: 0 everything held;
1 something did not; 2 wrong options; 3 no engine or no source.
"""

import argparse
import contextlib
import datetime
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from breakages_judge import Verdict, judge, page
from breakages_mend import Change, adding, changes, edited, linking
from breakages_table import Breakage, breakages
from breakages_tree import (
    BASE,
    RESTORE,
    Bench,
    JobMachine,
    keep,
    kept,
    machine,
    packed,
    patched,
    put,
    unpacked,
)

from ciforge import __version__
from ciforge.app.workspace import open_workspace
from ciforge.diagnose.causes.grouping import causes
from ciforge.diagnose.probes import FILE
from ciforge.engines.docker import DockerEngine
from ciforge.engines.protocol import Machine, Stop
from ciforge.errors import CiforgeError
from ciforge.load.dependencies import dependency_index
from ciforge.model.job import Job
from ciforge.model.result import Result, Run, Status, StepResult
from ciforge.notify.run_diagnosis import diagnose_run
from ciforge.notify.run_files import RunFiles as Logs
from ciforge.notify.run_traits import traits
from ciforge.render.dockerfile import dockerfile
from ciforge.render.paths import RECORDS, SOURCE
from ciforge.render.step_script import step_user
from ciforge.run.clock import stamp
from ciforge.run.log_file import LogFile
from ciforge.run.probe import ask
from ciforge.store.runs.run_folder import RunFolder, job_path, read_result, run_path

ROOT = Path(__file__).resolve().parents[1]
PATCHES = ROOT / "tests" / "breakages"
PAGE = ROOT / "docs" / "proof" / "breakages.md"
GREEN = "20260101T000000Z-000000"
"""The run of the unbroken trees, before all others."""
AUTOTOOLS = ("configure.ac", ".m4")
SECONDS = 1200


def say(text: str) -> None:
    """Progress goes to standard error."""
    print(text, file=sys.stderr, flush=True)


def project(folder: Path) -> Path:
    """The example's project, with the eight jobs."""
    text = (ROOT / "examples" / "opensmtpd" / "ciforge.yml").read_text()
    head, _, _ = text.partition("\njobs:")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "ciforge.yml"
    file.write_text(head + "\njobs:\n  - portable/debian-{11,12,13,sid}/{default,clang}\n")
    return file


def run_steps(here: JobMachine, names: Sequence[str], folder: Path, bench: Bench) -> Result:
    """The steps of a job in a box, one after the other, kept as ciforge keeps them."""
    box, job = here.box, here.job
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
        inquire(here, folder, failed, bench)
    return Result(
        job=job.id,
        status=Status.FAILED if failed else Status.PASSED,
        failed_step=failed,
        started=stamp(),
        seconds=round(time.monotonic() - began, 3),
        steps=tuple(steps),
        artifacts=tuple(sorted(one.name for one in (folder / "artifacts").iterdir())),
        packages=here.packages,
    )


def inquire(here: JobMachine, folder: Path, step: str, bench: Bench) -> None:
    """Asks the box; once more where an index was not fetched in time, as one would who runs it again."""
    ask(here.box, here.job, folder, bench.state / "indexes", step)
    said = folder / "artifacts" / FILE
    if said.exists() and " not asked\n" in said.read_text():
        ask(here.box, here.job, folder, bench.state / "indexes", step)


def collect(box: Machine, folder: Path) -> None:
    """Collect the files that a job leaves."""
    for path in (f"{SOURCE}/config.log", f"{SOURCE}/config.h", f"{RECORDS}/manifest.txt"):
        data = box.read(path, 16 * 1024 * 1024)
        if data is not None:
            (folder / "artifacts" / Path(path).name).write_bytes(data)


def steps_of(job: Job, breakage: Breakage) -> list[str]:
    """From the first step that the patch can touch: make runs automake by itself."""
    names = [step.name for step in job.steps]
    return names if is_slow(breakage) else names[names.index("build") :]


def is_slow(breakage: Breakage) -> bool:
    """Whether configure is made anew, and runs."""
    return any(name.endswith(AUTOTOOLS) for name in breakage.files)


def build(job: Job, wanted: Sequence[Breakage], bench: Bench) -> None:
    """Everything that is not built yet for one job, in one box."""
    left = [one for one in wanted if not done(bench, bench.runs(one.name), job)]
    if not left:
        return
    known = kept(job, bench)
    with machine(job, bench) as here:
        if not known:
            prepare(here, bench)
        for one in sorted(left, key=is_slow):
            broken(here, one, bench)


def ask_again(job: Job, wanted: Sequence[Breakage], bench: Bench) -> None:
    """The questions of logs that are kept, in a box with the unbroken tree: nothing is built."""
    with machine(job, bench) as here:
        put(here.box, bench, packed(bench.tree))
        for one in wanted:
            folder = job_path(run_path(bench.state, bench.runs(one.name)), job.id)
            if not (folder / "result.json").exists():
                continue
            if (result := read_result(folder / "result.json")).failed_step:
                inquire(here, folder, result.failed_step, bench)


def prepare(here: JobMachine, bench: Bench) -> None:
    """The unbroken tree, built and installed, and a copy of it as it was before the install."""
    put(here.box, bench, packed(bench.tree))
    here.keeps_answers()
    names = [step.name for step in here.job.steps]
    folder = made(bench, GREEN, here.job)
    first = run_steps(here, names[: names.index("install")], folder, bench)
    if first.failed_step:
        raise SystemExit(
            f"{here.job.id}: the unbroken tree fails in {first.failed_step}: {folder}/log.txt"
        )
    here.does("copy", f"cp -a {SOURCE} {BASE}")
    write(bench, GREEN, first)
    if here.job.variant == "default":
        keep(here, bench)
        say(f"  {here.job.id}: the unbroken tree is built, {first.seconds:.0f} s")


def broken(here: JobMachine, one: Breakage, bench: Bench) -> None:
    """One patch, from a copy of the unbroken tree to its end; then with what its advice says."""
    run, job = bench.runs(one.name), here.job
    begin(here, one, bench)
    result = run_steps(here, steps_of(job, one), made(bench, run, job), bench)
    said = f"{one.name}: {result.failed_step or 'passes'}, {result.seconds:.0f} s"
    if result.failed_step and (after := mended(here, one, result, bench)):
        said += f"; with the advice {after.failed_step or 'passes'}, {after.seconds:.0f} s"
    write(bench, run, result)
    say(f"  {job.id}: {said}")


def begin(here: JobMachine, one: Breakage, bench: Bench) -> None:
    """The unbroken tree with the patch."""
    here.does("restore", RESTORE)
    with patched(one.name, one.files, bench) as folder:
        put(here.box, bench, packed(folder, one.files))


def mended(here: JobMachine, one: Breakage, result: Result, bench: Bench) -> Result | None:
    """The rest of the build, changed as the advice says; None where it names no change."""
    found = {result.job: Logs(bench.state, bench.runs(one.name)).findings(result)}
    wanted = changes(
        causes(found, traits([result], [here.job]), (), dependency_index()), result.job
    )
    if not wanted:
        return None
    folder, names = made(bench, bench.mended(one.name), here.job), steps_of(here.job, one)
    if any(change.package for change in wanted):
        # In a box of its own, for the next patch must not find the package.
        with machine(here.job, bench) as other:
            begin(other, one, bench)
            after = follow(other, one, wanted, names, folder, bench)
    else:
        after = follow(
            here, one, wanted, names[names.index(str(result.failed_step)) :], folder, bench
        )
    write(bench, bench.mended(one.name), after)
    return after


def follow(
    here: JobMachine, one: Breakage, wanted: Sequence[Change], names: Sequence[str], folder: Path,
    bench: Bench,
) -> Result:  # fmt: skip
    """Changes the source and the box, and builds."""
    with patched(one.name, one.files, bench) as files:
        if paths := [edited(bench.tree, files, change) for change in wanted if change.header]:
            put(here.box, bench, packed(files, paths))
    if libraries := [change.library for change in wanted if change.library]:
        here.does("link", linking(libraries))
    if packages := [change.package for change in wanted if change.package]:
        here.does("add", adding(here.job, packages), root=True, network=True)
    return run_steps(here, names, folder, bench)


def made(bench: Bench, run: str, job: Job) -> Path:
    """The job's folder of a run, which is made where it is new."""
    path = run_path(bench.state, run)
    # Another process may do so at the same moment.
    with contextlib.suppress(CiforgeError):
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


def write(bench: Bench, run: str, result: Result) -> None:
    """The result, which marks the job as done."""
    RunFolder(run_path(bench.state, run)).write_result(result)


def done(bench: Bench, run: str, job: Job) -> bool:
    return (job_path(run_path(bench.state, run), job.id) / "result.json").exists()


def judged(one: Breakage, bench: Bench, jobs: Sequence[Job]) -> Verdict | None:
    """Compares the diagnosis of a breakage with the table; None if it was not built."""
    results = results_of(bench, bench.runs(one.name))
    if not results:
        return None
    run = Run(id=bench.runs(one.name), project="opensmtpd", started="", version=__version__)
    said = diagnose_run(bench.state, run, results, jobs)
    return judge(one, said, results, results_of(bench, bench.mended(one.name)))


def results_of(bench: Bench, run: str) -> list[Result]:
    """Returns what is kept of a run; nothing if there is none."""
    folder = run_path(bench.state, run)
    return [read_result(file) for file in sorted(folder.glob("*/result.json"))]


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


def main(arguments: Sequence[str]) -> int:
    """Builds what is not built yet, judges everything, writes the page."""
    options = parsed(arguments)
    table = [one for one in breakages(PATCHES) if not options.only or one.name in options.only]
    if not table:
        say("--only: no breakage has that name")
        return 2
    state = options.state.absolute()
    file = project(state)
    jobs = list(open_workspace(file, Path.cwd()).plan.jobs)
    engine = DockerEngine(dockerfile=dockerfile, bases={}, bucket="", scratch=state)
    try:
        source = options.source or release()
        bench = Bench(state=state, source=source, tree=unpacked(source, state), patches=PATCHES,
            project=file, engine=engine)  # fmt: skip
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
