#!/usr/bin/env python3
"""Measure what ciforge takes around the steps of a job, in turn with another version of ciforge.

`python benchmarks/around_steps.py --against TREE` runs a job whose four steps are `true`, by the code of this checkout
and by that of TREE, with the same Python and the same engine: once with a source of three files, once with one of
50,000. What is measured is the whole process of `ciforge run`: its time, its own processor time, and the processor time
of everything on the machine meanwhile, which has that of the engine; it says something only where nothing else runs.
A ratio is that of the medians. What the other version imports must be installed beside this interpreter.
"""

import argparse
import functools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
from comparison import concluded
from container_steps import ROOT, remove_ccache
from timed_process import Broken, say, timed

NAME = "ciforge-around-steps"
"""The project, whose caches and images of this name are its own."""
JOB = "nothing/debian-13/default"
FEW, MANY = "three files", "50,000 files"
SOURCES = {"few": (FEW, 1, 3), "many": (MANY, 500, 100)}
"""Names of sources, for options, to their titles, folders, and files in each folder."""
TEXT = b"/* one of many small files */\n" * 20
PAIRS = 7
OURS, THEIRS = "ours", "theirs"


@attrs.frozen(kw_only=True)
class Taken:
    """Seconds of one whole process."""

    time: float
    own: float
    """Of the processor, for ciforge itself."""
    machine: float
    """Of all processors, for everything."""


WHAT = {
    "time": "time",
    "own": "processor, ciforge itself",
    "machine": "processor, with the engine",
}
BARS = {(FEW, "time"): 0.5, (FEW, "machine"): 0.5, (MANY, "time"): 0.3}
"""What a ratio may be at most, by source and attribute of `Taken`."""
Turns = Mapping[tuple[str, str], Sequence[Taken]]
"""The processes by source and version."""


def project() -> str:
    """One job with the steps of a usual recipe, which do nothing; caches as a person has them."""
    steps = {name: {"run": "true"} for name in ("bootstrap", "configure", "build", "install")}
    repo = {
        "path": ".", "recipe": "autotools", "dependencies": ["autoconf", "automake"],
        "users": {"_hello": "/var/empty"}, "steps": steps,
    }  # fmt: skip
    return json.dumps({"project": NAME, "repos": {"nothing": repo}, "jobs": [JOB]})


def fill(tree: Path, folders: int, each: int) -> None:
    """Writes a source with so many folders of so many files, no two of which are the same."""
    for number in range(folders):
        folder = tree / f"folder{number:03}"
        folder.mkdir(parents=True)
        for at in range(each):
            (folder / f"file{at:03}.c").write_bytes(b"/* %d %d */\n" % (number, at) + TEXT)


def run(tree: Path, source: Path, state: Path) -> Taken:
    """One `ciforge run` of the source by the code in `tree`. Raises Broken where it fails."""
    environment = os.environ | {"PYTHONPATH": str(tree)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    words = [
        sys.executable,
        "-m",
        "ciforge",
        "run",
        JOB,
        "--state-dir",
        str(state),
        *_options(tree),
    ]
    began = _machine_seconds()
    process = timed(words, state.with_suffix(".log"), folder=source, environment=environment)
    machine = _machine_seconds() - began
    return Taken(time=process.seconds, own=process.processor, machine=machine)


def _machine_seconds() -> float:
    """Seconds that all processors have worked since the machine started. Raises Broken without /proc/stat."""
    try:
        first, _, _ = Path("/proc/stat").read_text(encoding="ascii").partition("\n")
    except OSError as error:
        raise Broken(f"{error.filename}: {error.strerror}") from None
    # proc(5): user, nice, system, idle, iowait, irq, softirq.
    ticks = [int(word) for word in first.split()[1:8]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


@functools.cache
def _options(tree: Path) -> tuple[str, ...]:
    """`--force`, if that version takes what passed before for proven."""
    words = [sys.executable, "-m", "ciforge", "run", "--help"]
    done = subprocess.run(
        words, env=os.environ | {"PYTHONPATH": str(tree)}, cwd=tree, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Broken(f"ciforge of {tree} does not start: {done.stderr.strip()}")
    return ("--force",) if "--force" in done.stdout else ()


def take_turns(folder: Path, other: Path, pairs: int, sources: Sequence[str]) -> Turns:
    """All processes; the first turn of each, which makes images and compiles modules, does not count."""
    trees = {THEIRS: other, OURS: ROOT}
    taken: dict[tuple[str, str], list[Taken]] = {(s, v): [] for s in sources for v in trees}
    for turn in range(pairs + 1):
        for source in sources:
            # Who goes first changes, so that neither always runs after the same neighbour.
            for version in list(trees)[:: 1 if turn % 2 else -1]:
                taken_now = run(trees[version], folder / source, folder / f"state {version}")
                say(f"{turn}/{pairs}  {source}, {version:<7}{taken_now.time:>7.2f} s")
                if turn:
                    taken[source, version].append(taken_now)
    return taken


def compared(turns: Turns) -> tuple[list[str], list[str]]:
    """A table for a person, and what is over its bar."""
    table = [
        f"{'steps that do nothing, seconds':<42}{'theirs':>8}{'ours':>8}{'ratio':>8}{'bar':>6}"
    ]
    over = []
    for source in dict.fromkeys(source for source, _ in turns):
        for what, title in WHAT.items():
            theirs, ours = (
                statistics.median(getattr(each, what) for each in turns[source, side])
                for side in (THEIRS, OURS)
            )
            ratio, most = ours / theirs, BARS.get((source, what))
            row = f"{f'{source}, {title}':<42}{theirs:>8.2f}{ours:>8.2f}{ratio:>8.2f}"
            table.append(f"{row}{most:>6.2f}" if most else row)
            if most and ratio > most:
                over.append(f"{source}, {title}: {ratio:.2f} is over {most:.2f}")
    return table, over


def _measure(options: argparse.Namespace) -> tuple[list[str], list[str]]:
    with tempfile.TemporaryDirectory(prefix=f"{NAME}-") as name:
        folder = Path(name)
        for source in options.only or SOURCES:
            fill(folder / SOURCES[source][0], *SOURCES[source][1:])
            (folder / SOURCES[source][0] / "ciforge.yml").write_text(project())
        sources = [SOURCES[source][0] for source in options.only or SOURCES]
        try:
            return compared(take_turns(folder, options.against.resolve(), options.pairs, sources))
        finally:
            remove_ccache(NAME)


def main(arguments: Sequence[str]) -> int:
    """Prints the comparison. 1: over a bar; 2: wrong options; 3: a run did not end well."""
    parser = argparse.ArgumentParser(description="Measure what ciforge takes around the steps.")
    parser.add_argument(
        "--against", type=Path, metavar="TREE", required=True, help="another checkout"
    )
    parser.add_argument("--pairs", type=int, default=PAIRS, help="turns of both (%(default)s)")
    parser.add_argument(
        "--only", choices=SOURCES, action="append", help="one source instead of both"
    )
    options = parser.parse_args(arguments)
    if options.pairs < 1:
        parser.error("--pairs: at least 1")
    if not (options.against / "ciforge").is_dir():
        parser.error(f"--against {options.against}: there is no ciforge")
    return concluded(functools.partial(_measure, options))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
