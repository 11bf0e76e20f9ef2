"""What commands that open boxes share."""

import os
import signal

import pytest

from ciforge.commands.running import stopping


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_asks_to_stop_and_says_which(number: signal.Signals) -> None:
    with stopping() as stop:
        os.kill(os.getpid(), number)
        assert stop.asked
        assert stop.reason == f"interrupted by {number.name}"


def test_what_nohup_has_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stopping() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop.asked
    finally:
        signal.signal(signal.SIGHUP, before)
