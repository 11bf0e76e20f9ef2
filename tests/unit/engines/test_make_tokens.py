"""How many processes each make of a run may have, and the pipe from which it takes them."""

import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import EVERY_SHELL

from ciforge.engines import step_tokens
from ciforge.engines.make_tokens import MakeTokens
from ciforge.engines.step_tokens import StepTokens
from ciforge.errors import EngineError
from ciforge.run.allocation import GIB
from tests.tables import each

SHARE = 4 * GIB


@each(
    ("processors", "serial", "making", "expected"),
    [
        (2, 0, 1, 2),  # alone: both processors
        (2, 1, 1, 2),  # beside configure
        (2, 3, 1, 1),
        (2, 0, 2, 2),
        (2, 0, 4, 1),
        (8, 2, 1, 8),
        (8, 0, 3, 4),
        (8, 7, 1, 5),
        (1, 1, 1, 1),
    ],
)
def test_make_gets_the_processors_that_serial_machines_leave_over(
    processors: int, serial: int, making: int, expected: int
) -> None:
    tokens = MakeTokens(lambda: processors)
    with ExitStack() as machines:
        for _ in range(serial + making):
            machines.enter_context(tokens.machine())
        for number in range(making):
            machines.enter_context(tokens.making(str(number), SHARE))
        assert tokens.take("0") == expected
        assert tokens.take("0") == 0, "it was given them already"


def test_make_gets_what_a_machine_had_that_ended() -> None:
    tokens = MakeTokens(lambda: 8)
    with tokens.machine(), tokens.making("stays", SHARE):
        with tokens.machine(), tokens.making("ends", SHARE):
            assert (tokens.take("stays"), tokens.take("ends")) == (6, 6)
            assert tokens.take("stays") == 0
        assert tokens.take("stays") == 2


def test_make_has_no_more_processes_than_its_memory_is_enough_for() -> None:
    tokens = MakeTokens(lambda: 64)
    with tokens.machine(), tokens.making("small", GIB), tokens.machine():
        assert tokens.take("small") == 4


@given(
    processors=st.integers(1, 64),
    steps=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=40),
)
def test_make_has_at_least_one_process_and_never_more_than_processors(
    processors: int, steps: list[tuple[int, bool]]
) -> None:
    tokens = MakeTokens(lambda: processors)
    running: dict[int, tuple[ExitStack, int]] = {}
    for number, begins in steps:
        if begins and number not in running:
            stack = ExitStack()
            stack.enter_context(tokens.machine())
            stack.enter_context(tokens.making(str(number), SHARE * 16))
            running[number] = (stack, 0)
        elif not begins and number in running:
            running.pop(number)[0].close()
        for other, (stack, given_before) in running.items():
            running[other] = (stack, given_before + tokens.take(str(other)))
            assert 1 <= running[other][1] <= processors
    for stack, _ in running.values():
        stack.close()


class LocalHelper:
    """Runs commands here instead of in a container."""

    def __init__(self) -> None:
        self.told = 0

    def tell(self, command: list[str], user: str) -> None:
        assert user == "ciforge"
        self.told += 1
        try:
            subprocess.run(command, check=False, timeout=2)
        except subprocess.TimeoutExpired:
            raise EngineError("it did not end in time") from None


@pytest.fixture
def tokens_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A step with tokens, whose pipe is in the folder of the test, and what counts them."""
    monkeypatch.setattr(step_tokens, "pipe", lambda user: str(tmp_path / f"tokens-{user}"))
    monkeypatch.setattr(step_tokens, "_PAUSE", 0.0)
    helper, count = LocalHelper(), MakeTokens(lambda: 4)
    return StepTokens(count, helper, "here", "ciforge", SHARE), count, helper


def begun(
    step: StepTokens, tmp_path: Path, script: str, shell: tuple[str, ...] = ("/bin/sh",)
) -> "subprocess.Popen[str]":
    """A shell that runs the script as the wrapper of a step would be run."""
    (tmp_path / "step").write_text(script)
    _, *command = step.wrapped(f". {tmp_path}/step", ["build", "mark"])
    return subprocess.Popen([*shell, *command], stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_pipe_of_a_step_has_its_tokens_and_is_open_in_no_process_of_the_step(
    tokens_of: Any, tmp_path: Path, shell: tuple[str, ...]
) -> None:
    step, count, _ = tokens_of
    script = (
        'echo "$1 $2"\nls -l /proc/self/fd | grep -c tokens || :\n'
        'dd if="$CIFORGE_MAKE_TOKENS" bs=100 count=1 2>/dev/null\n'
    )
    with count.machine(), step.given():
        process = begun(step, tmp_path, script, shell)
        assert process.communicate(timeout=10)[0] == "build mark\n0\n+++"
    assert process.returncode == 0


@pytest.mark.slow
def test_tokens_are_added_while_the_step_runs(tokens_of: Any, tmp_path: Path) -> None:
    step, count, helper = tokens_of
    with ExitStack() as others, count.machine(), step.given():
        for _ in range(5):
            others.enter_context(count.machine())
        go = tmp_path / "go"
        script = f'touch {tmp_path}/runs; until [ -e {go} ]; do sleep 0.05; done\ndd if="$CIFORGE_MAKE_TOKENS" bs=100 count=1 2>/dev/null\n'
        shell = begun(step, tmp_path, script)
        others.close()
        while not (tmp_path / "runs").exists():
            time.sleep(0.01)
        step.look()
        step.look()
        go.touch()
        assert (shell.communicate(timeout=10)[0], helper.told) == ("+++", 1)


@pytest.mark.slow
@pytest.mark.parametrize("hostile", ["ln -s ../etc-passwd $p", "mkdir $p", ":", "mkfifo $p"])
def test_step_that_replaces_its_pipe_gains_nothing_by_it(
    tokens_of: Any, tmp_path: Path, hostile: str
) -> None:
    step, count, _ = tokens_of
    victim = tmp_path.parent / "etc-passwd"
    victim.write_text("unchanged")
    with ExitStack() as others, count.machine(), step.given():
        others.enter_context(count.machine())
        shell = begun(step, tmp_path, f"p=$CIFORGE_MAKE_TOKENS; rm $p; {hostile}")
        assert shell.wait(timeout=10) == 0
        others.close()
        step.look()
    assert victim.read_text() == "unchanged"


@pytest.mark.slow
def test_pipe_that_is_full_delays_nothing_for_long(tokens_of: Any, tmp_path: Path) -> None:
    step, count, helper = tokens_of
    with ExitStack() as others, count.machine(), step.given():
        for _ in range(5):
            others.enter_context(count.machine())
        script = 'exec 7<>"$CIFORGE_MAKE_TOKENS"\nhead -c 65533 /dev/zero >&7\necho full\nexec sleep 60\n'
        shell = begun(step, tmp_path, script)
        assert shell.stdout
        assert shell.stdout.readline() == "full\n"
        others.close()
        began = time.monotonic()
        step.look()
        shell.kill()
        shell.communicate()
    assert (helper.told, time.monotonic() - began < 10) == (1, True)
