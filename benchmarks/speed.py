#!/usr/bin/env python3
"""Print how fast an edit of OpenSMTPD is checked, beside plain `docker run`, act and an older ciforge.

Each row is the same work by several roads, which take turns. A ratio is that of the medians of all
rounds. `--without` leaves out roads that take long or that need what is not here.
"""

import functools
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from comparison import Times, concluded, parsed, take_turns
from container_steps import CIFORGE, JOB, Bench, by_ciforge, by_docker, by_program, opened, prepared
from edits import BROKEN, CONFIGURE, LINE, edited, found
from other_roads import by_act, images_of, older, workflow
from timed_process import Broken, Timed, say

THREE = tuple(f"portable/debian-{release}/default" for release in (11, 12, 13))
CROSS = tuple(f"portable/{target}/cross" for target in ("freebsd-14", "netbsd-10", "openbsd-7.9"))
PLAIN, PLAIN_THREE, CROSS_COLD = "docker run", "three docker runs", "three BSDs, cold"
COLD, EDIT, WRONG, AC = (
    "nothing cached but images",
    "one .c edited",
    "an edit that does not compile, to its cause",
    "configure.ac edited",
)
PROVEN, AT_ONCE, AT_ONCE_EDIT, CROSS_EDIT = "nothing edited, proven", "three releases at once", "three releases, one .c edited", "three BSDs, one .c edited"  # fmt: skip
ACT, OLD = "act", "a70595a"


@attrs.frozen
class Row:
    """What a row is compared with, and what the ratio may be."""

    base: str
    bar: float


ROWS: Mapping[str, Row] = {
    COLD: Row(PLAIN, 1.05), EDIT: Row(PLAIN, 0.18), WRONG: Row(PLAIN, 0.18), AC: Row(PLAIN, 0.75),
    PROVEN: Row(PLAIN, 0.015), AT_ONCE: Row(PLAIN_THREE, 0.75), AT_ONCE_EDIT: Row(PLAIN_THREE, 0.14),
    CROSS_EDIT: Row(CROSS_COLD, 0.30),
}  # fmt: skip
GROUPS: Mapping[str, Sequence[str]] = {
    "three": (PLAIN_THREE, AT_ONCE, AT_ONCE_EDIT), "cross": (CROSS_COLD, CROSS_EDIT),
    "act": (ACT,), "old": (OLD,),
}  # fmt: skip
OTHERS = (ACT, OLD)
"""Roads that do the work of the first row; each row has to be quicker."""
WARM = ("--saved-steps",)
"""Options of runs after an edit, and of those that fill the caches for them."""

Road = Callable[[], Timed]


def roads_of(bench: Bench, without: Sequence[str]) -> dict[str, Road]:
    """All roads that are asked for and exist here, plain `docker run` first."""
    left_out = {name for group in without for name in GROUPS[group]}
    roads = {PLAIN: lambda: by_docker(bench), **_own(bench)}
    if "three" not in without:
        say("warming: debian-11 and debian-12")
        by_ciforge(bench, THREE, *WARM)
        plain = images_of(bench, THREE)
        roads |= {PLAIN_THREE: lambda: _one_after_another(plain), **_three(bench)}
    if "cross" not in without:
        say("warming: the cross checks")
        by_ciforge(bench, CROSS, *WARM)
        roads |= _cross(bench)
    if "act" not in without and (clone := workflow(bench)):
        roads[ACT] = lambda: by_act(bench, clone)
    if "old" not in without and (program := older(bench, OLD)):
        by_program(bench, program, [JOB], "--no-cache")
        roads[OLD] = lambda: by_program(bench, program, [JOB], "--no-cache")
    return {name: road for name, road in roads.items() if name not in left_out}


