"""The shell of root in a container: a real shell, behind a fake engine that frames what it prints."""

import os
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import attrs
import pytest

from ciforge.engines.helper_exec import HelperExec
from ciforge.engines.root_shell import RootShell
from ciforge.errors import EngineError

pytestmark = pytest.mark.slow

MOST = 10_000


@attrs.define
class Engine:
    """Starts a shell for each exec with a standard input, and runs every other command at once."""

    shells: list["subprocess.Popen[bytes]"] = attrs.field(factory=list)
    execs: list[list[str]] = attrs.field(factory=list)
    silent: bool = False
    """Whether shells never say anything."""

    def client(self) -> Any:
        return self

    quick = client

    def exec_create(
        self, container: str, command: list[str], user: str, *, stdin: bool = False
    ) -> dict[str, Any]:
        assert user == "root"
        self.execs.append(command)
        return {"Id": (command, stdin)}

    def exec_start(self, made: tuple[list[str], bool], *, socket: bool) -> Any:
        command, stdin = made
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        ours, theirs = _pair()
        threading.Thread(target=self._forward, args=(child, theirs), daemon=True).start()
        if stdin:
            self.shells.append(child)
            threading.Thread(target=_feed, args=(child, theirs), daemon=True).start()
        elif child.stdin:
            child.stdin.close()
        return ours

    def exec_inspect(self, made: tuple[list[str], bool]) -> dict[str, Any]:
        return {"Running": False, "ExitCode": 0}

    def _forward(self, child: "subprocess.Popen[bytes]", theirs: socket.socket) -> None:
        assert child.stdout
        while data := os.read(child.stdout.fileno(), 4096):
            if not self.silent:
                theirs.sendall(struct.pack(">BxxxL", 1, len(data)) + data)
        child.wait()
        theirs.shutdown(socket.SHUT_WR)


def _feed(child: "subprocess.Popen[bytes]", theirs: socket.socket) -> None:
    assert child.stdin
    with suppress(BrokenPipeError):  # the shell was killed
        while data := theirs.recv(4096):
            child.stdin.write(data)
            child.stdin.flush()
        child.stdin.close()


def _pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair()


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    for shell in made.shells:
        shell.kill()
        shell.wait()


def started(engine: Any) -> RootShell:
    return RootShell(engine, "container")


def ask(shell: RootShell, script: str) -> bytes | None:
    return shell.ask(["/bin/sh", "-c", script], time.monotonic() + 20, MOST)


def test_root_shell_answers_many_commands_by_one_exec(engine: Engine) -> None:
    shell = started(engine)
    assert ask(shell, "echo one; printf two") == b"one\ntwo"
    assert ask(shell, "exit 0") == b""
    assert ask(shell, "printf '%s\\n' \"it's \\$HOME\" >&2") == b"it's $HOME\n"
    assert engine.execs == [["/bin/sh"]]


def test_root_shell_gives_no_answer_for_a_command_that_failed(engine: Engine) -> None:
    shell = started(engine)
    assert ask(shell, "echo half; exit 3") is None
    assert ask(shell, "syntax ( error") is None
    assert ask(shell, "echo whole") == b"whole\n"


def test_command_of_a_root_shell_cannot_read_the_next_command(engine: Engine) -> None:
    shell = started(engine)
    assert ask(shell, "cat") == b""
    assert ask(shell, "echo next") == b"next\n"


def test_paused_root_shell_has_ended_and_starts_again_only_after_resume(engine: Engine) -> None:
    shell = started(engine)
    assert ask(shell, "echo one") == b"one\n"
    shell.pause()
    assert engine.shells[0].wait(5) == 0
    assert ask(shell, "echo two") is None
    shell.resume()
    assert ask(shell, "echo three") == b"three\n"
    assert len(engine.shells) == 2


def test_killed_root_shell_gives_no_answer_and_is_not_started_again(engine: Engine) -> None:
    shell = started(engine)
    assert ask(shell, "kill -KILL $PPID") is None
    assert engine.shells[0].wait(5) == -signal.SIGKILL
    shell.resume()
    assert ask(shell, "echo one") is None
    assert len(engine.shells) == 1


def test_root_shell_that_never_answers_is_not_used(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ciforge.engines.root_shell._TO_START", 0.3)
    monkeypatch.setattr("ciforge.engines.root_shell._TO_END", 0.3)
    engine.silent = True
    assert ask(started(engine), "echo one") is None


def test_command_of_a_root_shell_has_limits_of_time_and_output(engine: Engine) -> None:
    with pytest.raises(EngineError, match="did not end in time"):
        started(engine).ask(["/bin/sh", "-c", "exec sleep 3"], time.monotonic(), MOST)
    with pytest.raises(EngineError, match="too long"):
        ask(started(engine), f"head -c {2 * MOST} /dev/zero; sleep 1")


def test_command_that_a_root_shell_does_not_answer_has_an_exec_of_its_own(engine: Engine) -> None:
    connection: Any = engine
    helper = HelperExec(connection, "container", 9, started(engine))
    assert helper.output("echo one") == b"one\n"
    assert helper.output("echo two; exit 1") == b"two\n"
    assert engine.execs == [["/bin/sh"], ["/bin/sh", "-c", "echo two; exit 1"]]
