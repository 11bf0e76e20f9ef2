#!/usr/bin/env python3
"""Compares the engine for machines over ssh with the same steps typed by hand over ssh.

The machine is an OpenSSH server in a container on this machine, with what examples/hello-portable
needs. By hand: the source as tar over ssh, then one `ssh` for each step that `ciforge script JOB
--steps` prints. By ciforge: `ciforge run --engine ssh`. The two take turns. Then the largest resident
memory of ciforge for eight jobs at once on eight such machines, and in eight containers.
"""

import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
from comparison import concluded, parsed, report, take_turns, verdict
from memory import JOBS, LOUD, OWN_PROJECT, remove_ccache
from timed_process import Broken, Timed, said, say, timed

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "hello-portable"
CIFORGE = (sys.executable, "-m", "ciforge")
JOB = "hello/debian-13/default"
HAND, ENGINE = "ssh by hand", "ciforge run --engine ssh"
BARS = {ENGINE: 1.20}
"""The bar of the median ratio to the steps by hand."""
MACHINES, CONTAINERS = "eight machines", "eight containers"
AS_ROOT = ("install",)
"""Steps that hello-portable runs as root."""


@attrs.frozen(kw_only=True)
class Bench:
    """A copy of the example, its steps, and the machine, which both roads share."""

    folder: Path
    steps: dict[str, str]
    machine: Any
    make_jobs: int


def main(arguments: Sequence[str]) -> int:
    """Prints the tables. 1: over a bar; 3: a road did not end well."""
    options = parsed(arguments, "Compare ciforge run --engine ssh with ssh by hand.", rounds=5)

    def measure() -> tuple[list[str], list[str]]:
        with opened() as bench:
            roads = {HAND: lambda: by_hand(bench), ENGINE: lambda: by_ciforge(bench)}
            times, _ = take_turns(roads, options.pairs)
            peaks = {name: peak(bench, name) / 1e6 for name in (CONTAINERS, MACHINES)}
        table = [f"memory of ciforge, {name}: {size:.0f} MB" for name, size in peaks.items()]
        return [*report(times, BARS), *table], [*verdict(times, BARS), *heavier(peaks)]

    return concluded(measure)


def heavier(peaks: dict[str, float]) -> list[str]:
    """Lists what is over the bar of memory, that of eight containers."""
    more = peaks[MACHINES] > peaks[CONTAINERS]
    return [f"{MACHINES}: more memory than {CONTAINERS}"] if more else []


@contextmanager
def opened() -> Iterator[Bench]:
    """The machine, removed when the block ends."""
    sys.path[:0] = [str(ROOT / "tests" / "integration"), str(ROOT / "tests")]
    import docker
    from sshd import ssh_machine

    with tempfile.TemporaryDirectory(prefix="ciforge-ssh-") as text:
        folder = Path(text)
        shutil.copytree(EXAMPLE, folder / "tree")
        script = said(
            [*CIFORGE, "script", JOB, "--steps", "--file", str(folder / "tree/ciforge.yml")]
        )
        say("warming: one ciforge run, which makes the image of the machine")
        run = [*CIFORGE, "run", JOB, "--no-cache", "--file", str(folder / "tree/ciforge.yml")]
        timed([*run, "--state-dir", str(folder / "first")], folder / "log")
        result = next((folder / "first").glob("*/runs/*/*/result.json"))
        client = docker.from_env()
        (folder / "ssh").mkdir()
        with ssh_machine(
            client, json.loads(result.read_text())["image"], folder / "ssh"
        ) as machine:
            machine.allows(root="sudo", disposable="true")
            jobs = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
            yield Bench(folder=folder, steps=steps_of(script), machine=machine, make_jobs=jobs)


def steps_of(text: str) -> dict[str, str]:
    """Step names to scripts of what builds; `expect` is a check of ciforge alone."""
    parts = re.split(rf"^# {re.escape(JOB)}: (\S+)$\n", text, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    found.pop("expect", None)
    if not found:
        raise Broken(f"{JOB} has no steps")
    return found


def hand_script(bench: Bench) -> str:
    """A script that types the steps, each by a connection of its own."""
    ssh = f"ssh -p {bench.machine.port} builder@127.0.0.1"
    place = "/home/builder/by-hand"
    lines = [
        "set -e",
        f"tar -C {shlex.quote(str(bench.folder / 'tree'))} -cf - . | "
        f"{ssh} 'sudo -n rm -rf {place}; mkdir -p {place}/src; exec tar -xf - -C {place}/src'",
    ]
    for name, body in bench.steps.items():
        text = body.replace("/ciforge/", f"{place}/")
        root = "sudo -n " if name in AS_ROOT else ""
        step = f"cd {place}/src; export CIFORGE_JOBS={bench.make_jobs} LC_ALL=C TZ=UTC\n{text}"
        lines.append(f"{ssh} {shlex.quote(f'exec {root}sh -ec {shlex.quote(step)}')}")
    return "\n".join(lines)


def by_hand(bench: Bench) -> Timed:
    """The steps typed into ssh."""
    path = shlex.quote(bench.machine.env["PATH"])
    words = ["sh", "-c", f"PATH={path}\n{hand_script(bench)}"]
    return timed(words, bench.folder / "hand.log")


def by_ciforge(bench: Bench) -> Timed:
    """One `ciforge run` of the job on the machine."""
    file = bench.folder / "tree" / "ciforge.yml"
    words = [*CIFORGE, "run", JOB, "--engine", "ssh", "--file", str(file)]
    return _timed(bench, words)


def peak(bench: Bench, where: str) -> int:
    """Bytes that ciforge has at most while eight loud jobs run."""
    tree = bench.folder / "eight"
    if not tree.exists():
        shutil.copytree(EXAMPLE, tree)
        (tree / "ciforge.yml").write_text(json.dumps(eight()))
    machines = bench.folder / "ssh" / "ciforge" / "machines.yml"
    machines.write_text("".join(_row(bench, number) for number in range(JOBS)))
    words = [*CIFORGE, "run", "-j", str(JOBS), "--file", str(tree / "ciforge.yml"), "--no-cache"]
    words += ["--engine", "ssh"] if where == MACHINES else []
    say(f"memory: {where}")
    try:
        return _timed(bench, words).peak
    finally:
        remove_ccache()


def eight() -> dict[str, object]:
    """The example in eight variants, each with a step that is loud; none is installed."""
    repo = {
        "path": ".",
        "recipe": "autotools",
        "dependencies": ["autoconf", "automake"],
        "users": {"_hello": "/var/empty"},
        "steps": {"install": False, "loud": {"after": "build", "run": LOUD}},
    }
    return {
        "project": OWN_PROJECT,
        "repos": {"hello": repo},
        "variants": {f"v{number}": {} for number in range(JOBS)},
        "jobs": ["hello/debian-13/v*"],
    }


def _row(bench: Bench, number: int) -> str:
    """One of eight machines, which are places of one."""
    return (
        f"m{number}: {{ssh: builder@127.0.0.1, port: {bench.machine.port}, system: debian-13, "
        f"root: sudo, directory: /home/builder/m{number}}}\n"
    )


def _timed(bench: Bench, words: Sequence[str]) -> Timed:
    env = [f"{name}={value}" for name, value in bench.machine.env.items()]
    words = ["env", *env, *words, "--state-dir", str(bench.folder / "state")]
    return timed(words, bench.folder / "ciforge.log")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
