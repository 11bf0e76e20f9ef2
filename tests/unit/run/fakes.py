"""An engine that behaves: it prepares, opens boxes and runs steps as it was told, and counts."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from ciforge.engines.protocol import Image, Machine, MachineSpec, OutputHandler, Stop
from ciforge.model.job import Job, Step
from ciforge.model.promise import Promise

Act = Callable[[OutputHandler, Stop], int]
"""What a step does; its exit code."""


def prints(text: str, code: int = 0) -> Act:
    """A step that prints and ends."""

    def act(hear: OutputHandler, _stop: Stop) -> int:
        hear(text.encode())
        return code

    return act


def raises(error: Exception) -> Act:
    """A step in which something happens."""

    def act(hear: OutputHandler, _stop: Stop) -> int:
        hear(b"begun\n")
        raise error

    return act


@attrs.define
class FakeBox:
    """Runs steps by their names; what is not told passes."""

    acts: Mapping[str, Act]
    files: Mapping[str, bytes]
    id: str = "0123456789abcdef"
    kept: bool = False
    ran: list[str] = attrs.field(factory=list)
    asked: list[tuple[str, ...]] = attrs.field(factory=list)
    answers: str = ""
    plan: MachineSpec | None = None
    lacks: tuple[Promise, ...] = ()

    @property
    def ccache(self) -> str:
        return self.plan.ccache if self.plan else ""

    def put(self, archive: Path, folder: str) -> None:
        """Nothing to unpack."""

    def script(self, files: Mapping[str, str]) -> None:
        """Nothing to write."""

    def run(self, step: Step, user: str, hear: OutputHandler, *, seconds: float, stop: Stop) -> int:
        self.ran.append(step.name)
        return self.acts.get(step.name, prints(f"{step.name}\n"))(hear, stop)

    def read(self, path: str, limit: int) -> bytes | None:
        return self.files.get(path)

    def ask(self, command: Sequence[str], env: Mapping[str, str], seconds: float) -> str:
        self.asked.append(tuple(command))
        return self.answers

    def keep(self) -> None:
        self.kept = True


@attrs.define
class FakeEngine:
    """`troubles` are raised by as many attempts to prepare, one after the other."""

    acts: Mapping[str, Act] = attrs.field(factory=dict)
    files: Mapping[str, bytes] = attrs.field(factory=dict)
    troubles: list[Exception] = attrs.field(factory=list)
    prepared: int = 0
    opened: list[FakeBox] = attrs.field(factory=list)
    left: int = 0
    lock: threading.Lock = attrs.field(factory=threading.Lock)
    caches: str = ""
    """What machines with a cache answer of it."""
    discarded: list[str] = attrs.field(factory=list)

    had_cache: bool = True

    def has_cache(self, volume: str) -> bool:
        return self.had_cache

    def discard_cache(self, volume: str) -> None:
        assert self.left == 0, "a box has it"
        self.discarded.append(volume)

    def platform(self) -> str:
        return "linux/amd64"

    def processors(self) -> int:
        return 2

    def memory(self) -> int:
        return 8 * 1024**3

    def prepare(self, job: Job, hear: OutputHandler, stop: Stop) -> Image:
        self.prepared += 1
        if self.troubles:
            raise self.troubles.pop(0)
        return Image(id="sha256:1", base="base@sha256:2")

    @contextmanager
    def open(self, image: Image, job: Job, plan: MachineSpec) -> Iterator[Machine]:
        box = FakeBox(self.acts, self.files, plan=plan, answers=self.caches if plan.ccache else "")
        with self.lock:
            self.opened.append(box)
            self.left += 1
        try:
            yield box
        finally:
            with self.lock:
                self.left -= 1
