"""What is said of a step that hangs: any POSIX shell lists the processes."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import pytest
from projects import EVERY_SHELL

from ciforge.render.wrapper import PROCESSES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc"),
]

COMMANDS: Mapping[str, Sequence[str]] = {
    "sleeper": ("sleep", "299.25"),
    "reader": ("sh", "-c", "read line\n\n\tcat\x1b # two"),
}


@attrs.frozen
class Listed:
    """The list, and which row is whose."""

    head: list[str]
    rows: Mapping[str, str]


@pytest.fixture(scope="module", params=EVERY_SHELL, ids=" ".join)
def listed(request: pytest.FixtureRequest) -> Listed:
    """What a shell says while the commands run."""
    running = {
        name: subprocess.Popen(command, stdin=subprocess.PIPE) for name, command in COMMANDS.items()
    }
    try:
        done = subprocess.run(
            [*request.param, "-c", PROCESSES], capture_output=True, text=True, timeout=240,
            check=False,
        )  # fmt: skip
    finally:
        for process in running.values():
            process.kill()
            process.communicate()
    head, *rows = done.stdout.splitlines()
    found = {}
    for name, process in running.items():
        (found[name],) = [row for row in rows if row.split()[:1] == [str(process.pid)]]
    return Listed(head.split(), found)


@pytest.mark.slow
def test_process_list_has_a_sleeping_process_with_parent_and_state(listed: Listed) -> None:
    assert listed.head == ["PID", "PARENT", "STATE", "WAITS", "IN", "COMMAND"]
    assert "sleeping" in listed.rows["sleeper"]
    assert listed.rows["sleeper"].endswith("sleep 299.25 ")


def test_process_list_has_one_row_for_a_command_of_several_lines(listed: Listed) -> None:
    assert listed.rows["reader"].endswith("sh -c read line   cat  # two ")
