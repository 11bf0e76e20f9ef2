"""What is said of a step that hangs: any POSIX shell lists the processes."""

import subprocess
from pathlib import Path

import pytest
from projects import SHELLS

from ciforge.render.wrapper import PROCESSES

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc")


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_sleeping_process_is_named_with_its_parent_and_state(shell: tuple[str, ...]) -> None:
    with subprocess.Popen(["sleep", "299.25"]) as sleeper:
        try:
            done = subprocess.run(
                [*shell, "-c", PROCESSES], capture_output=True, text=True, timeout=240, check=False
            )
        finally:
            sleeper.kill()
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["PID", "PARENT", "STATE", "WAITS", "IN", "COMMAND"]
    (row,) = [row for row in rows if row.split()[:1] == [str(sleeper.pid)]]
    assert "sleeping" in row
    assert row.endswith("sleep 299.25 ")


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_command_of_several_lines_is_one_row(shell: tuple[str, ...]) -> None:
    command = ["sh", "-c", "read line\n\n\tcat\x1b # two"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as reader:
        try:
            done = subprocess.run(
                [*shell, "-c", PROCESSES], capture_output=True, text=True, timeout=240, check=False
            )
        finally:
            reader.kill()
    (row,) = [row for row in done.stdout.splitlines() if row.split()[:1] == [str(reader.pid)]]
    assert row.endswith("sh -c read line   cat  # two ")
