"""Following a step to its end, with an engine of our own behind the stream."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from ciforge.engines import exec as module
from ciforge.engines.base import Stop
from ciforge.engines.ending import NOW
from ciforge.engines.exec import Exec

USAGE = f"0\n{NOW}\ndisk 1 / 2\n".encode()
FLOOD = b"flood\n" * 5000


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
        self.mark = command[3].encode()
        return {"Id": "1"}

    def exec_start(self, made: str, *, socket: bool) -> Any:
        threading.Thread(target=self.step, args=(self,), daemon=True).start()
        return self.ours

    def exec_inspect(self, made: str) -> dict[str, object]:
        return {"Running": not self.ended, "ExitCode": 0 if self.ended else None}

    def says(self, text: bytes) -> None:
        self.theirs.sendall(struct.pack(">BxxxL", 1, len(text)) + text)


class Quiet:
    """A box that uses nothing up, and answers what is asked of it."""

    def __init__(self, *_: object) -> None:
        pass

    def begin(self) -> None:
        pass

    def look(self) -> None:
        pass

    def output(self, command: str) -> bytes:
        return USAGE


@pytest.fixture
def follow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple[int, bytes]]]:
    monkeypatch.setattr(module, "Watch", Quiet)
    monkeypatch.setattr(module, "Errands", Quiet)
    ours, theirs = socket.socketpair()
    # So small that whoever is not listened to has to wait.
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)

    def run(step: Callable[[Engine], None]) -> tuple[int, bytes]:
        heard: list[bytes] = []
        plan: Any = SimpleNamespace(processes=100)
        engine: Any = Engine(step=step, ours=ours, theirs=theirs)
        box = Exec(engine, "c", plan, lambda path, size: b"0\n")
        code = box.run("build", "builder", heard.append, seconds=60, stop=Stop())
        return code, b"".join(heard)

    yield run
    theirs.close()
    ours.close()


def test_the_output_is_handed_on_without_mark_and_report(
    follow: Callable[..., tuple[int, bytes]],
) -> None:
    def step(engine: Engine) -> None:
        engine.says(b"one\n" + engine.mark + USAGE.rstrip(b"\n") + engine.mark)
        engine.ended = True
        engine.theirs.shutdown(socket.SHUT_WR)

    assert follow(step) == (0, b"one\n")


def test_children_that_flood_the_output_keep_no_step_from_its_end(
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
