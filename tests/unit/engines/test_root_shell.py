"""The shell of root in a container: a real shell, behind a fake engine that frames what it prints."""

import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from local_execs import LocalExecs

from ciforge.engines.helper_exec import HelperExec
from ciforge.engines.root_shell import RootShell
from ciforge.errors import EngineError

pytestmark = pytest.mark.slow

MOST = 10_000


@pytest.fixture
def engine() -> Iterator[LocalExecs]:
    made = LocalExecs()
    yield made
    for shell in made.shells:
        shell.kill()
        shell.wait()


def started(engine: Any) -> RootShell:
    return RootShell(engine, "container")


def ask(shell: RootShell, script: str) -> bytes | None:
    return shell.ask(["/bin/sh", "-c", script], time.monotonic() + 20, MOST)


def test_root_shell_answers_many_commands_by_one_exec(engine: LocalExecs) -> None:
    shell = started(engine)
    assert ask(shell, "echo one; printf two") == b"one\ntwo"
    assert ask(shell, "exit 0") == b""
    assert ask(shell, "printf '%s\\n' \"it's \\$HOME\" >&2") == b"it's $HOME\n"
    assert (engine.execs, engine.users) == ([["/bin/sh"]], ["root"])


def test_root_shell_gives_no_answer_for_a_command_that_failed(engine: LocalExecs) -> None:
    shell = started(engine)
    assert ask(shell, "echo half; exit 3") is None
    assert ask(shell, "syntax ( error") is None
    assert ask(shell, "echo whole") == b"whole\n"


def test_command_of_a_root_shell_cannot_read_the_next_command(engine: LocalExecs) -> None:
    shell = started(engine)
    assert ask(shell, "cat") == b""
    assert ask(shell, "echo next") == b"next\n"


def test_paused_root_shell_has_ended_and_starts_again_only_after_resume(engine: LocalExecs) -> None:
    shell = started(engine)
    assert ask(shell, "echo one") == b"one\n"
    shell.pause()
    assert engine.shells[0].wait(5) == 0
    assert ask(shell, "echo two") is None
    shell.resume()
    assert ask(shell, "echo three") == b"three\n"
    assert len(engine.shells) == 2


def test_killed_root_shell_gives_no_answer_and_is_not_started_again(engine: LocalExecs) -> None:
    shell = started(engine)
    assert ask(shell, "kill -KILL $PPID") is None
    assert engine.shells[0].wait(5) == -signal.SIGKILL
    shell.resume()
    assert ask(shell, "echo one") is None
    assert len(engine.shells) == 1


def test_root_shell_that_never_answers_is_not_used(
    engine: LocalExecs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ciforge.engines.root_shell._TO_START", 0.3)
    monkeypatch.setattr("ciforge.engines.root_shell._TO_END", 0.3)
    engine.silent = True
    assert ask(started(engine), "echo one") is None


def test_command_of_a_root_shell_has_limits_of_time_and_output(engine: LocalExecs) -> None:
    late = started(engine)
    assert late.ask(["/bin/sh", "-c", "exec sleep 3"], time.monotonic(), MOST) is None
    assert ask(late, "echo one") is None
    with pytest.raises(EngineError, match="too long"):
        ask(started(engine), f"head -c {2 * MOST} /dev/zero; sleep 1")


def test_command_that_a_root_shell_does_not_answer_has_an_exec_of_its_own(
    engine: LocalExecs,
) -> None:
    connection: Any = engine
    helper = HelperExec(connection, "container", 9, started(engine))
    assert helper.output("echo one") == b"one\n"
    assert helper.output("echo two; exit 1") == b"two\n"
    assert engine.execs == [["/bin/sh"], ["/bin/sh", "-c", "echo two; exit 1"]]
