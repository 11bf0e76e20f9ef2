"""Runs `ciforge` as a child process for `ciforge watch`: its memory ends with it, and it can be killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import attrs

from ciforge.app.session import detach_terminal, print_progress
from ciforge.private import shared_umask
from ciforge.run.exit_status import INTERRUPTED

PROGRAM = (sys.executable, "-P", "-m", "ciforge")
SECRETS = (
    "GITHUB_TOKEN", "GH_TOKEN", "CIFORGE_GITHUB_TOKEN_FILE", "FORGEJO_TOKEN", "SRHT_TOKEN", "CIFORGE_MAIL",
    "CIFORGE_MAIL_PASSWORD", "CIFORGE_MAIL_PASSWORD_FILE", "CIFORGE_MAIL_PASSWORD_COMMAND",
)  # fmt: skip
"""Variables that no command about a pull request has: tokens, and how mail is sent."""


@attrs.frozen(kw_only=True)
class ChildEnd:
    """A child process that ended."""

    code: int
    """The exit status, or the negative number of the signal that killed it."""
    seconds: float


@attrs.define
class Stopper:
    """Whether a signal asked to stop; wakes the sleeper, and passes the signal on to the child."""

    event: threading.Event = attrs.field(factory=threading.Event)
    signal: int = 0
    child: "subprocess.Popen[bytes] | None" = None

    @property
    def asked(self) -> bool:
        return self.event.is_set()

    def exit_code(self, code: int) -> int:
        """The exit status of a command that this may have stopped: 130 after Ctrl-C, 0 after the others."""
        if not self.asked:
            return code
        return INTERRUPTED if self.signal == signal.SIGINT else 0

    def ask(self, number: int, _frame: object) -> None:
        """Handles a signal; a second one reaches the child, too, which then ends at once."""
        detach_terminal()
        if not self.asked:
            print_progress("stopping when the build has ended, which is told to stop now")
        self.signal = self.signal or number
        self.event.set()
        if self.child and self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)


@contextmanager
def stopper() -> Iterator[Stopper]:
    """A Stopper for SIGINT, SIGTERM and SIGHUP, those that are ignored excepted."""
    stop = Stopper()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handled = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop.ask) for number in handled}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_child(
    arguments: Sequence[str],
    stop: Stopper,
    lock: int,
    *,
    trusted: bool,
    program: Sequence[str] = PROGRAM,
) -> ChildEnd:
    """Runs `ciforge WORDS` to its end, in a session of its own and away from any checkout.

    Its output goes to standard error. It holds the lock until it ends, also if this process is killed.
    """
    began = time.monotonic()
    process = subprocess.Popen(
        [*program, *arguments], cwd="/", env=_environment(trusted=trusted), stdin=subprocess.DEVNULL,
        stdout=2, start_new_session=True, pass_fds=(lock,), umask=shared_umask(),
    )  # fmt: skip
    stop.child = process
    if stop.asked:  # the signal may have come before the child was known
        process.send_signal(signal.SIGTERM)
    try:
        code = process.wait()
    finally:
        stop.child = None
    return ChildEnd(code=code, seconds=time.monotonic() - began)


def _environment(*, trusted: bool) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if trusted or name not in SECRETS}
