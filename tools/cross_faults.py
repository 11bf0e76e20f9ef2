#!/usr/bin/env python3
"""Writes the catch table of docs/proof/cross-checks.md: which target refuses which mistake of a merge.

    python tools/cross_faults.py                 run the cross checks of tests/cross_faults, and write the table
    python tools/cross_faults.py NAME=LOG...     from logs: NAME is a column, LOG the log of a job or of check.sh

Each file in tests/cross_faults is one mistake. A column says whether its compiler takes it, and after
how many seconds it refuses it; the cause and the advice are what `ciforge diagnose` finds in the first
log that refuses it. Exit statuses: 0; 1: a job did not end well, or fewer faults than the page
promises are caught; 2: wrong arguments.
"""

import datetime
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ciforge.diagnose.scan.findings import diagnose, read_lines
from ciforge.model.finding import Finding
from ciforge.model.result import green_status

ROOT = Path(__file__).resolve().parents[1]
FAULTS = ROOT / "tests" / "cross_faults"
PAGE = ROOT / "docs" / "proof" / "cross-checks.md"
BEGIN, END = "<!-- catch table: written by tools/cross_faults.py -->", "<!-- end of the table -->"
JOBS = {
    "gcc": "faults/debian-12/default",
    "FreeBSD 14.0": "faults/freebsd-14/cross",
    "NetBSD 10.1": "faults/netbsd-10/cross",
    "OpenBSD 7.9": "faults/openbsd-7.9/cross",
}
LEAST = 40
"""Faults that a target has to refuse."""
_LINE = re.compile(r"^fault (?P<name>\S+) (?P<became>accepted|refused) (?P<ms>\d+)$")


class Column:
    """The verdict of one compiler on each fault."""

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

    def cell(self, name: str) -> str:
        """Whether it takes the fault; if not, after how many seconds it says so."""
        if self.became.get(name) == "refused":
            return f"refuses, {self.seconds[name]:.1f} s"
        return {"accepted": "takes it"}.get(self.became.get(name, ""), "not run")


def finding(said: list[str]) -> Finding | None:
    """The first finding in what a compiler said."""
    lines = read_lines(io.BytesIO("".join(f"{line}\n" for line in said).encode()))
    return next(iter(diagnose(lines, failed=True, step="build")), None)


def rows(columns: Mapping[str, Column]) -> Iterator[tuple[str, ...]]:
    """Fault, what is wrong, a cell for each column, cause, advice."""
    for file in sorted(FAULTS.glob("*.c")):
        name = file.stem
        why = file.read_text().partition(" */")[0].removeprefix("/* ")
        refused = (one for one in columns.values() if one.became.get(name) == "refused")
        first = next(refused, None)
        found = finding(first.said[name]) if first else None
        cause = f"{found.kind.value}: {found.subject}".rstrip(": ") if found else ""
        cells = (column.cell(name) for column in columns.values())
        yield (f"`{name}`", why, *cells, cause, found.advice if found else "")


def caught(columns: Mapping[str, Column], beside: str) -> tuple[int, int]:
    """Counts the faults that another column refuses, and those of them that the column `beside` takes."""
    names = [file.stem for file in FAULTS.glob("*.c") if file.stem != "control"]
    others = [column for name, column in columns.items() if name != beside]
    refused = [name for name in names if any(one.became.get(name) == "refused" for one in others)]
    return len(refused), sum(columns[beside].became.get(name) == "accepted" for name in refused)


def table(columns: Mapping[str, Column], day: str) -> str:
    """The part of the page between the marks."""
    first = next(iter(columns))
    total, missed = caught(columns, first)
    lines = [
        f"{total} of {len(list(FAULTS.glob('*.c'))) - 1} are refused by a target, and {first} takes {missed} of"
        f" these. Measured on {day}.",
        "",
        f"| fault | what is wrong | {' | '.join(columns)} | cause | advice |",
        "|---" * (len(columns) + 4) + "|",
    ]
    lines += [
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
        for row in rows(columns)
    ]
    return "\n".join(lines)


def logs() -> dict[str, Path]:
    """Runs the jobs; the log of each. Raises SystemExit where one did not pass."""
    words = [
        sys.executable,
        "-m",
        "ciforge",
        "run",
        *JOBS.values(),
        "--any",
        "--no-cache",
        "--json",
    ]
    done = subprocess.run(words, cwd=FAULTS, stdout=subprocess.PIPE, text=True, check=False)
    events = [json.loads(line) for line in done.stdout.splitlines() if '"job_ended"' in line]
    ended = {event["job"]: event for event in events if event["event"] == "job_ended"}
    for job in JOBS.values():
        if ended.get(job, {}).get("status") != green_status(job).value:
            sys.exit(f"{job} did not pass: {ended.get(job, {}).get('reason') or 'see above'}")
    return {name: Path(ended[job]["log"]) for name, job in JOBS.items()}


def main(arguments: Sequence[str]) -> int:
    """Writes the page."""
    if not all("=" in word for word in arguments):
        print(__doc__, file=sys.stderr)
        return 2
    given = {name: Path(log) for name, _, log in (word.partition("=") for word in arguments)}
    found = given or logs()
    columns = {name: Column(log) for name, log in found.items()}
    before, _, rest = PAGE.read_text().partition(BEGIN)
    last = max(log.stat().st_mtime for log in found.values())
    day = datetime.datetime.fromtimestamp(last, datetime.UTC).strftime("%Y-%m-%d")
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(columns, day)}\n\n{END}{rest.partition(END)[2]}")
    total, _ = caught(columns, next(iter(columns)))
    return 0 if total >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
