#!/usr/bin/env python3
"""Measure the time of whole ciforge processes, as at a prompt.

`python benchmarks/startup.py` measures the ciforge that is installed beside this interpreter, in
turn with a bare interpreter and with one that imports click. It exits 1 where a median is more than
its bar times that of `import click`: a ratio says the same on a slow machine.

With `--against TREE`, a checkout of another version, `ciforge jobs` and `ciforge systems` of this checkout take turns with
`ciforge jobs` of that one, in seconds of the processor, which a busy machine disturbs less.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "opensmtpd" / "ciforge.yml"
BARE, CLICK, OTHER = "python -c pass", "import click", "jobs there"
COMPLETION = {
    "COMP_WORDS": "ciforge run ",
    "COMP_CWORD": "2",
    "_CIFORGE_COMPLETE": "zsh_complete",
}
"""The request of zsh's completion for the words after `ciforge run`."""
RUNS, WARM_UPS = 15, 2


@attrs.frozen
class Measured:
    """One command; `bar` is how many times `import click` its median may be, 0 without a bar."""

    words: tuple[str, ...]
    bar: float = 0.0
    env: Mapping[str, str] = attrs.field(factory=dict)


def table(ciforge: str, example: Path, state: Path) -> Mapping[str, Measured]:
    """Returns the commands to measure, by the name that is printed. `state` holds nothing but the list of jobs."""
    kept = {"CIFORGE_STATE": str(state)}
    return {
        BARE: Measured((sys.executable, "-c", "pass")),
        CLICK: Measured((sys.executable, "-c", "import click")),
        "ciforge --help": Measured((ciforge, "--help"), 1.25),
        "ciforge jobs": Measured((ciforge, "jobs", "--file", str(example)), 5.0, kept),
        "ciforge systems": Measured((ciforge, "systems"), 10.0, kept),
        "a completion": Measured((ciforge,), 2.0, kept | COMPLETION),
    }


def seconds(command: Measured) -> float:
    """One whole process, in the example's folder. Raises CalledProcessError where it does not end well."""
    began = time.perf_counter()
    subprocess.run(
        command.words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True,
        cwd=EXAMPLE.parent, env=os.environ | command.env,
    )  # fmt: skip
    return time.perf_counter() - began


def processor_seconds(command: Measured) -> float:
    """The processor time of one whole process, with that of what it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def versions(tree: Path, state: Path) -> Mapping[str, Measured]:
    """The same commands of two checkouts; `bar` is how many times the first one's median is allowed."""

    def one(root: Path, *words: str, bar: float = 0.0) -> Measured:
        env = {"PYTHONPATH": str(root), "CIFORGE_STATE": str(state)}
        return Measured((sys.executable, "-m", "ciforge", *words), bar, env)

    file = ("--file", str(EXAMPLE))
    old = ("--file", str(tree / EXAMPLE.relative_to(ROOT)))
    return {
        OTHER: one(tree, "jobs", *old),
        "jobs": one(ROOT, "jobs", *file, bar=1.0),
        "jobs, no cache": one(ROOT, "jobs", *file, "*"),
        "systems": one(ROOT, "systems", bar=3.0),
    }


def measure(
    commands: Mapping[str, Measured],
    runs: int,
    warm_ups: int = WARM_UPS,
    clock: Callable[[Measured], float] = seconds,
) -> dict[str, list[float]]:
    """Times by name. The commands take turns, so that a busy moment is not one command's alone."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(warm_ups + runs):
        for name, command in commands.items():
            took = clock(command)
            if turn >= warm_ups:
                times[name].append(took)
    return times


def lines(
    commands: Mapping[str, Measured], times: Mapping[str, Sequence[float]], base: str = CLICK
) -> list[str]:
    """A table for a person, in milliseconds, and as multiples of `base`."""
    found = [
        f"{'':<16}{'median':>9}{'min':>8}{'max':>8}{'x ' + base.rsplit(maxsplit=1)[-1]:>9}{'bar':>6}"
    ]
    for name, command in commands.items():
        median = statistics.median(times[name])
        figures = (
            f"{median * 1e3:>6.0f} ms{min(times[name]) * 1e3:>8.0f}{max(times[name]) * 1e3:>8.0f}"
        )
        limit = f"{command.bar:>6.2f}" if command.bar else f"{'':>6}"
        mark = "  OVER THE BAR" if name in over(commands, times, base) else ""
        found.append(f"{name:<16}{figures}{ratio(times, name, base):>9.2f}{limit}{mark}")
    return found


def ratio(times: Mapping[str, Sequence[float]], name: str, base: str = CLICK) -> float:
    """The median of a command as a multiple of that of `base`."""
    return statistics.median(times[name]) / statistics.median(times[base])


def over(
    commands: Mapping[str, Measured], times: Mapping[str, Sequence[float]], base: str = CLICK
) -> list[str]:
    """The names of those whose median is over the bar."""
    return [
        name
        for name, command in commands.items()
        if command.bar and ratio(times, name, base) > command.bar
    ]


def main(arguments: Sequence[str]) -> int:
    """Prints the table. 1: over a bar; 2: there is no ciforge to measure, or it fails."""
    parser = argparse.ArgumentParser(description="Measure how quickly ciforge answers.")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"of each command ({RUNS})")
    parser.add_argument("--against", type=Path, metavar="TREE", help="another checkout")
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error("--runs: at least 1")
    ciforge = Path(sysconfig.get_path("scripts"), "ciforge")
    if not ciforge.is_file():
        parser.error(f"no ciforge is installed beside {Path(sys.executable).name}: make bench")
    with tempfile.TemporaryDirectory() as state:
        base, clock, commands = CLICK, seconds, table(str(ciforge), EXAMPLE, Path(state))
        if options.against:
            base, clock = OTHER, processor_seconds
            commands = versions(options.against.resolve(), Path(state))
        try:
            times = measure(commands, options.runs, clock=clock)
        except subprocess.CalledProcessError as error:
            parser.error(f"{error.cmd[0]} ended with exit code {error.returncode}")
    print("\n".join(lines(commands, times, base)))
    return 1 if over(commands, times, base) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
