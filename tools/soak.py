#!/usr/bin/env python3
"""Many runs in a row, some of them killed at random: does anything grow?

Runs examples/hello-portable on a Docker daemon of its own (or, with --usual, on the one that
DOCKER_HOST names) and counts, after each round, containers, volumes, the daemon's open files, and
the disk that the engine and the state folder use, without what runs are kept for: their logs.
"""

import argparse
import contextlib
import datetime
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import docker

sys.path.insert(0, str(Path(__file__).resolve().parent))

from faultlib.engine import PrivateEngine, Trouble
from faultlib.project import HELLO, ROOT
from faultlib.trials import load_images, snapshot

_SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
_FIRST_GUESS = 6.0
"""Seconds that a run takes, before one has shown it."""
_SLACK = {"containers": 0, "volumes": 1, "open files": 12, "engine MiB": 40, "state KiB": 64}
"""Bounds of growth after the first round: the ccache of the job, and noise."""


@attrs.frozen(kw_only=True)
class Counted:
    """The counts after a round."""

    run: int
    counts: dict[str, int]


class Soak:
    """The runs, one after the other, in one state folder."""

    def __init__(self, host: str, code: Path, home: Path, chance: random.Random) -> None:
        self._host, self._code, self._home, self._chance = host, code, home, chance
        self.tree = home / "hello"
        self.ends: Counter[str] = Counter()
        self.bad: list[str] = []
        self.seconds: list[float] = []
        shutil.copytree(ROOT / "examples" / "hello-portable", self.tree)

    def run(self, number: int, number_of_signal: signal.Signals | None) -> None:
        """One run, to its end or to the signal at a random moment."""
        began = time.monotonic()
        with self._begun() as process:
            if number_of_signal:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(self._chance.uniform(0.2, 0.95 * self.median()))
                process.send_signal(number_of_signal)
            code = process.wait(600)
        self._judge(number, number_of_signal, code, time.monotonic() - began)

    def median(self) -> float:
        """Seconds that a run takes that is left alone."""
        return sorted(self.seconds)[len(self.seconds) // 2] if self.seconds else _FIRST_GUESS

    def _begun(self) -> "subprocess.Popen[bytes]":
        env = {k: v for k, v in os.environ.items() if not k.startswith(("CIFORGE_", "XDG_"))}
        env |= {"PYTHONPATH": str(self._code), "CIFORGE_STATE": str(self._home / "state")}
        return subprocess.Popen(
            [sys.executable, "-m", "ciforge", "run", HELLO, "--json", "--force"], cwd=self.tree,
            env=env | {"DOCKER_HOST": self._host}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def _judge(self, number: int, sent: signal.Signals | None, code: int, seconds: float) -> None:
        """0 for what was left alone; 130, a death, or 0 where the signal came too late."""
        word = sent.name if sent else "left alone"
        self.ends[f"{word}: exit {code}"] += 1
        if not sent:
            self.seconds.append(seconds)
        if code not in ((0, 130, -sent, 143) if sent else (0,)):
            self.bad.append(f"run {number} ({word}) ended {code}")

    def state_size(self) -> int:
        """KiB in the state folder without the folders of runs, whose logs are meant to stay."""
        files = [path for path in (self._home / "state").rglob("*") if path.is_file()]
        kept = [path for path in files if "runs" not in path.parts or path.name.startswith(".")]
        indexed = [path for path in kept if not path.name.startswith("history.db")]
        return sum(path.stat().st_size for path in indexed) // 1024


def counted(host: str, daemon: int | None, soak: Soak, run: int) -> Counted:
    """Everything that must not grow."""
    client: Any = docker.DockerClient(base_url=host, timeout=120)
    with contextlib.closing(client):
        use = client.df()
    ours = [box for box in use["Containers"] or () if "org.ciforge.box" in (box["Labels"] or {})]
    layers = use["LayersSize"] + sum(one["UsageData"]["Size"] for one in use["Volumes"] or ())
    counts = {
        "containers": len(ours),
        "volumes": len(use["Volumes"] or ()),
        "engine MiB": layers // 1024**2,
        "state KiB": soak.state_size(),
    }
    if daemon:
        counts["open files"] = len(list(Path(f"/proc/{daemon}/fd").iterdir()))
    return Counted(run=run, counts=counts)


def rounds(soak: Soak, runs: int, killed: int, chance: random.Random) -> Iterator[int]:
    """Runs them; a number after each tenth, when no killed run is waiting to be swept."""
    victims = set(chance.sample(range(2, runs), min(killed, max(0, runs - 2))))
    for number in range(1, runs + 1):
        soak.run(number, chance.choice(_SIGNALS) if number in victims else None)
        say(f"run {number}: {dict(soak.ends)}")
        if number not in victims and (number % max(1, runs // 10) == 0 or number in (1, runs)):
            yield number


def say(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)


def growth(counts: Sequence[Counted]) -> list[str]:
    """The counts that are higher at the end than allowed."""
    first, last = counts[0].counts, counts[-1].counts
    return [
        f"{name}: {first[name]}, then {last[name]}"
        for name in first
        if last[name] - first[name] > _SLACK[name]
    ]


def document(
    soak: Soak, counts: Sequence[Counted], wrong: Sequence[str], command: str, of: str
) -> str:
    """docs/proof/soak.md."""
    names = list(counts[0].counts)
    rows = [
        f"| {one.run} | " + " | ".join(str(one.counts[n]) for n in names) + " |" for one in counts
    ]
    ends = "\n".join(f"- {end}: {count} times" for end, count in sorted(soak.ends.items()))
    return "\n".join([
        "# Many runs in a row, some killed at random\n",
        "Written by `tools/soak.py`, which runs examples/hello-portable again and again and kills "
        "some runs at a\nrandom moment. Counted after runs that were left alone: containers of "
        "ciforge, volumes, open files of the daemon,\nwhat images, layers and volumes take, and the "
        "state folder without its runs and their index.\n",
        f"- {datetime.datetime.now(datetime.UTC):%Y-%m-%d}, commit {of}, `{command}`",
        f"- a run that was left alone: {soak.median():.1f} s (median)",
        f"- {'nothing grew' if not wrong else '; '.join(wrong)}\n",
        f"| after run | {' | '.join(names)} |", "|" + "---|" * (len(names) + 1), *rows,
        f"\n## How the runs ended\n\n{ends}\n",
    ])  # fmt: skip


def commit() -> str:
    """The commit, and whether the code differs from it."""
    from faults import commit as of_the_code

    return of_the_code()


def soak_it(host: str, daemon: int | None, code: Path, how: argparse.Namespace) -> int:
    """All of it, on one engine; 0 when nothing grew and every run ended as it should."""
    chance = random.Random(how.seed)  # noqa: S311 (chance, not secrets)
    of = commit()
    with tempfile.TemporaryDirectory(prefix="cif-soak-") as home:
        soak = Soak(host, code, Path(home), chance)
        counts = []
        for number in rounds(soak, how.runs, how.kill, chance):
            counts.append(counted(host, daemon, soak, number))
            say(f"  {counts[-1].counts}")
    wrong = [*soak.bad, *growth(counts)]
    command = f"python tools/soak.py --runs {how.runs} --kill {how.kill} --seed {how.seed}"
    if how.write:
        how.write.write_text(document(soak, counts, wrong, command, of))
    say("\n".join(wrong) or "nothing grew")
    return 1 if wrong else 0


def main() -> int:
    """0 when nothing grew; 1 when something did; 3 without an engine."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--kill", type=int, default=20, help="how many of them are killed")
    parser.add_argument("--seed", default=f"{random.SystemRandom().randrange(16**6):06x}")
    parser.add_argument("--usual", action="store_true", help="on the engine of DOCKER_HOST")
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the table there")
    how = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(130))
    try:
        with snapshot() as code:
            if how.usual:
                host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
                return soak_it(host, None, code, how)
            with PrivateEngine() as engine:
                load_images(engine, code)
                return soak_it(engine.host, engine.pid, code, how)
    except Trouble as error:
        say(f"soak.py: {error}")
        return 3


if __name__ == "__main__":
    sys.exit(main())
