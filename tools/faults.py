#!/usr/bin/env python3
"""Injects faults into real runs and writes what became of them: status, exit code, what is left.

It starts a Docker daemon of its own, on a disk of its own, hurts that one alone, and removes it at
the end. Needs root, dockerd, iproute2, e2fsprogs and a usual engine that has, or can make, the
images of examples/hello-portable.
"""

import argparse
import datetime
import fnmatch
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from faultlib import boxes, daemons, limits, signals
from faultlib.engine import PrivateEngine, Trouble
from faultlib.fault import Fault
from faultlib.project import ROOT
from faultlib.trials import Trial, attempt, load_images, snapshot
from markdown_table import table_row

GROUPS = {
    "Signals to ciforge, and its own machine": signals.FAULTS,
    "The daemon, its disk, the connection": daemons.FAULTS,
    "The box, from outside": boxes.FAULTS,
    "What a job does to itself": limits.FAULTS,
}
STOPPING = threading.Event()
"""Somebody asked to end: the trials that run come to their end, and the engines go."""


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--list", action="store_true", help="name the faults and end")
    parser.add_argument("--only", metavar="PATTERN", default="*", help="faults whose name matches")
    parser.add_argument("--group", metavar="WORD", default="", help="those of a group by its title")
    parser.add_argument("--times", type=int, default=2, help="injections of each fault")
    parser.add_argument("--engines", type=int, default=1, help="daemons side by side")
    parser.add_argument("--seed", default=f"{random.SystemRandom().randrange(16**6):06x}")
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the table there")
    return parser.parse_args()


def chosen(pattern: str, group: str = "") -> list[Fault]:
    """The faults that `--only` names, a glob or part of a name, of the groups that `--group` does."""
    everything = [fault for title, faults in GROUPS.items() if group in title for fault in faults]
    wide = pattern if any(c in pattern for c in "*?[") else f"*{pattern}*"
    return [fault for fault in everything if fnmatch.fnmatchcase(fault.name, wide)]


def run_all(faults: Sequence[Fault], how: argparse.Namespace) -> list[Trial]:
    """Every fault so many times, on several engines side by side; each trial has its own seed."""
    todo: queue.SimpleQueue[tuple[Fault, int]] = queue.SimpleQueue()
    for fault in faults:
        for number in range(1 if fault.once else how.times):
            todo.put((fault, number))
    with snapshot() as code, ThreadPoolExecutor(how.engines) as pool:
        parts = [pool.submit(run_some, todo, how.seed, code) for _ in range(how.engines)]
        return [trial for part in parts for trial in part.result()]


def run_some(todo: "queue.SimpleQueue[tuple[Fault, int]]", seed: str, code: Path) -> list[Trial]:
    """What one engine gets through; an engine that cannot be mended gives up."""
    found = []
    with PrivateEngine() as engine:
        load_images(engine, code)
        while not STOPPING.is_set():
            try:
                fault, number = todo.get_nowait()
            except queue.Empty:
                break
            began = time.monotonic()
            found.append(attempt(engine, fault, f"{seed}/{fault.name}/{number}", code))
            say(found[-1], time.monotonic() - began)
    return found


def say(trial: Trial, seconds: float) -> None:
    """A line for each trial as it ends."""
    verdict = "BAD " if trial.wrong else "ok  "
    head = f"{verdict} {trial.fault} [{trial.moment}]: {trial.end} ({trial.reason}) {seconds:.0f}s"
    print("\n       ".join((head, *trial.wrong)), flush=True)


def table(trials: Iterable[Trial], how: argparse.Namespace, of: str) -> str:
    """The document."""
    kept = list(trials)
    bad = [trial for trial in kept if trial.wrong]
    rows = {fault.name: [t for t in kept if t.fault == fault.name] for fault in chosen("*")}
    count = sum(bool(found) for found in rows.values())
    parts = [
        "# Faults, really injected\n",
        "Written by `tools/faults.py`. Each row is a fault that was made to happen at random moments "
        "of real runs,\non a Docker daemon that the tool starts for it. *Left at once*: in "
        "`docker ps -a`, `docker volume ls`, the\nprocess list, the state folder and the folder for "
        "temporary files when ciforge had ended; *after the next start*:\nthe same after one further "
        "`ciforge run`, which has to pass. Images and ccache volumes are meant to stay.\n",
        f"- {datetime.datetime.now(datetime.UTC):%Y-%m-%d}, commit {of}",
        f"- `python tools/faults.py --times {how.times} --engines {how.engines} --seed {how.seed}`",
        f"- {count} faults, {len(kept)} injections, {len(bad)} with something wrong",
        f"- ciforge itself never had more than {max(t.peak for t in kept) // 1024**2} MiB of memory\n",
    ]
    for group, faults in GROUPS.items():
        lines = [row(fault, rows[fault.name]) for fault in faults if rows[fault.name]]
        if lines:
            head = "| fault | times | ended | said | left at once | after the next start | |\n"
            parts.append(
                f"## {group}\n\n{head}|---|---|---|---|---|---|---|\n" + "\n".join(lines) + "\n"
            )
    return "\n".join(parts)


def row(fault: Fault, found: Sequence[Trial]) -> str:
    """One line of the table."""
    ends = sorted({trial.end for trial in found})
    said = sorted({trial.reason for trial in found}, key=len)
    cells = (
        fault.name,
        str(len(found)),
        "; ".join(f"{end} x{sum(t.end == end for t in found)}" for end in ends),
        said[0][:110] if said else "",
        "; ".join(sorted({thing for t in found for thing in t.at_once})) or "nothing",
        "; ".join(sorted({thing for t in found for thing in t.later})) or "nothing",
        "; ".join(sorted({thing for t in found for thing in t.wrong})) or "as it should be",
    )
    return table_row(cells)


def commit() -> str:
    """The commit, and whether the code differs from it."""

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.strip()

    changed = git("status", "--porcelain", "--", "ciforge", "distros")
    return git("rev-parse", "--short", "HEAD") + (" and changes after it" if changed else "")


def main() -> int:
    """0 when every fault ended as it should; 1 when not; 3 without an engine."""
    how = arguments()
    faults = chosen(how.only, how.group)
    if how.list:
        print("\n".join(fault.name for fault in faults))
        return 0
    if os.geteuid() != 0:
        print("faults.py: needs root, for a daemon of its own", file=sys.stderr)
        return 3
    # Now, not at the end: the code that is tried is that of the beginning.
    of = commit()
    print(f"{len(faults)} faults, seed {how.seed}", flush=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: STOPPING.set())
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        # Under nohup: what we catch rather than ignore, ciforge does not ignore either.
        signal.signal(signal.SIGHUP, lambda *_: None)
    try:
        trials = run_all(faults, how)
    except Trouble as error:
        print(f"faults.py: {error}", file=sys.stderr)
        return 3
    if STOPPING.is_set():
        print(f"interrupted after {len(trials)} injections; nothing is written", file=sys.stderr)
        return 130
    if how.write:
        how.write.write_text(table(trials, how, of))
    bad = sum(bool(trial.wrong) for trial in trials)
    print(f"{len(trials)} injections, {bad} with something wrong; seed {how.seed}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
