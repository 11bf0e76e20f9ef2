#!/usr/bin/env python3
"""Measure the time and memory of `ciforge generate` for 40 releases of 4 repositories.

`python benchmarks/generate.py` measures the ciforge that is installed beside this interpreter and
exits 1 where the median of its times, or its largest memory, is over the bar.

With `--against TREE`, a checkout of another version, this checkout takes turns with that one on the same project, once
to write all files and once where they are up to date. What counts is the time of the processor, which a busy machine
disturbs less.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

SECONDS, MEGABYTES = 1.0, 150
RUNS = 5
TIME, MEMORY, PAIRS = 0.6, 1.0, 15
"""Bars for the ratios to another version, and how often they take turns."""
WRITE, COMPARE = "write all files", "all up to date"
RELEASES, REPOSITORIES = 40, 4
ROOT = Path(__file__).resolve().parents[1]
LARGE = {
    "path": ".",
    "recipe": "autotools",
    "dependencies": ["autoconf", "automake", "libtool", "bison", "libevent", "zlib"],
    "configure": ["--sysconfdir=/etc/mail", "--with-auth-pam"],
    "users": {"_smtpd": "/var/empty", "_smtpq": "/var/empty"},
    "expect": {"installed": ["/usr/local/sbin/smtpctl mode=2555 gname=_smtpq"]},
}
"""A repository with as many settings as OpenSMTPD."""


def project() -> str:
    """Every repository on every release, each as large as OpenSMTPD."""
    return json.dumps(
        {
            "project": "benchmark",
            "repos": {f"repo{n}": LARGE for n in range(REPOSITORIES)},
            "jobs": ["*/many-*/default"],
        }
    )


def descriptor() -> str:
    """Debian's, with as many releases as it takes, in the form that older versions of ciforge read as well."""
    text = (
        (ROOT / "distros" / "debian.yml")
        .read_text()
        .replace("distribution: debian", "distribution: many")
    )
    head, _, rest = text.partition("\nreleases:\n")
    packages = rest[rest.index("\npackages:") :]
    releases = "".join(
        f"  - release: '{n}'\n    codename: c{n}\n    image: docker.io/library/debian:{n}\n"
        "    platforms: [linux/amd64]\n"
        for n in range(RELEASES)
    )
    # Only a descriptor of ciforge may have a bootstrap; older versions know no `sources` and no rules.
    head = re.sub(r"^(?:bootstrap|sources):\n(?:  .*\n)*", "", head, flags=re.M)
    head = re.sub(r"^defaults: .*$", "defaults: ['1']", head, flags=re.M)
    return f"{head}\nreleases:\n{releases}{packages}"


@attrs.frozen
class Process:
    """One whole process: seconds of the clock and of the processor, and the most bytes of memory."""

    seconds: float
    processor: float
    peak: int


def measure(folder: Path, output: str = "out", tree: Path | None = None) -> Process:
    """One whole process, of the ciforge in `tree` or the one that is installed. Raises CalledProcessError."""
    env = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env |= {"PYTHONPATH": str(tree)} if tree else {}
    command = [sys.executable, "-m", "ciforge", "generate", "--output", output, "--force"]
    began = time.perf_counter()
    child = subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    seconds = time.perf_counter() - began
    return Process(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


Pairs = Mapping[str, Sequence[tuple[Process, Process]]]
"""What is done to the processes of both versions, the other one first."""


def take_turns(folder: Path, other: Path, pairs: int) -> Pairs:
    """Both versions in turn; the first turn of each, which compiles its modules, does not count."""
    found: dict[str, list[tuple[Process, Process]]] = {WRITE: [], COMPARE: []}
    for turn in range(pairs + 1):
        for output in ("theirs", "ours"):
            shutil.rmtree(folder / output, ignore_errors=True)
        for taken in found.values():
            both = {}
            # Who goes first changes, so that neither always runs after the same neighbour.
            for tree in (other, ROOT) if turn % 2 else (ROOT, other):
                both[tree] = measure(folder, "ours" if tree == ROOT else "theirs", tree)
            if turn:
                taken.append((both[other], both[ROOT]))
    return found


def compared(pairs: Pairs) -> tuple[list[str], list[str]]:
    """A table for a person, and what is over its bar."""
    table = [f"{'':<16}{'theirs':>9}{'ours':>9}{'ratio':>8}{'bar':>6}"]
    over = []
    for act, taken in pairs.items():
        for label, bar, shown, values in (
            ("time", TIME, "{:.3f} s", [(a.processor, b.processor) for a, b in taken]),
            ("memory", MEMORY, "{:.1f} MB", [(a.peak / 1e6, b.peak / 1e6) for a, b in taken]),
        ):
            ratio = statistics.median(ours / theirs for theirs, ours in values)
            medians = [
                shown.format(statistics.median(column)) for column in zip(*values, strict=True)
            ]
            figures = "".join(f"{median:>9}" for median in medians)
            table.append(f"{act + ', ' + label:<24}{figures}{ratio:>8.2f}{bar:>6.2f}")
            over += [f"{act}, {label}: {ratio:.2f} is over {bar:.2f}"] if ratio > bar else []
    return table, over


def alone(folder: Path) -> bool:
    """Measures the installed version, prints what was found, and returns whether it is within the bars."""
    taken = [measure(folder) for _ in range(RUNS)]
    files = [path for path in folder.rglob("out/*/.github/**/*") if path.is_file()]
    size = sum(file.stat().st_size for file in files)
    memory = max(process.peak for process in taken) / 2**20
    median = statistics.median(process.seconds for process in taken)
    print(f"{len(files)} files, {size // 1024} KiB, on {os.cpu_count()} processors")
    print(f"median {median:.3f} s (bar {SECONDS} s), memory {memory:.0f} MB (bar {MEGABYTES} MB)")
    return median < SECONDS and memory < MEGABYTES


def main(arguments: Sequence[str]) -> int:
    """Prints the figures. 1: over a bar; 2: there is nothing to measure, or it fails."""
    parser = argparse.ArgumentParser(description="Measure `ciforge generate`.")
    parser.add_argument("--against", type=Path, metavar="TREE", help="another checkout")
    parser.add_argument(
        "--pairs", type=int, default=PAIRS, help="turns against another (%(default)s)"
    )
    options = parser.parse_args(arguments)
    if options.pairs < 1:
        parser.error("--pairs: at least 1")
    if options.against and not (options.against / "ciforge").is_dir():
        parser.error(f"--against {options.against}: this is no checkout of ciforge")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "ciforge.yml").write_text(project())
        (folder / "distros").mkdir()
        (folder / "distros" / "many.yml").write_text(descriptor())
        try:
            if not options.against:
                return 0 if alone(folder) else 1
            table, over = compared(take_turns(folder, options.against.resolve(), options.pairs))
        except subprocess.CalledProcessError as error:
            parser.error(f"ciforge generate ended with exit status {error.returncode}")
    print("\n".join(table))
    print("\n".join(over) or "within the bars")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
