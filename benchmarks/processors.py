#!/usr/bin/env python3
"""Measure how busy 2, 4 and 8 jobs at once keep 1 and 2 processors.

Each job is a configure that uses one processor, and a make of many equal parts. The ideal are the
processor seconds of the steps of all jobs, as plain `docker run` measures those of one, divided by
the processors. Exits 1 where a run reaches less of the ideal than the bar; 3 where it cannot be measured.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import attrs
from comparison import concluded
from timed_process import Broken, said, say, timed

BAR = 0.90
JOBS, PROCESSORS = (2, 4, 8), (1, 2)
PARTS = 60
_LIMITED = Path(__file__).with_name("limited_engine.py")
_NAME = "ciforge-processors"
_BUSY = "i=0; while [ $i -lt {turns} ]; do i=$((i + 1)); done\n"
_MAKEFILE = "all: {targets}\npart-%:\n\t@{busy}install:\n\t@:\n"
_TIME = re.compile(r"(\d+)m([\d.]+)s")


@attrs.frozen(kw_only=True)
class Bench:
    """A project in a folder, and the processor seconds of the steps of one of its jobs."""

    folder: Path
    options: tuple[str, ...]
    seconds: float = 0.0

    def run(self, processors: int, jobs: int) -> float:
        """The seconds that a run of so many jobs takes. Raises Broken."""
        words = [sys.executable, str(_LIMITED), str(processors), "run", *names(jobs)]
        words += ["--file", str(self.folder / "tree" / "ciforge.yml"), "--no-cache", "--force"]
        words += ["--state-dir", str(self.folder / "state"), *self.options]
        return timed(words, self.folder / "log").seconds


def names(jobs: int) -> list[str]:
    """The ids of the first jobs of the project."""
    return [f"tree/debian-13/v{number}" for number in range(jobs)]


def write(tree: Path, turns: int) -> None:
    """Writes the project; a part of make goes through a loop so many times, and configure 20 times as often."""
    tree.mkdir()
    (tree / "configure").write_text("#!/bin/sh\n" + _BUSY.format(turns=20 * turns))
    (tree / "configure").chmod(0o755)
    targets = " ".join(f"part-{number}" for number in range(PARTS))
    busy = _BUSY.format(turns=turns).replace("$", "$$")
    (tree / "Makefile").write_text(_MAKEFILE.format(targets=targets, busy=busy))
    document = {
        "project": _NAME,
        "repos": {"tree": {"path": ".", "recipe": "autotools"}},
        "variants": {f"v{number}": {} for number in range(max(JOBS))},
        "jobs": ["tree/debian-13/v*"],
    }
    (tree / "ciforge.yml").write_text(json.dumps(document))


def step_seconds(folder: Path) -> float:
    """The processor seconds of configure and make in the image of the job, alone on one processor."""
    results = (folder / "state" / _NAME / "runs").glob("*/*/result.json")
    image = json.loads(next(results).read_text())["image"]
    script = "cp -R /tree /tmp/tree && cd /tmp/tree && ./configure && make -j1 && times"
    words = ["docker", "run", "--rm", "--cpuset-cpus", "0", "-v", f"{folder / 'tree'}:/tree:ro"]
    found = _TIME.findall(said([*words, image, "bash", "-c", script]))
    if len(found) != 4:
        raise Broken("`times` of the shell printed something else")
    return sum(int(minutes) * 60 + float(seconds) for minutes, seconds in found)


def measure(turns: int, options: Sequence[str]) -> tuple[list[str], list[str]]:
    """The table, and what is under the bar. Raises Broken."""
    table = [f"{'processors':<12}{'jobs':>6}{'seconds':>10}{'ideal':>10}{'reached':>10}"]
    under = []
    with tempfile.TemporaryDirectory(prefix=f"{_NAME}-") as scratch:
        bench = Bench(folder=Path(scratch), options=tuple(options))
        write(bench.folder / "tree", turns)
        say("warming: one job, which makes the dependency image")
        bench.run(1, 1)
        bench = attrs.evolve(bench, seconds=step_seconds(bench.folder))
        for processors in PROCESSORS:
            for jobs in JOBS:
                seconds = bench.run(processors, jobs)
                ideal = jobs * bench.seconds / processors
                row = f"{processors:<12}{jobs:>6}{seconds:>10.1f}{ideal:>10.1f}{ideal / seconds:>10.2f}"
                say(row)
                table.append(row)
                if ideal / seconds < BAR:
                    under.append(
                        f"{jobs} jobs on {processors}: {ideal / seconds:.2f} is under {BAR:.2f}"
                    )
    return table, under


def main(arguments: Sequence[str]) -> int:
    """Prints the table. 1: under the bar; 3: a run did not end well."""
    parser = argparse.ArgumentParser(description="Measure how busy jobs keep processors.")
    parser.add_argument(
        "--turns", type=int, default=600_000, help="length of one part of make (%(default)s)"
    )
    parser.add_argument("--make-tokens", action="store_true", help="run ciforge with this option")
    options = parser.parse_args(arguments)
    if options.turns < 1:
        parser.error("--turns: at least 1")
    words = ["--make-tokens"] if options.make_tokens else []
    return concluded(lambda: measure(options.turns, words))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
