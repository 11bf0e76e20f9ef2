#!/usr/bin/env python3
"""Measure `ciforge history` with 10,000 runs of 40 jobs.

`python benchmarks/history.py` fills a state folder of its own, then measures `ciforge status` as a
whole process, and in this one what it takes to record a run and to take it in, from its folder to
the outbox. It exits 1 where a median is over its bar.

With `--against TREE`, a checkout of another version, `ciforge status` of this checkout takes turns with
that of the other one after 3,001 runs, each in a state folder of its own. What counts is the time of the
processor, which a busy machine disturbs less.
"""

import argparse
import datetime
import sqlite3
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import status_turns

from ciforge.app.workspace import Workspace, open_workspace
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.result import Result, Run, SourceUsed, Status, StepResult
from ciforge.notify.mail_settings import mailing
from ciforge.notify.observations import numbered, observed_run
from ciforge.notify.pipeline import PipelineContext, import_run
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.runs.history_database import Database
from ciforge.store.runs.index_rows import put
from ciforge.store.runs.run_folder import RunFolder
from ciforge.store.runs.run_index import Index
from ciforge.store.runs.run_reader import moment
from ciforge.transitions.step import apply_run

RUNS, TURNS = 10_000, 7
STATUS, RECORDING = 0.300, 0.200
"""Seconds that a median may take."""
PROJECT = """\
project: long
repos:
  portable: {git: "https://example.org/portable.git", branches: [master], recipe: autotools}
variants: {v2: {env: {V: "2"}}, v3: {env: {V: "3"}}, v4: {env: {V: "4"}}, v5: {env: {V: "5"}}}
jobs:
  - portable/{debian,alpine,fedora,ubuntu}/{default,v2,v3,v4,v5}
"""
_START = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_STEPS = ("bootstrap", "configure", "build", "install", "expect")
_PACKAGES = {f"package-{n}": f"1.{n}-2" for n in range(250)}
_LOG = "".join(f"cc -c file{n}.c -o file{n}.o\n" for n in range(5_000))
_ERROR = "setgroups.c:3:5: error: implicit declaration of function 'setgroups'\n"


def a_run(number: int, jobs: Sequence[str]) -> tuple[Run, list[Result]]:
    """Every tenth run breaks two jobs, the next one mends them."""
    started = _START + datetime.timedelta(minutes=30 * number)
    stamp = started.isoformat().replace("+00:00", "Z")
    source = SourceUsed(
        repo="portable", origin="/nowhere", branch="master", revision=f"{number:040x}"
    )
    run = Run(
        id=f"{started:%Y%m%dT%H%M%SZ}-{number:06x}", project="long", started=stamp, ended=stamp,
        version="1", jobs=tuple(jobs), sources=(source,), seconds=60.0, exit_code=0,
    )  # fmt: skip
    broken = set(jobs[:2]) if number % 10 == 0 else set()
    return run, [_result(job, source, stamp, job in broken) for job in jobs]


def _result(job: str, source: SourceUsed, stamp: str, broken: bool) -> Result:
    steps = tuple(StepResult(name=s, exit_code=0, seconds=9.0, started=stamp) for s in _STEPS)
    return Result(
        job=job, status=Status.FAILED if broken else Status.PASSED, started=stamp, seconds=55.0,
        failed_step="build" if broken else None, steps=steps, source=source, packages=_PACKAGES,
        tail=(_ERROR,) if broken else (),
    )  # fmt: skip


def fill(state: Path, jobs: Sequence[str], runs: int) -> None:
    """The databases as so many runs leave them; their folders, which nothing here reads, are not made."""
    database = Database(state, lambda _sentence: None)
    with Incidents.open(state) as incidents, incidents.writing("long") as writing:
        first = book = writing.ledger()
        for chunk in range(0, runs, 500):
            made = [a_run(number, jobs) for number in range(chunk, min(chunk + 500, runs))]
            database.change(partial(put_all, made=made))
            for run, results in made:
                at = moment(run)
                sequence = writing.take(run.id, at, at)
                taking = numbered(observed_run(run, at, results, Diagnosis(run=run.id)), sequence)
                book, _ = apply_run(book, taking, at)
        writing.save(first, book)
    database.close()


