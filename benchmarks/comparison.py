"""Several roads to the same result in turn: seconds of each, ratios to the first, and bars."""

import argparse
import signal
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from timed_process import Broken, Timed, say

Times = Mapping[str, Sequence[float]]
"""Seconds of each round by road; the first road is the one that others are compared with."""


def ratios(times: Times, name: str) -> list[float]:
    """One for each round: its time to that of the first road in the same round."""
    first = times[next(iter(times))]
    return [one / plain for one, plain in zip(times[name], first, strict=True)]


def verdict(times: Times, bars: Mapping[str, float]) -> list[str]:
    """The measurements that exceed their limit, each with its median ratio."""
    found = {name: statistics.median(ratios(times, name)) for name in bars}
    return [
        f"{name}: {ratio:.2f} is over {bars[name]:.2f}"
        for name, ratio in found.items()
        if ratio > bars[name]
    ]


def report(times: Times, bars: Mapping[str, float]) -> list[str]:
    """Every round, the medians and the ratios, for a person."""
    rounds = len(times[next(iter(times))])
    head = f"{'seconds':<26}" + "".join(f"{turn:>8}" for turn in range(1, rounds + 1))
    found = [f"{head}{'median':>9}{'ratio':>8}{'bar':>7}"]
    for name, seconds in times.items():
        line = f"{name:<26}" + "".join(f"{one:>8.1f}" for one in seconds)
        line += f"{statistics.median(seconds):>9.1f}"
        if name in bars:
            line += f"{statistics.median(ratios(times, name)):>8.2f}{bars[name]:>7.2f}"
        found.append(line)
    return found


def take_turns(
    roads: Mapping[str, Callable[[], Timed]], rounds: int
) -> tuple[dict[str, list[float]], int]:
    """Seconds by road, and the most memory (bytes) that one but the first had."""
    times: dict[str, list[float]] = {name: [] for name in roads}
    first, peak = next(iter(roads)), 0
    for turn in range(rounds):
        names = list(roads)
        at = turn % len(names)
        # Who goes first changes, so that nobody always runs after the same neighbour.
        for name in names[at:] + names[:at]:
            one = roads[name]()
            times[name].append(one.seconds)
            peak = peak if name == first else max(peak, one.peak)
            say(f"{turn + 1}/{rounds}  {name:<26}{one.seconds:>8.1f} s")
    return times, peak


def parsed(
    arguments: Sequence[str], description: str, rounds: int, parts: Sequence[str] = ()
) -> Any:
    """The options; with `parts`, also `--without PART`. Raises SystemExit 2."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--pairs", type=int, default=rounds, help="rounds of all roads (%(default)s)"
    )
    parser.add_argument(
        "--source", type=Path, metavar="PATH",
        help="OpenSMTPD portable, a folder or an archive; else Debian's newest release",
    )  # fmt: skip
    if parts:
        parser.add_argument(
            "--without", action="append", choices=parts, default=[], help="roads to leave out"
        )
    options = parser.parse_args(arguments)
    if options.pairs < 1:
        parser.error("--pairs: at least 1")
    if options.source and not options.source.exists():
        parser.error(f"--source {options.source}: there is no such file or folder")
    return options


def concluded(measure: Callable[[], tuple[list[str], list[str]]]) -> int:
    """Prints what `measure` found: a table, and what is over a bar. 0; 1: something is; 3: a road did
    not end well; 130: interrupted."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        table, problems = measure()
    except Broken as error:
        say(str(error))
        return 3
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    print("\n".join(table))
    print("\n".join(problems) or "within the bars")
    return 1 if problems else 0
