#!/usr/bin/env python3
"""Makes the catch table of docs/proof/cross-checks.md from logs of tests/cross_faults.

    python tools/cross_faults.py NAME=LOG...       NAME is a column, LOG the log of a job or of check.sh

Each file in tests/cross_faults is one mistake of a merge. A column says whether its compiler takes
it; the cause is what `ciforge diagnose` finds in the first log that refuses it.
"""

import io
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from ciforge.diagnose.scan.findings import diagnose, read_lines

FAULTS = Path(__file__).resolve().parents[1] / "tests" / "cross_faults"
_LINE = re.compile(r"^fault (?P<name>\S+) (?P<became>accepted|refused) (?P<ms>\d+)$")


class Column:
    """What one compiler said of each fault."""

    def __init__(self, log: Path) -> None:
        self.became: dict[str, str] = {}
        self.seconds: dict[str, float] = {}
        self.said: dict[str, list[str]] = {}
        name = ""
        for line in log.read_text(errors="replace").splitlines():
            if found := _LINE.match(line):
                name = found["name"]
                self.became[name] = found["became"]
                self.seconds[name] = int(found["ms"]) / 1000
                self.said[name] = []
            elif name and line.startswith("| "):
                self.said[name].append(line[2:])


def cause(said: list[str]) -> str:
    """Kind and subject of the first finding; empty without one."""
    lines = read_lines(io.BytesIO("".join(f"{line}\n" for line in said).encode()))
    found = diagnose(lines, failed=True, step="build")
    return f"{found[0].kind.value}: {found[0].subject}".rstrip(": ") if found else ""


def rows(columns: Mapping[str, Column]) -> Iterator[tuple[str, ...]]:
    """Fault, what is wrong, a cell for each column, cause."""
    for file in sorted(FAULTS.glob("*.c")):
        name = file.stem
        why = file.read_text().partition(" */")[0].removeprefix("/* ")
        cells = [_cell(column, name) for column in columns.values()]
        said = next(
            (
                column.said[name]
                for column in columns.values()
                if column.became.get(name) == "refused"
            ),
            [],
        )
        yield (f"`{name}`", why, *cells, cause(said))


def _cell(column: Column, name: str) -> str:
    return {"accepted": "takes it", "refused": "refuses"}.get(
        column.became.get(name, ""), "not run"
    )


def caught(columns: Mapping[str, Column], beside: str) -> tuple[int, int]:
    """How many faults another column refuses, and how many of them the column `beside` takes."""
    names = [file.stem for file in FAULTS.glob("*.c") if file.stem != "control"]
    others = [column for name, column in columns.items() if name != beside]
    refused = [name for name in names if any(one.became.get(name) == "refused" for one in others)]
    return len(refused), sum(columns[beside].became.get(name) == "accepted" for name in refused)


def main() -> int:
    """0; 2 for wrong arguments."""
    if len(sys.argv) < 2 or not all("=" in word for word in sys.argv[1:]):
        print(__doc__, file=sys.stderr)
        return 2
    columns = {
        name: Column(Path(log)) for name, _, log in (word.partition("=") for word in sys.argv[1:])
    }
    print(f"| fault | what is wrong | {' | '.join(columns)} | cause |")
    print("|---" * (len(columns) + 3) + "|")
    for row in rows(columns):
        print(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |")
    first = next(iter(columns))
    total, missed = caught(columns, first)
    print(f"\n{total} faults are refused by a target, of which {first} takes {missed}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