def put_all(db: sqlite3.Connection, made: Sequence[tuple[Run, list[Result]]]) -> None:
    for run, results in made:
        put(db, run, results)


def measured(opened: Workspace, state: Path, ciforge: str, runs: int) -> Mapping[str, list[float]]:
    """Seconds of each act, several times."""
    jobs = [job.id for job in opened.plan.jobs]
    words = [ciforge, "status", "--file", str(opened.file), "--state-dir", str(state.parent)]
    times: dict[str, list[float]] = {"ciforge status": [], "recording": [], "taking in": []}
    for turn in range(TURNS):
        run, results = a_run(runs + 10 * turn, jobs)
        write(state, run, results)
        times["ciforge status"].append(
            timed(partial(subprocess.run, words, stdout=subprocess.DEVNULL, check=True))
        )
        times["recording"].append(timed(partial(record, state, run, results)))
        times["taking in"].append(timed(partial(take, opened, state, run)))
    return times


def write(state: Path, run: Run, results: Sequence[Result]) -> None:
    """The folder of one run, with logs of 150 KB."""
    folder = RunFolder.create(state, run)
    for result in results:
        end = _ERROR if result.failed_step else ""
        (folder.job_folder(result.job) / "log.txt").write_text(f"{_LOG}{end}")
        folder.write_result(result)


def record(state: Path, run: Run, results: Sequence[Result]) -> None:
    with Index.open(state) as index:
        index.record(run, results)


def take(opened: Workspace, state: Path, run: Run) -> None:
    flow = PipelineContext(
        state=state, project=opened.project, jobs=opened.plan.jobs,
        post=mailing(opened.project, opened.plan.names),
    )  # fmt: skip
    with Incidents.open(state) as incidents:
        import_run(flow, incidents, run.id, moment(run) + 60)


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


BARS = {"ciforge status": STATUS, "recording": RECORDING}
"""Taking in has none of its own: it reads logs, and is as long as they are."""


def lines(times: Mapping[str, Sequence[float]]) -> Iterator[str]:
    """A line for each act."""
    for name, took in times.items():
        bar = f"  bar {BARS[name] * 1000:.0f}" if name in BARS else ""
        over = "  OVER" if name in over_bar(times) else ""
        yield f"{name:16}  median {statistics.median(took) * 1000:6.1f} ms{bar}{over}"


def over_bar(times: Mapping[str, Sequence[float]]) -> list[str]:
    """Acts whose median is over their bar."""
    return [name for name, bar in BARS.items() if statistics.median(times[name]) > bar]


def against(other: Path, runs: int, pairs: int) -> int:
    """Prints the ratio to another version. 1: it is over the bar. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"{runs} runs for each version", file=sys.stderr)
        taken = status_turns.take_turns(Path(folder), other, runs, pairs)
    print(status_turns.compared(taken))
    return 1 if status_turns.ratio(taken) > status_turns.RATIO else 0


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, metavar="N")
    parser.add_argument("--against", type=Path, metavar="TREE", help="another checkout")
    parser.add_argument(
        "--pairs", type=int, default=status_turns.PAIRS, help="turns against another (%(default)s)"
    )
    options = parser.parse_args(words)
    runs: int = options.runs or (status_turns.RUNS if options.against else RUNS)
    if runs < 1 or options.pairs < 1:
        parser.error("--runs, --pairs: at least 1")
    if options.against and not (options.against / "ciforge").is_dir():
        parser.error(f"--against {options.against}: this is no checkout of ciforge")
    if options.against:
        try:
            return against(options.against.resolve(), runs, options.pairs)
        except subprocess.CalledProcessError as error:
            parser.error(f"{options.against}: a process ended with exit status {error.returncode}")
    ciforge = str(Path(sysconfig.get_path("scripts")) / "ciforge")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ciforge.yml"
        file.write_text(PROJECT)
        opened = open_workspace(file, Path(folder))
        jobs = [job.id for job in opened.plan.jobs]
        print(f"{runs} runs of {len(jobs)} jobs", file=sys.stderr)
        fill(Path(folder) / "state" / "long", jobs, runs)
        times = measured(opened, Path(folder) / "state" / "long", ciforge, runs)
    print("\n".join(lines(times)))
    return 1 if over_bar(times) else 0


if __name__ == "__main__":
    sys.exit(main())
