"""What is known of a step's leftovers when the engine cuts the output of the script that asks."""

from typing import Any

import pytest

from ciforge.engines.supervisor import Supervisor
from ciforge.errors import EngineLost
from ciforge.render.wrapper import SUPERVISE
from tests.tables import each

WHOLE = b"left 2\nexit 0\ndisk /dev/x 100 10 90 10% /\n"


class Engine:
    """Answers the script with these outputs, one after the other."""

    def __init__(self, *outputs: bytes) -> None:
        self.outputs = list(outputs)

    def output(self, script: str, *, patient: bool = False) -> bytes:
        return self.outputs.pop(0)


def supervisor(*outputs: bytes) -> Supervisor:
    connection: Any = None
    made = Supervisor(connection, "container", 100, {"/ciforge/bin/supervise": SUPERVISE})
    made._helper = Engine(*outputs)  # type: ignore[assignment]
    return made


@pytest.mark.parametrize("cut", [b"", b"left 2\n", b"disk /dev/x 100 10 90 10% /\n"])
def test_supervisor_asks_again_if_its_output_was_cut(cut: bytes) -> None:
    left = supervisor(cut, WHOLE).after("build", "ciforge")
    assert (left.processes, left.exit_code) == (2, "0")


def test_supervisor_loses_the_engine_if_its_output_is_cut_twice() -> None:
    with pytest.raises(EngineLost, match="which processes build left running"):
        supervisor(b"", b"left 2\n").after("build", "ciforge")


def test_supervisor_asks_once_if_its_output_is_whole() -> None:
    assert supervisor(WHOLE).after("build", "ciforge").processes == 2


@each(
    ("rest", "manifest"),
    [
        (b"", None),
        (b"manifest 0\n", b""),
        (b"manifest 12\nfile 755 /a\n", b"file 755 /a\n"),
        (b"manifest 13\nfile 755 /a\n", None),
        (b"manifest 26\nfile 755 /a\nexit 7\nleft 9\n", b"file 755 /a\nexit 7\nleft 9\n"),
    ],
)
def test_install_manifest_comes_whole_or_has_to_be_read(
    rest: bytes, manifest: bytes | None
) -> None:
    left = supervisor(WHOLE + rest).after("install", "root")
    assert left.manifest == manifest
    assert (left.processes, left.exit_code) == (2, "0")


def test_process_that_asks_is_none_of_the_container() -> None:
    made = supervisor(b"asker 12\npid 7\npid 12\n", b"", WHOLE)
    made.before("build", "ciforge")
    assert made._own == ("7",)
