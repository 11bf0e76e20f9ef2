"""What commands that open boxes share."""

import atexit
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ciforge.app import session
from ciforge.app.session import SIGNALS, kept_machine, stopping


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """This process goes on, whoever was asked to end in it."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    atexit.unregister(session._ignore_signals)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_requests_a_stop_and_is_named(number: signal.Signals) -> None:
    with stopping() as stop:
        os.kill(os.getpid(), number)
        assert stop.asked
        assert stop.reason == f"interrupted by {number.name}"


def test_signal_ignored_by_nohup_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stopping() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop.asked
    finally:
        signal.signal(signal.SIGHUP, before)


_AFTER = "os.kill(os.getpid(), {second})"
_IN_THE_END = """
class Late:
    def __del__(self, kill=os.kill, me=os.getpid()):
        kill(me, {second})
sys.late = Late()
sys.exit(130)
"""
_TWICE = """
import os, signal, sys
from ciforge.app.session import stopping
with stopping():
    os.kill(os.getpid(), {first})
"""


@pytest.mark.slow
@pytest.mark.parametrize("later", [_AFTER, _IN_THE_END])
@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_second_signal_at_the_end_changes_no_exit_code(second: signal.Signals, later: str) -> None:
    text = (_TWICE + later).format(first=int(signal.SIGINT), second=int(second))
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, check=False)
    assert done.returncode == 130, done.stderr


def test_session_restores_the_signal_handlers() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with stopping():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before


class Kept:
    """An engine with boxes of two runs, the newest first."""

    def kept(self, project: str, job: str) -> list[tuple[str, str, float]]:
        assert (project, job) == ("mine", "daemon/debian-13/default")
        return [("b2", "theirs", 2.0), ("b1", "ours", 1.0), ("b0", "", 0.0)]


@pytest.mark.parametrize(("runs", "box"), [(["ours"], "b1"), (["ours", "theirs"], "b2"), ([], "")])
def test_shell_enters_only_containers_of_known_runs(
    runs: list[str], box: str, tmp_path: Path
) -> None:
    for run in runs:
        (tmp_path / "runs" / run).mkdir(parents=True)
    found = kept_machine(Kept(), "mine", "daemon/debian-13/default", tmp_path)
    assert (found[0] if found else "") == box
