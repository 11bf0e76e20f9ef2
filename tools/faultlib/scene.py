"""One real run of ciforge as a process of its own, watched by its events, with a fault in it."""

import contextlib
import datetime
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from faultlib.engine import PrivateEngine
from faultlib.proxy import Proxy

PATIENCE = 240
"""Seconds after which a run counts as hanging."""
MARK = "CIFORGE_FAULT"
"""In the environment of everything that a run starts."""
Event = dict[str, Any]


class Hanging(Exception):
    """A run, or something in it, did not come to its end."""


class Running:
    """`ciforge run --json` as it goes on."""

    def __init__(self, here: Path, env: Mapping[str, str], words: tuple[str, ...]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ciforge", "run", "--json", "--force", *words], cwd=here, env=dict(env),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        self.events: list[Event] = []
        self.raw = 0
        self.escapes = 0
        self.said = ""
        self._news = threading.Condition()
        self._deaf = False
        self.peak = 0
        acts = (self._out, self._err, self._measure)
        self._threads = [threading.Thread(target=each, daemon=True) for each in acts]
        for thread in self._threads:
            thread.start()

    def _out(self) -> None:
        pipe: IO[bytes] = self.process.stdout  # type: ignore[assignment]
        for line in pipe:
            self.raw += len(line)
            self.escapes += line.count(b"\x1b") + line.count(b"\x07")
            event = json.loads(line)
            with self._news:
                if event["event"] != "line" or len(self.events) < 5000:
                    self.events.append(event)
                self._news.notify_all()
            if self._deaf:
                break
        pipe.close()

    def _err(self) -> None:
        pipe: IO[bytes] = self.process.stderr  # type: ignore[assignment]
        for line in pipe:
            self.escapes += line.count(b"\x1b")
            self.said = (self.said + line.decode(errors="replace"))[-20000:]

    def go_deaf(self) -> None:
        """Nobody reads its standard output any more."""
        self._deaf = True

    def wait_for(self, event: str, seconds: float = 180, **fields: object) -> Event | None:
        """The first event of that kind; None where the run ends before it comes."""
        until = time.monotonic() + seconds
        with self._news:
            while True:
                for one in self.events:
                    if one["event"] == event and all(one.get(k) == v for k, v in fields.items()):
                        return one
                if self.process.poll() is not None:
                    return None
                if time.monotonic() > until:
                    raise Hanging(f"no {event} {fields or ''} within {seconds:.0f} s")
                self._news.wait(0.2)

    def wait(self, seconds: float = PATIENCE) -> int:
        """Its exit code; the negative number of a signal."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.end()
            raise Hanging(f"ciforge did not end within {seconds:.0f} s") from None
        for thread in self._threads:
            thread.join(5)
        return code

    def end(self) -> None:
        """Kills it, whatever state it is in."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)

    @property
    def run_id(self) -> str:
        """Empty until it has begun."""
        return next((str(one["run"]) for one in self.events), "")

    def _measure(self) -> None:
        """The most bytes that it ever had in memory, as the kernel counts."""
        status = Path(f"/proc/{self.process.pid}/status")
        with contextlib.suppress(OSError, StopIteration):
            while self.process.poll() is None:
                text = status.read_text()
                self.peak = next(
                    int(x.split()[1]) * 1024 for x in text.splitlines() if "VmHWM" in x
                )
                time.sleep(0.2)


class Scene:
    """The things that a fault may touch: the engine, a proxy before it, the run, its folders, and chance."""

    def __init__(self, engine: PrivateEngine, chance: random.Random, code: Path) -> None:
        self.engine, self.chance, self.code = engine, chance, code
        self.home = engine.home / f"scene-{chance.randrange(16**8):08x}"
        self.project = self.home / "project"
        self.state = self.home / "state"
        self.temp = self.home / "tmp"
        for folder in (self.project, self.state, self.temp):
            folder.mkdir(parents=True)
        self.proxy: Proxy | None = None
        self.words: tuple[str, ...] = ()
        self.notes: list[str] = []
        self.struck = ""
        """Returns when the fault was made, as events write times."""
        self.running: Running | None = None
        self.others: list[Running] = []

    @property
    def run(self) -> Running:
        """The run that is to be hurt."""
        assert self.running is not None
        return self.running

    def env(self) -> dict[str, str]:
        """The environment of a run: the code as it was when all began, the private engine."""
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("CIFORGE_", "XDG_", "PYTHON"))
        }
        return kept | {
            "PYTHONPATH": str(self.code), "DOCKER_HOST": (self.proxy or self.engine).host,
            "CIFORGE_STATE": str(self.state), "TMPDIR": str(self.temp), MARK: self.home.name,
            "HOME": str(self.home), "CIFORGE_BASE_DROWSY_13": self.engine.base,
        }  # fmt: skip

    def through_proxy(self) -> Proxy:
        """Puts a proxy between ciforge and the engine, before the run begins."""
        self.proxy = Proxy(self.home / "proxy.sock", self.engine.socket, self.chance)
        return self.proxy

    def begin(self, *words: str) -> Running:
        """Starts a run; the first one is the one that is hurt."""
        run = Running(self.project, self.env(), (*self.words, *words))
        if self.running is None:
            self.running = run
        else:
            self.others.append(run)
        return run

    def somewhere(self, *steps: str, most: float = 1.7) -> bool:
        """Waits for a random moment in one of these steps; False where the run ended before."""
        step, delay = self.chance.choice(steps), self.chance.uniform(0, most)
        self.notes.append(f"{step}+{delay:.2f}s")
        found = self.run.wait_for("step_started", step=step)
        time.sleep(delay)
        self.strike()
        return found is not None

    def strike(self) -> None:
        """Now, at the latest, something happens."""
        self.struck = datetime.datetime.now(datetime.UTC).isoformat()

    @property
    def late(self) -> bool:
        """Whether the last step had ended already, so that the fault found nothing to hurt."""
        ends = [one["time"] for one in self.run.events if one["event"] == "step_ended"]
        passed = any(one.get("status") == "passed" for one in self.run.events)
        return passed and bool(ends) and bool(self.struck) and max(ends) <= self.struck

    def pause(self, most: float, least: float = 0.0) -> None:
        """A random while."""
        delay = self.chance.uniform(least, most)
        self.notes.append(f"{delay:.2f}s")
        time.sleep(delay)
        self.struck = self.struck or datetime.datetime.now(datetime.UTC).isoformat()

    def box(self) -> Any:
        """The box of the run, as the engine's own client has it."""
        with self.engine.client() as client:
            label = f"org.ciforge.run={self.run.run_id}"
            found = client.containers.list(all=True, filters={"label": label})
        if not found:
            raise LookupError("the box is gone already")
        return found[0]

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return next(self.state.glob(f"*/runs/{self.run.run_id or '-'}"), self.home / "none")

    @property
    def result(self) -> dict[str, Any]:
        """The one `result.json`; empty where there is none."""
        files = list(self.folder.glob("*/result.json"))
        return dict(json.loads(files[0].read_text())) if files else {}

    @property
    def log(self) -> str:
        """The one `log.txt`."""
        files = list(self.folder.glob("*/log.txt"))
        return files[0].read_text(errors="replace") if files else ""

    def close(self) -> None:
        """Ends what the scene began and removes its folders."""
        for run in filter(None, [self.running, *self.others]):
            run.end()
        if self.proxy:
            self.proxy.close()
        shutil.rmtree(self.home, ignore_errors=True)


@contextlib.contextmanager
def scene(engine: PrivateEngine, chance: random.Random, code: Path) -> Iterator[Scene]:
    """A scene of its own for one trial, gone when the block ends."""
    made = Scene(engine, chance, code)
    try:
        yield made
    finally:
        made.close()


Act = Callable[[Scene], None]
