"""Measures how fast `diagnose` reads: a million lines, and logs made to slow it down.

Prints seconds, also for a flood of errors that all differ, and how they grow: twice the input may take at most 2.6 times as long, where time is
what the process computed. Ends 1 where a bar is missed.

With `--against TREE`, a checkout of another version, this checkout takes turns with that one on the same two logs; what
counts is the median of the ratios of neighbours.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, cast

from ciforge.diagnose.scan.findings import diagnose, read_lines

LINES = 1_000_000
SECONDS = 7.0
ERRORS = 200_000
FLOOD_SECONDS = 6.0
GROWTH = 2.6
MEMORY = 64 * 1024 * 1024
RATIOS = {"a usual log": 0.7, "a flood of errors": 0.3}
"""Bars for the processor time of `--against`."""
PAIRS = 5
ROOT = Path(__file__).resolve().parents[1]
LEAST = 0.05
"""Seconds below which a ratio says nothing."""

USUAL = (
    "libtool: compile:  gcc -DHAVE_CONFIG_H -I. -I.. -Wall -Werror=format -g -O2 -c file{n}.c -o file{n}.o",
    "checking for function_{n}... no",
    "../../usr.sbin/smtpd/file{n}.c:{n}:3: warning: unused variable \u2018x{n}\u2019 [-Wunused-variable]",
    "  {n} |         int x{n};",
    "make[2]: Entering directory '/build/dir{n}'",
    "2026-11-22T10:00:00.0000000Z [{n}/9999] Compiling C object src/error{n}.c.o",
    "Get:{n} http://deb.example.org/debian trixie/main amd64 libpackage{n} amd64 1.2-{n} [12 kB]",
    "ok {n} - a test that says failed",
)
"""The lines of the logs; `n` counts."""


class Lines:
    """Lines as a stream of bytes that is never whole in memory."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines

    def readline(self, _size: int = -1) -> bytes:
        return next(self._lines, b"")


def usual(count: int) -> IO[bytes]:
    """A log of that many lines, with a real error before its end."""

    def lines() -> Iterator[bytes]:
        for n in range(count - 2):
            yield (USUAL[n % len(USUAL)].replace("{n}", str(n)) + "\n").encode()
        yield b"x.c:1:10: fatal error: event.h: No such file or directory\n"
        yield b"make: *** [Makefile:1: x.o] Error 1\n"

    return cast(IO[bytes], Lines(lines()))


def pieces(piece: Callable[[int], bytes]) -> Callable[[int], IO[bytes]]:
    """A stream of what `piece` makes of a size."""

    def stream(size: int) -> IO[bytes]:
        import io

        return io.BytesIO(piece(size))

    return stream


HOSTILE: dict[str, tuple[Callable[[int], IO[bytes]], int]] = {
    "one line without end": (pieces(lambda size: b"error: x " * size), 1_200_000),
    "the same error": (pieces(lambda size: b"a.c:1:2: error: unknown type name 'x'\n" * size), 10_000),
    "other errors": (pieces(lambda size: b"".join(b"a.c:%d:2: error: unknown type name 'x%d'\n" % (n, n) for n in range(size))), 10_000),
    "undefined symbols": (pieces(lambda size: b"".join(b"a.c:(.text+0x%x): undefined reference to `f%d'\n" % (n, n) for n in range(size))), 10_000),
    "failures": (pieces(lambda size: b"".join(b"make[1]: *** [Makefile:%d: t%d] Error 1\n" % (n, n) for n in range(size))), 10_000),
    "nested escapes": (pieces(lambda size: b"\x1b[\x1b]8;;" * size + b"\n"), 1_000_000),
    "nested quotes": (pieces(lambda size: (b"'" * 3900 + b" error: not found\n") * size), 500),
    "colons": (pieces(lambda size: (b"a:1:" * 970 + b" error: No such file\n") * size), 500),
    "configure, blanks": (pieces(lambda size: (b"configure: error: " + b"a " * 1900 + b"not\n") * size), 500),
    "configure, dashes": (pieces(lambda size: (b"configure: error: " + b"a-" * 1900 + b"\n") * size), 500),
    "all words": (pieces(lambda size: b"error: failed %d: cannot find No such file not found *** invalid\n" * size), 10_000),
    "addresses": (pieces(lambda size: b"".join(b"error %d: cannot find " % n + b"http://a." * 40 + b"\n" for n in range(size))), 500),
    "one word": (pieces(lambda size: (b"x" * 3900 + b" undefined reference to `y' error: Killed\n") * size), 500),
}  # fmt: skip
"""A stream of a size, and the size that is measured."""


def seconds(stream: IO[bytes]) -> float:
    """The processor time of reading, in seconds."""
    began = time.process_time()
    diagnose(read_lines(stream))
    return time.process_time() - began


