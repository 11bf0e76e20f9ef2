#!/usr/bin/env python3
"""Compare a cross check of OpenSMTPD with the same four steps by Debian's gcc.

Bootstrap, configure, make and make install of `portable/debian-13/default` by plain `docker run`;
the cross checks for FreeBSD, NetBSD and OpenBSD by `ciforge run --no-cache`, each by itself and all
three at once. The images are there before the clock runs, no answer or object of an earlier
build is. The roads take turns. Every time is that of a whole process.
"""

import statistics
import sys
from collections.abc import Mapping, Sequence

from comparison import Times, concluded, parsed, ratios, report, take_turns, verdict
from container_steps import by_ciforge, by_docker, opened, prepared
from timed_process import say

PLAIN, TOGETHER = "docker run, Debian's gcc", "all three at once"
TARGETS = ("freebsd-14", "netbsd-10", "openbsd-7.9")
EACH, MEDIAN = 1.40, 1.10
"""Bars of one target's ratio, and of the median of the targets' ratios."""
BARS: Mapping[str, float] = {**dict.fromkeys(TARGETS, EACH), TOGETHER: 2.60}
"""Bars of the median ratio to plain `docker run`."""


def problems(times: Times) -> list[str]:
    """Lists what is over its bar: a target, all three at once, or the median of the targets."""
    each = [statistics.median(ratios(times, name)) for name in TARGETS]
    median = statistics.median(each)
    over = [f"median of the three: {median:.2f} is over {MEDIAN:.2f}"] if median > MEDIAN else []
    return [*verdict(times, BARS), *over]


def main(arguments: Sequence[str]) -> int:
    """Prints the table. 1: over a bar; 3: a road did not end well."""
    options = parsed(arguments, "Compare cross checks with a build by Debian's gcc.", rounds=3)
    jobs = {target: [f"portable/{target}/cross"] for target in TARGETS}
    jobs[TOGETHER] = [job for (job,) in jobs.values()]

    def measure() -> tuple[list[str], list[str]]:
        with opened(options.source, "ciforge-cross") as empty:
            bench = prepared(empty)
            say("warming: the images of the three targets")
            by_ciforge(bench, jobs[TOGETHER], "--no-cache")
            roads = {PLAIN: lambda: by_docker(bench)}
            for name, ids in jobs.items():
                roads[name] = lambda ids=ids: by_ciforge(bench, ids, "--no-cache")  # type: ignore[misc]
            times, _ = take_turns(roads, options.pairs)
        median = statistics.median(statistics.median(ratios(times, name)) for name in TARGETS)
        return [*report(times, BARS), f"median of the three targets: {median:.2f}"], problems(times)

    return concluded(measure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
