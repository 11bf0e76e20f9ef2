#!/usr/bin/env python3
"""What ciforge costs beside plain `docker run`: the same four steps of the real OpenSMTPD.

Bootstrap, configure, make and make install, taken from `ciforge script JOB --steps`, run by one
`docker run` in the image that ciforge made, with its number of make jobs and its memory; by
`ciforge run --no-cache`; and by `ciforge run` with a warm ccache. The three take turns, so that a
busy moment of the machine is not one road's alone. Every time is that of a whole process.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import attrs

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "examples" / "opensmtpd" / "ciforge.yml"
FETCH = ROOT / "tools" / "debian_source.py"
JOB = "portable/debian-13/default"
STEPS = ("bootstrap", "configure", "build", "install")
OWN_PROJECT = "ciforge-overhead"
"""The project is renamed, so that the ccache of the real one is neither used nor filled."""
PLAIN, COLD, WARM = "docker run", "ciforge run --no-cache", "ciforge run, warm ccache"
BARS = {COLD: 1.10, WARM: 0.45}
"""What the median ratio to `docker run` may be."""
CIFORGE = (sys.executable, "-m", "ciforge")


class Broken(Exception):
    """Nothing can be measured; the message says why."""


@attrs.frozen
class Timed:
    """One whole process."""

    seconds: float
    peak: int
    """Bytes of memory that it had at most, its children's not added up."""


@attrs.frozen(kw_only=True)
class Bench:
    """What both roads share. `memory` is in bytes."""

    scratch: Path
    tree: Path
    project: Path
    steps: Mapping[str, str]
    image: str = ""
    make_jobs: int = 1
    memory: int = 0


def say(text: str) -> None:
    """Progress goes to standard error; standard output is the answer."""
    print(text, file=sys.stderr, flush=True)


