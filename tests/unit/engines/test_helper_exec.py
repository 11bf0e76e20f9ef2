"""What a command in a box said, where a sentence repeats it."""

import socket
import struct
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from ciforge.engines import helper_exec
from ciforge.engines.helper_exec import HelperExec, last_output_line
from ciforge.errors import EngineError
from tests.tables import each


@each(
    ("output", "said"),
    [
        (b"", ""),
        (b"\n \n", ""),
        (b"one\ntwo\n\n", "two"),
        (b"OCI runtime exec failed: no such file\r\n", "OCI runtime exec failed: no such file"),
        (b"\x1b]0;gotcha\x07\x1b[31mred\0", "]0;gotcha[31mred"),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_last_line_of_a_helper_exec_is_safe_to_print(output: bytes, said: str) -> None:
    assert last_output_line(output) == said


def test_last_line_of_a_helper_exec_is_short() -> None:
    assert len(last_output_line(b"x" * 100_000)) == 300


@attrs.define
class Engine:
    """Runs one command, whose output is what is written to `theirs`."""

    ours: socket.socket
    theirs: socket.socket
    code: int = 0
    still: int = 0
    """How many times it is still running when it is asked for, though its output ended."""

    def client(self) -> Any:
        return self

    quick = client

    def exec_create(self, container: str, command: list[str], user: str) -> dict[str, str]:
        return {"Id": "1"}

    def exec_start(self, made: str, *, socket: bool) -> Any:
        assert socket
        return self.ours

    def exec_inspect(self, made: str) -> dict[str, Any]:
        self.still -= 1
        running = self.still >= 0
        return {"ExitCode": None if running else self.code, "Running": running}

    def says(self, text: bytes) -> None:
        self.theirs.sendall(struct.pack(">BxxxL", 1, len(text)) + text)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(helper_exec, "_SHORT", 0.3)
    monkeypatch.setattr(helper_exec, "_LONG", 0.3)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Engine(ours, theirs)


def errands(engine: Engine) -> HelperExec:
    return HelperExec(engine, "box", 9)  # type: ignore[arg-type]


def test_command_that_goes_on_after_its_output_is_waited_for(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper_exec, "_TICK", 0.001)
    engine.still, engine.code = 3, 5
    engine.theirs.close()
    with pytest.raises(EngineError, match="exit code 5"):
        errands(engine).do(["install"])
    assert engine.still == -1


def test_command_that_never_ends_after_its_output_is_an_error(engine: Engine) -> None:
    engine.still = 10_000
    engine.theirs.close()
    with pytest.raises(EngineError, match="did not end in time"):
        errands(engine).do(["install"])


def test_helper_exec_returns_its_output(engine: Engine) -> None:
    engine.says(b"one\n")
    engine.says(b"two\n")
    engine.theirs.close()
    assert errands(engine).output("script") == b"one\ntwo\n"


def test_helper_exec_that_fails_says_why(engine: Engine) -> None:
    engine.says(b"chown: no such user\n")
    engine.theirs.close()
    engine.code = 1
    with pytest.raises(EngineError, match="chown failed in the container: chown: no such user"):
        errands(engine).do(["chown"])


def test_helper_exec_whose_end_the_engine_misses_is_given_up(engine: Engine) -> None:
    engine.says(b"something\n")
    with pytest.raises(EngineError, match="did not end in time"):
        errands(engine).output("script")
    with pytest.raises(EngineError):
        errands(engine).do(["chown"])


def test_helper_exec_that_prints_without_end_is_stopped(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper_exec, "_MOST", 1000)
    engine.says(b"x" * 2000)
    with pytest.raises(EngineError, match="output of a command in the container is too long"):
        errands(engine).output("script")