def _own(bench: Bench) -> dict[str, Road]:
    source, configure = found(bench.tree, "smtpd/util.c"), bench.tree / "configure.ac"
    return {
        COLD: lambda: by_ciforge(bench, [JOB], "--no-cache"),
        EDIT: lambda: _after_edit(bench, [JOB], source, LINE),
        WRONG: lambda: _after_edit(bench, [JOB], source, BROKEN, code=1, until=b": error: "),
        AC: lambda: _after_edit(bench, [JOB], configure, CONFIGURE),
        PROVEN: lambda: _proven(bench),
    }


def _three(bench: Bench) -> dict[str, Road]:
    source = found(bench.tree, "smtpd/util.c")
    return {
        AT_ONCE: lambda: by_ciforge(bench, THREE, "--no-cache"),
        AT_ONCE_EDIT: lambda: _after_edit(bench, THREE, source, LINE),
    }


def _cross(bench: Bench) -> dict[str, Road]:
    source = found(bench.tree, "smtpd/util.c")
    return {
        CROSS_COLD: lambda: by_ciforge(bench, CROSS, "--no-cache"),
        CROSS_EDIT: lambda: _after_edit(bench, CROSS, source, LINE),
    }


def _after_edit(
    bench: Bench, jobs: Sequence[str], file: Path, line: str, *, code: int = 0, until: bytes = b""
) -> Timed:
    """A run after an edit; with `until`, the time to that text, since a failure is repeated without caches."""
    with edited(file, line):
        return by_ciforge(bench, jobs, *WARM, code=code, until=until)


def _proven(bench: Bench) -> Timed:
    """A run of what passed before; the first one is not timed, and runs the job if need be.

    Raises Broken if the job ran all the same, as it does if ciforge was edited meanwhile.
    """
    by_program(bench, CIFORGE, [JOB])
    timed = by_program(bench, CIFORGE, [JOB])
    if "proven by run" not in (bench.scratch / "ciforge.log").read_text():
        raise Broken(f"{JOB} passed and is not proven")
    return timed


def _one_after_another(benches: Sequence[Bench]) -> Timed:
    runs = [by_docker(bench) for bench in benches]
    return Timed(sum(run.seconds for run in runs), max(run.peak for run in runs))


def table(times: Times) -> list[str]:
    """Markdown: a row for each measured work, its median, ratio and bar, and its ratio to the others."""
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    others = [name for name in OTHERS if name in medians]
    head = ["same work", "seconds", "beside", "ratio", "at most", *(f"/ {name}" for name in others)]
    lines = [head, ["---"] * 2 + ["---"] + ["---:"] * (len(head) - 3)]
    for name, seconds in medians.items():
        row = ROWS.get(name)
        cells = [name, f"{seconds:.2f}", "", "", ""]
        if row and row.base in medians:
            cells[2:] = [row.base, f"{seconds / medians[row.base]:.3f}", f"{row.bar:g}"]
            cells += [f"{seconds / medians[other]:.2f}" for other in others]
        lines.append(cells + [""] * (len(head) - len(cells)))
    return [f"| {' | '.join(cells)} |" for cells in lines]


def problems(times: Times) -> list[str]:
    """The rows over their bar, and those that are slower than act or the older ciforge."""
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    over = []
    for name, row in ROWS.items():
        if name not in medians or row.base not in medians:
            continue
        bars = {row.base: row.bar, **{other: 1.0 for other in OTHERS if row.base == PLAIN}}
        for base, bar in bars.items():
            if base in medians and (ratio := medians[name] / medians[base]) > bar:
                over.append(f"{name} / {base}: {ratio:.3f} is over {bar:g}")
    return over


def main(arguments: Sequence[str]) -> int:
    """Prints the table. 1: over a bar; 3: a road did not end well."""
    options = parsed(arguments, "Print how fast an edit is checked.", 5, tuple(GROUPS))
    return concluded(functools.partial(_measure, options))


def _measure(options: Any) -> tuple[list[str], list[str]]:
    with opened(options.source, "ciforge-speed") as empty:
        bench = prepared(empty, *WARM)
        times, _ = take_turns(roads_of(bench, options.without), options.pairs)
    return table(times), problems(times)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
