#!/usr/bin/env python3
"""Measure the processor time of planning 10,000 jobs, in turn with another version of ciforge.

`python benchmarks/planning.py --against TREE` plans 50 variants of 5 repositories on 40 releases by the code of this
checkout and by that of TREE, with the same Python, and exits 1 if the median ratio of the times per job is over the bar.
Reading the files does not count. What the other version imports must be installed beside this interpreter.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import attrs
from generate import LARGE, RELEASES, ROOT, descriptor

VARIANTS, REPOSITORIES = 50, 5
JOBS = VARIANTS * REPOSITORIES * RELEASES
BAR, PAIRS = 0.5, 9
PLAN = """\
import sys, time
from pathlib import Path
from ciforge.load.catalogue import load_catalogue
try:
    from ciforge.load.project_file import load_project
    from ciforge.plan.planner import make_plan
except ImportError:  # before the modules had these names
    from ciforge.load.project import load_project
    from ciforge.plan.jobs import make_plan
tree, folder = map(Path, sys.argv[1:])
project = load_project(folder / "ciforge.yml").value
catalogue = load_catalogue([tree / "distros", folder / "distros"])
began = time.process_time()
plan = make_plan(project, catalogue)
print(time.process_time() - began, len(plan.jobs))
"""


@attrs.frozen
class Planned:
    """One plan: the seconds of the processor, and how many jobs it has."""

    seconds: float
    jobs: int

    @property
    def per_job(self) -> float:
        """Microseconds for one job."""
        return self.seconds / self.jobs * 1e6


def project() -> str:
    """Every variant of every repository on every release; half of the variants have settings of three kinds."""
    where = {"many-1*": {"env": {"CFLAGS": "-O2"}}, "*/v1*": {"configure": ["--with-one"]}}
    repo = {**LARGE, "where": where}
    plain = {"configure": ["--with-more"]}
    rich = {**plain, "env": {"CC": "clang"}, "dependencies": ["clang"]}
    # `default` is a variant of every project.
    variants = {f"v{n}": rich if n % 2 else plain for n in range(VARIANTS - 1)}
    return json.dumps(
        {
            "project": "benchmark",
            "repos": {f"repo{n}": repo for n in range(REPOSITORIES)},
            "variants": variants,
            "jobs": ["*/many-*/*"],
        }
    )


def planned(tree: Path, folder: Path) -> Planned:
    """The plan of the project in `folder` by the code in `tree`. Raises CalledProcessError."""
    done = subprocess.run(
        [sys.executable, "-c", PLAN, str(tree), str(folder)],
        env=os.environ | {"PYTHONPATH": str(tree)}, cwd=folder, stdout=subprocess.PIPE,
        text=True, check=True,
    )  # fmt: skip
    seconds, jobs = done.stdout.split()
    return Planned(float(seconds), int(jobs))


def take_turns(folder: Path, other: Path, pairs: int) -> list[tuple[Planned, Planned]]:
    """Pairs of the other version and of ours; the first one, which compiles modules, does not count."""
    found = []
    for turn in range(pairs + 1):
        # Who goes first changes, so that neither always runs after the same neighbour.
        order = (other, ROOT) if turn % 2 else (ROOT, other)
        both = {tree: planned(tree, folder) for tree in order}
        found.append((both[other], both[ROOT]))
    return found[1:]


def compared(pairs: Sequence[tuple[Planned, Planned]]) -> tuple[list[str], bool]:
    """Lines for a person, and whether the median ratio is over the bar."""
    ratio = statistics.median(ours.per_job / theirs.per_job for theirs, ours in pairs)
    theirs, ours = (
        statistics.median(one.per_job for one in side) for side in zip(*pairs, strict=True)
    )
    jobs = pairs[0][1].jobs
    return [
        f"planning of {jobs} jobs, processor time per job, medians of {len(pairs)} pairs",
        f"theirs {theirs:.1f} us, ours {ours:.1f} us, ratio {ratio:.2f}, bar {BAR:.2f}",
    ], ratio > BAR


def main(arguments: Sequence[str]) -> int:
    """Prints the comparison. 1: over the bar; 2: wrong options, or a version that cannot plan."""
    parser = argparse.ArgumentParser(description="Measure how quickly ciforge plans.")
    parser.add_argument(
        "--against", type=Path, metavar="TREE", required=True, help="another checkout"
    )
    parser.add_argument("--pairs", type=int, default=PAIRS, help="turns of both (%(default)s)")
    options = parser.parse_args(arguments)
    if options.pairs < 1:
        parser.error("--pairs: at least 1")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "distros").mkdir()
        (folder / "distros" / "many.yml").write_text(descriptor())
        (folder / "ciforge.yml").write_text(project())
        try:
            pairs = take_turns(folder, options.against.resolve(), options.pairs)
        except subprocess.CalledProcessError as error:
            parser.error(f"a version ended with exit code {error.returncode}")
    wrong = {one.jobs for pair in pairs for one in pair} - {JOBS}
    if wrong:
        parser.error(f"a plan has {wrong.pop()} jobs, not {JOBS}")
    lines, over = compared(pairs)
    print("\n".join(lines))
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