def growth(make: Callable[[int], IO[bytes]], size: int) -> tuple[float, float]:
    """Seconds for a size, and how many times as long twice of it takes; the best of three."""
    one = min(seconds(make(size)) for _ in range(3))
    two = min(seconds(make(2 * size)) for _ in range(3))
    return one, two / max(one, LEAST)


def memory(count: int) -> int:
    """The most bytes that reading held at once."""
    tracemalloc.start()
    try:
        diagnose(read_lines(usual(count)))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


READ = """
import sys, time
try:
    from ciforge.diagnose.scan.findings import diagnose, read_lines
except ImportError:  # before 2026-11-24
    from ciforge.diagnose.findings import diagnose, read_lines
with open(sys.argv[1], "rb") as stream:
    began = time.process_time()
    diagnose(read_lines(stream))
    print(time.process_time() - began)
"""
"""What the Python of both versions runs."""


def read_by(tree: Path, log: Path) -> float:
    """The processor time, in seconds, in which the ciforge in `tree` reads a log. Raises CalledProcessError."""
    command = [sys.executable, "-c", READ, str(log)]
    env = {**os.environ, "PYTHONPATH": str(tree)}
    return float(
        subprocess.run(command, env=env, cwd="/", check=True, stdout=subprocess.PIPE).stdout
    )


def take_turns(
    logs: Mapping[str, Path], other: Path, pairs: int
) -> dict[str, list[tuple[float, float]]]:
    """Seconds of the other version and of this one for each log, in turn; who goes first changes."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in logs}
    for turn in range(pairs):
        for name, log in logs.items():
            trees = (other, ROOT) if turn % 2 else (ROOT, other)
            both = {tree: read_by(tree, log) for tree in trees}
            found[name].append((both[other], both[ROOT]))
    return found


def compared(pairs: Mapping[str, Sequence[tuple[float, float]]]) -> tuple[list[str], list[str]]:
    """A table for a person, and the logs that are over their bar."""
    table, over = [f"{'':<20}{'theirs':>10}{'ours':>10}{'ratio':>7}{'bar':>6}"], []
    for name, taken in pairs.items():
        ratio = statistics.median(ours / theirs for theirs, ours in taken)
        theirs, ours = (statistics.median(column) for column in zip(*taken, strict=True))
        table.append(f"{name:<20}{theirs:>8.2f} s{ours:>8.2f} s{ratio:>7.2f}{RATIOS[name]:>6.2f}")
        over += [name] if ratio > RATIOS[name] else []
    return table, over


def against(other: Path, lines: int, pairs: int) -> int:
    """Prints both versions side by side; the exit status."""
    flood = HOSTILE["other errors"][0](ERRORS * lines // LINES)
    with tempfile.TemporaryDirectory() as folder:
        logs = {}
        for name, stream in (("a usual log", usual(lines)), ("a flood of errors", flood)):
            logs[name] = Path(folder, name)
            with logs[name].open("wb") as file:
                file.writelines(iter(stream.readline, b""))
        table, over = compared(take_turns(logs, other, pairs))
    print("\n".join([*table, *(f"OVER: {name}" for name in over)]))
    return 1 if over else 0


def main(words: Sequence[str] | None = None) -> int:
    """Prints what was measured; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--against", type=Path, metavar="TREE", help="another checkout")
    parser.add_argument(
        "--pairs", type=int, default=PAIRS, help="turns against another (%(default)s)"
    )
    options = parser.parse_args(words)
    if options.pairs < 1:
        parser.error("--pairs: at least 1")
    if options.against:
        if not (options.against / "ciforge").is_dir():
            parser.error(f"--against {options.against}: this is no checkout of ciforge")
        return against(options.against.resolve(), options.lines, options.pairs)
    over = []
    took = seconds(usual(options.lines))
    bar = SECONDS * options.lines / LINES
    print(f"{'a usual log':24} {options.lines} lines  {took:6.2f} s  bar {bar:.1f} s")
    over += ["a usual log"] * (took > bar)
    count = ERRORS * options.lines // LINES
    took = min(seconds(HOSTILE["other errors"][0](count)) for _ in range(2))
    bar = max(FLOOD_SECONDS * options.lines / LINES, LEAST)
    print(f"{'a flood of errors':24} {count} lines  {took:6.2f} s  bar {bar:.1f} s")
    over += ["a flood of errors"] * (took > bar)
    small, large = memory(2_000), memory(20_000)
    print(f"{'memory':24} {small >> 10} kB, ten times the lines {large >> 10} kB")
    over += ["memory"] * (large > max(MEMORY // 16, 2 * small))
    for name, (make, size) in HOSTILE.items():
        one, ratio = growth(make, size)
        print(f"{name:24} {one:6.2f} s  twice the size {ratio:4.2f} times as long  bar {GROWTH}")
        over += [name] * (ratio > GROWTH)
    for name in over:
        print(f"OVER: {name}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