def steps_of(text: str, job: str) -> dict[str, str]:
    """Step names to scripts, out of `ciforge script JOB --steps`. Raises Broken where one is missing."""
    parts = re.split(rf"^# {re.escape(job)}: (\S+)$\n", text, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    missing = [name for name in STEPS if name not in found]
    if missing:
        raise Broken(f"{job} has no step {', '.join(missing)}")
    return {name: found[name] for name in STEPS}


def plain_script(steps: Mapping[str, str]) -> str:
    """All steps one after the other, each in a shell of its own, on a source that comes as tar."""
    bodies = [f"(\n{body.rstrip()}\n) </dev/null" for body in steps.values()]
    return "\n".join(["set -e", "cd /ciforge/src", "tar -xf -", *bodies]) + "\n"


def ratios(times: Mapping[str, Sequence[float]], name: str) -> list[float]:
    """One for each round: its time to that of `docker run` in the same round."""
    return [one / plain for one, plain in zip(times[name], times[PLAIN], strict=True)]


def verdict(times: Mapping[str, Sequence[float]]) -> list[str]:
    """Those that are over their bar, each with its median ratio."""
    found = []
    for name, bar in BARS.items():
        ratio = statistics.median(ratios(times, name))
        if ratio > bar:
            found.append(f"{name}: {ratio:.2f} is over {bar:.2f}")
    return found


def report(times: Mapping[str, Sequence[float]], peak: int) -> list[str]:
    """Every round, the medians and the ratios, for a person."""
    found = [f"{'seconds':<26}" + "".join(f"{turn:>8}" for turn in range(1, len(times[PLAIN]) + 1))]
    found[0] += f"{'median':>9}{'ratio':>8}{'bar':>7}"
    for name, seconds in times.items():
        line = f"{name:<26}" + "".join(f"{one:>8.1f}" for one in seconds)
        line += f"{statistics.median(seconds):>9.1f}"
        if name in BARS:
            line += f"{statistics.median(ratios(times, name)):>8.2f}{BARS[name]:>7.2f}"
        found.append(line)
    return [*found, f"memory of ciforge at most: {peak / 1e6:.0f} MB"]


def timed(words: Sequence[str], log: Path, stdin: IO[bytes] | None = None) -> Timed:
    """Runs a command to its end. Raises Broken with the end of its output where it fails."""
    with log.open("wb") as output:
        began = time.perf_counter()
        # A process group of its own: a Ctrl-C reaches it once, from here, and it clears away.
        child = subprocess.Popen(
            words, stdin=stdin or subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            process_group=0,
        )  # fmt: skip
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            end(child)
            raise
        seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise Broken(f"{' '.join(words[:4])} … ended with {child.returncode}:\n{tail}")
    return Timed(seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def end(child: "subprocess.Popen[bytes]") -> None:
    """Ends a process, which has a minute to clear away what it started."""
    say("interrupted: waiting for what runs to end")
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(60)
    finally:
        child.kill()


def said(words: Sequence[str]) -> str:
    """The output of a short command. Raises Broken where it fails."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Broken(f"{words[0]}: {error.strerror}") from None
    if done.returncode:
        raise Broken(done.stderr.strip() or f"{' '.join(words)} failed")
    return done.stdout.strip()


def by_ciforge(bench: Bench, *options: str) -> Timed:
    """One `ciforge run` of the job, into a state folder that vanishes with the scratch."""
    words = [*CIFORGE, "run", JOB, "--file", str(bench.project), "--state-dir"]
    words += [str(bench.scratch / "state"), "--source", f"portable={bench.tree}", *options]
    return timed(words, bench.scratch / "ciforge.log")


def by_docker(bench: Bench) -> Timed:
    """One `docker run`; the source goes in as tar, which is packed while the clock runs."""
    name = f"ciforge-overhead-{os.getpid()}"
    words = ["docker", "run", "--rm", "-i", "--init", "--name", name, "-m", str(bench.memory)]
    words += ["--memory-swap", str(bench.memory), "-e", f"CIFORGE_JOBS={bench.make_jobs}"]
    words += ["-e", "LC_ALL=C", "-e", "TZ=UTC", bench.image, "sh", "-c", plain_script(bench.steps)]
    pack = ["tar", "-C", str(bench.tree), "-cf", "-", "."]
    # Packing counts, as it does for ciforge; it runs beside the container's start.
    with subprocess.Popen(pack, stdout=subprocess.PIPE) as packing:
        try:
            return timed(words, bench.scratch / "docker.log", packing.stdout)
        finally:
            packing.terminate()
            quietly("docker", "rm", "-f", "-v", name)


def quietly(*words: str) -> None:
    """A command whose outcome is no matter: what it removes may be gone already."""
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def source(given: Path | None, scratch: Path) -> Path:
    """The unpacked tree without its generated `configure`, so that bootstrap has something to do."""
    found = given or Path(said([sys.executable, str(FETCH), "opensmtpd", str(ROOT / ".demo")]))
    say(f"source: {found.name}")
    tree = scratch / "tree"
    if found.is_dir():
        shutil.copytree(found, tree, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    else:
        tree.mkdir()
        said(["tar", "-xf", str(found), "-C", str(tree)])
        inside = list(tree.iterdir())
        tree = inside[0] if len(inside) == 1 and inside[0].is_dir() else tree
    (tree / "configure").unlink(missing_ok=True)
    return tree


def prepared(bench: Bench) -> Bench:
    """Warms the ccache, which makes the image as well, and learns what the job was given."""
    say("warming: one ciforge run, which makes the dependency image and fills the ccache")
    by_ciforge(bench)
    results = (bench.scratch / "state" / OWN_PROJECT / "runs").glob("*/*/result.json")
    image = json.loads(next(results).read_text())["image"]
    found = said(["docker", "info", "--format", "{{.NCPU}} {{.MemTotal}}"]).split()
    # The engine's share for one job alone, by ciforge's own arithmetic.
    from ciforge.run.allocation import share

    each = share(int(found[0]), int(found[1]), jobs=None, wanted=1)
    return attrs.evolve(bench, image=image, make_jobs=each.make_jobs, memory=each.memory)


def compare(bench: Bench, rounds: int) -> tuple[dict[str, list[float]], int]:
    """Seconds by road, and the most memory (bytes) that a ciforge had."""
    roads = {
        PLAIN: lambda: by_docker(bench),
        COLD: lambda: by_ciforge(bench, "--no-cache"),
        WARM: lambda: by_ciforge(bench),
    }
    times: dict[str, list[float]] = {name: [] for name in roads}
    peak = 0
    for turn in range(rounds):
        names = list(roads)
        # Who goes first changes, so that nobody always runs after the same neighbour.
        for name in names[turn % 3 :] + names[: turn % 3]:
            one = roads[name]()
            times[name].append(one.seconds)
            peak = peak if name == PLAIN else max(peak, one.peak)
            say(f"{turn + 1}/{rounds}  {name:<26}{one.seconds:>8.1f} s")
    return times, peak


@contextlib.contextmanager
def opened(given: Path | None) -> Iterator[Bench]:
    """A scratch folder with the source, a project of our own and the steps; nothing stays behind."""
    with tempfile.TemporaryDirectory(prefix="ciforge-overhead-") as folder:
        scratch = Path(folder)
        text = PROJECT.read_text().replace("project: opensmtpd", f"project: {OWN_PROJECT}", 1)
        project = scratch / "ciforge.yml"
        project.write_text(text)
        steps = said([*CIFORGE, "script", JOB, "--steps", "--file", str(project)])
        tree = source(given, scratch)
        try:
            yield Bench(scratch=scratch, tree=tree, project=project, steps=steps_of(steps, JOB))
        finally:
            remove_ccache()


def remove_ccache() -> None:
    """Removes the volumes of our own project."""
    label = f"label=org.ciforge.ccache={OWN_PROJECT}"
    with contextlib.suppress(Broken):
        for volume in said(["docker", "volume", "ls", "-q", "--filter", label]).split():
            quietly("docker", "volume", "rm", volume)


def parsed(arguments: Sequence[str]) -> Any:
    """The options. Raises SystemExit 2."""
    parser = argparse.ArgumentParser(description="Compare ciforge run with plain docker run.")
    parser.add_argument("--pairs", type=int, default=5, help="rounds of all three roads (5)")
    parser.add_argument(
        "--source", type=Path, metavar="PATH",
        help="OpenSMTPD portable, a folder or an archive; else Debian's newest release",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if options.pairs < 1:
        parser.error("--pairs: at least 1")
    if options.source and not options.source.exists():
        parser.error(f"--source {options.source}: there is no such file or folder")
    return options


def main(arguments: Sequence[str]) -> int:
    """Prints the table. 1: over a bar; 3: a road did not end well."""
    options = parsed(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with opened(options.source) as bench:
            times, peak = compare(prepared(bench), options.pairs)
    except Broken as error:
        say(str(error))
        return 3
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    print("\n".join(report(times, peak)))
    problems = verdict(times)
    print("\n".join(problems) or "within the bars")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
