"""Following a step to its end, with an engine of our own behind the stream."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from ciforge.engines import step_exec as module
from ciforge.engines.limits import Usage
from ciforge.engines.protocol import LimitReached, MachineSpec, Stop
from ciforge.engines.step_exec import StepExec
from ciforge.engines.supervisor import LeftoverProcesses
from ciforge.errors import EngineLost

FLOOD = b"flood\n" * 5000
PLAN = MachineSpec(job="a/b/c", run="r", project="p", life=60, memory=512 * 1024**2, processes=100)
NOTHING = LeftoverProcesses(processes=0, exit_code="0", usage=Usage())


@attrs.define
class Engine:
    """Runs one step, which is what `step` writes to its output."""

    step: Callable[["Engine"], None]
    ours: socket.socket
    theirs: socket.socket
    ended: bool = False
    mark: bytes = b""

    def client(self) -> Any:
        return self

    quick = client

    def exec_create(self, container: str, command: list[str], **_: str) -> dict[str, str]:
        self.mark = command[5].encode()
        return {"Id": "1"}

    def exec_start(self, made: str, *, socket: bool) -> Any:
        threading.Thread(target=self.step, args=(self,), daemon=True).start()
        return self.ours

    def exec_inspect(self, made: str) -> dict[str, object]:
        return {"Running": not self.ended, "ExitCode": 0 if self.ended else None}

    def says(self, text: bytes) -> None:
        self.theirs.sendall(struct.pack(">BxxxL", 1, len(text)) + text)


class Quiet:
    """Looks at a box that is there and well."""

    def __init__(self, *_: object) -> None:
        pass

    def begin(self) -> None:
        pass

    def look(self, *, closely: bool = False) -> None:
        pass

    def empty_cache(self) -> None:
        pass


@attrs.define
class Keeper:
    """Finds that a step left this."""

    left: LeftoverProcesses
    usage: Usage = attrs.field(factory=Usage)

    def before(self, step: str, user: str) -> None:
        assert step == "build"

    def after(self, step: str, user: str) -> LeftoverProcesses:
        assert (step, user) == ("build", "builder")
        return self.left


@pytest.fixture
def follow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple[int, bytes]]]:
    monkeypatch.setattr(module, "Monitor", Quiet)
    ours, theirs = socket.socketpair()
    # So small that whoever is not listened to has to wait.
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)

    def run(step: Callable[[Engine], None], left: LeftoverProcesses = NOTHING) -> tuple[int, bytes]:
        heard: list[bytes] = []
        engine: Any = Engine(step=step, ours=ours, theirs=theirs)
        keeper: Any = Keeper(left)
        box = StepExec(engine, "c", PLAN, keeper)
        code = box.run("build", "builder", heard.append, seconds=60, stop=Stop())
        return code, b"".join(heard)

    yield run
    theirs.close()
    ours.close()


def test_step_output_has_neither_end_mark_nor_report(
    follow: Callable[..., tuple[int, bytes]],
) -> None:
    def step(engine: Engine) -> None:
        passes(engine)

    assert follow(step) == (0, b"one\n")


def passes(engine: Engine) -> None:
    """A step that says something and ends 0."""
    engine.says(b"one\n" + engine.mark + b"=0" + engine.mark)
    engine.ended = True
    engine.theirs.shutdown(socket.SHUT_WR)


def test_processes_left_by_a_step_are_named_in_the_log(
    follow: Callable[..., tuple[int, bytes]],
) -> None:
    code, heard = follow(passes, attrs.evolve(NOTHING, processes=2))
    assert code == 0
    assert heard.decode().splitlines() == [
        "one", "--- ciforge: processes that build left running: 2; they were ended ---",
    ]  # fmt: skip


def test_step_that_ends_0_after_a_memory_kill_has_failed(
    follow: Callable[..., tuple[int, bytes]],
) -> None:
    used = Usage(killed=1, memory_hits=3)
    with pytest.raises(LimitReached, match="used up its memory"):
        follow(passes, attrs.evolve(NOTHING, usage=used))


def mute(engine: Engine) -> None:
    """A step whose wrapper does not come to name its exit code."""
    engine.says(b"one\n" + engine.mark)
    engine.ended = True
    engine.theirs.shutdown(socket.SHUT_WR)


def test_exit_code_missing_in_the_output_is_read_from_the_record(
    follow: Callable[..., tuple[int, bytes]],
) -> None:
    assert follow(mute) == (0, b"one\n")


def test_output_that_a_busy_engine_sends_after_the_end_of_a_step_is_read(
    follow: Callable[..., tuple[int, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ASK", 0.1)

    def step(engine: Engine) -> None:
        engine.says(b"one\n")
        engine.ended = True
        time.sleep(1.0)
        engine.says(b"two\n" + engine.mark + b"=0" + engine.mark)

    assert follow(step) == (0, b"one\ntwo\n")


def test_end_of_a_step_that_a_busy_engine_notices_late_is_waited_for(
    follow: Callable[..., tuple[int, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at a step that has ended takes this engine a second."""
    began, looks = time.monotonic(), []

    def look(engine: Engine, made: str) -> dict[str, object]:
        looks.append(made)
        ended = len(looks) > 30
        return {"Running": not ended, "ExitCode": 0 if ended else None}

    monkeypatch.setattr(Engine, "exec_inspect", look)
    monkeypatch.setattr(module, "_empty", lambda *_: None)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: began + len(looks)))
    assert follow(passes) == (0, b"one\n")


def test_exit_code_that_differs_from_the_record_is_not_certain(
    follow: Callable[..., tuple[int, bytes]],
) -> None:
    with pytest.raises(EngineLost, match="its own record says '7'"):
        follow(mute, attrs.evolve(NOTHING, exit_code="7"))


def test_child_that_floods_the_output_does_not_delay_the_end_of_a_step(
    follow: Callable[..., tuple[int, bytes]],
) -> None:
    """The wrapper has its mark out, and cannot report before somebody takes what they say."""

    def step(engine: Engine) -> None:
        engine.says(b"one\n" + engine.mark)
        for _ in range(40):
            engine.says(FLOOD)
        engine.ended = True
        while True:
            try:
                engine.says(FLOOD)
            except OSError:
                return

    code, heard = follow(step)
    assert code == 0
    assert heard.startswith(b"one\n")
    assert len(heard) < 40 * len(FLOOD)
