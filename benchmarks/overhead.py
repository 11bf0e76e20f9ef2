#!/usr/bin/env python3
"""Compare ciforge with plain `docker run`: the same four steps of OpenSMTPD.

Bootstrap, configure, make and make install, taken from `ciforge script JOB --steps`, run by one
`docker run` in the image that ciforge made, with its number of make jobs and its memory; by
`ciforge run --no-cache`; and by `ciforge run` with a warm ccache. The three take turns, so that a
busy moment of the machine is not one road's alone. Every time is that of a whole process.
"""

import sys
from collections.abc import Sequence

from comparison import concluded, parsed, report, take_turns, verdict
from container_steps import JOB, by_ciforge, by_docker, opened, prepared

PLAIN, COLD, WARM = "docker run", "ciforge run --no-cache", "ciforge run, warm ccache"
BARS = {COLD: 1.10, WARM: 0.45}
"""Bars of the median ratio to `docker run`."""


def main(arguments: Sequence[str]) -> int:
    """Prints the table. 1: over a bar; 3: a road did not end well."""
    options = parsed(arguments, "Compare ciforge run with plain docker run.", rounds=5)

    def measure() -> tuple[list[str], list[str]]:
        with opened(options.source, "ciforge-overhead") as empty:
            bench = prepared(empty)
            roads = {
                PLAIN: lambda: by_docker(bench),
                COLD: lambda: by_ciforge(bench, [JOB], "--no-cache"),
                WARM: lambda: by_ciforge(bench, [JOB]),
            }
            times, peak = take_turns(roads, options.pairs)
        memory = f"memory of ciforge at most: {peak / 1e6:.0f} MB"
        return [*report(times, BARS), memory], verdict(times, BARS)

    return concluded(measure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
