#!/usr/bin/env python3
"""Measure the memory of ciforge while it runs eight jobs at once that print much.

examples/hello-portable in eight variants with `-j 8`; each job also prints a hundred thousand lines and one
of eight megabytes without an end. Once for a file, once for a program (`--json`), once for a
terminal. Exits 1 where the largest resident memory of the process is over the bar; what runs in
the boxes is not ciforge's.
"""

import contextlib
import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

MEGABYTES = 120
JOBS = 8
ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "hello-portable"
OWN_PROJECT = "ciforge-memory"
"""The project is renamed, so that the ccache of the real one is neither used nor filled."""
LOUD = "seq 100000; head -c 8000000 /dev/zero | tr '\\0' x; echo; echo loud to the end"


class Broken(Exception):
    """Nothing can be measured; the message says why."""


def project() -> str:
    """hello-portable in as many variants, each with a step that is loud."""
    repo = {
        "path": ".",
        "recipe": "autotools",
        "dependencies": ["autoconf", "automake"],
        "users": {"_hello": "/var/empty"},
        "steps": {"loud": {"after": "build", "run": LOUD}},
    }
    variants: dict[str, object] = {f"v{number}": {} for number in range(JOBS)}
    jobs = ["hello/debian-13/v*"]
    document = {"project": OWN_PROJECT, "repos": {"hello": repo}, "variants": variants}
    return json.dumps(document | {"jobs": jobs})


def peak(folder: Path, output: int, *options: str) -> float:
    """The most megabytes that one run had; Broken where not all of its jobs passed."""
    state = folder / "state"
    command = [
        sys.executable,
        "-m",
        "ciforge",
        "run",
        "--force",
        "-j",
        str(JOBS),
        "--state-dir",
        str(state),
    ]
    with subprocess.Popen(
        [*command, *options], cwd=folder / "hello", stdin=subprocess.DEVNULL, stdout=output,
        stderr=output, env=os.environ | {"TERM": "xterm"},
    ) as child:  # fmt: skip
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    logs = sorted(state.glob("*/runs/*/*/log.txt"))
    heard = [log for log in logs if b"loud to the end" in log.read_bytes()]
    shutil.rmtree(state, ignore_errors=True)
    if child.returncode or len(heard) != JOBS:
        raise Broken(f"the run ended with {child.returncode}, {len(heard)} jobs were heard")
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


@contextlib.contextmanager
def file(folder: Path) -> Iterator[int]:
    """Somebody who redirects the output."""
    with (folder / "output").open("wb") as opened:
        yield opened.fileno()


@contextlib.contextmanager
def terminal(_folder: Path) -> Iterator[int]:
    """Somebody who looks at it."""
    ours, theirs = pty.openpty()
    reader = threading.Thread(target=drain, args=(ours,), daemon=True)
    reader.start()
    try:
        yield theirs
    finally:
        os.close(theirs)
        reader.join(10)
        os.close(ours)


def drain(descriptor: int) -> None:
    """Reads until there is nobody who writes."""
    with contextlib.suppress(OSError):
        while os.read(descriptor, 65536):
            pass


def remove_ccache() -> None:
    """Removes the volumes of our own project."""
    label = f"label=org.ciforge.ccache={OWN_PROJECT}"
    words = ["docker", "volume", "ls", "-q", "--filter", label]
    found = subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()
    for volume in found:
        subprocess.run(["docker", "volume", "rm", volume], capture_output=True, check=False)


def measured() -> dict[str, float]:
    """Megabytes by who is told of the run."""
    with tempfile.TemporaryDirectory(prefix="ciforge-memory-") as name:
        folder = Path(name)
        shutil.copytree(EXAMPLE, folder / "hello")
        (folder / "hello" / "ciforge.yml").write_text(project())
        try:
            with file(folder) as output:
                found = {"a file": peak(folder, output), "--json": peak(folder, output, "--json")}
            with terminal(folder) as output:
                return found | {"a terminal": peak(folder, output)}
        finally:
            remove_ccache()


def main() -> int:
    """Prints the table. 1: over the bar; 3: nothing could be measured."""
    try:
        found = measured()
    except Broken as error:
        print(error, file=sys.stderr)
        return 3
    for name, megabytes in found.items():
        print(f"{JOBS} loud jobs at once, told to {name:<12}{megabytes:>6.0f} MB")
    worst = max(found.values())
    print(f"at most {worst:.0f} MB (bar {MEGABYTES} MB)")
    return 0 if worst < MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
