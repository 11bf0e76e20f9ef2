#!/usr/bin/env python3
"""Kills `ciforge watch` a hundred times while people push and at a hundred of its lines, and polls a
repository ten thousand times.

After the kills no commit may be lost or built twice, no mail may be lost, and none may be delivered more
than once again, under its Message-ID. Exit codes: 0 all of that held; 1 it did not.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "unit" / "watch"))

from endurance import after_deaths, after_kills, memory_of_polls

from ciforge.store.runs.run_reader import run_folders


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--deaths", type=int, default=100)
    parser.add_argument("--polls", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20261130)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        faults, pushing = after_kills(Path(name), given.kills, given.seed)
        runs = len(run_folders(pushing.upstream.state))
    print(f"{given.kills} kills, {len(pushing.pushed)} pushes, {runs} runs: {len(faults)} faults")
    print("\n".join(faults))
    with tempfile.TemporaryDirectory() as name:
        more, lines = after_deaths(Path(name), given.deaths, given.seed)
    print(f"{given.deaths} deaths at one of {lines} lines: {len(more)} faults")
    print("\n".join(more))
    with tempfile.TemporaryDirectory() as name:
        marks = [given.polls // 10, given.polls // 2, given.polls]
        sizes = memory_of_polls(Path(name), given.polls, marks)
    print(f"memory after {', '.join(map(str, marks))} polls: {', '.join(map(str, sizes))} KiB")
    return 1 if faults or more or sizes[-1] - sizes[0] > 2048 else 0


if __name__ == "__main__":
    sys.exit(main())
