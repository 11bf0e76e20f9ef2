"""One step on a machine that is no container: followed until its end is certain."""

import os
import re
import secrets
import select
import shlex
import time
from collections import deque
from collections.abc import Mapping

from ciforge.engines.host_lease import HostLease
from ciforge.engines.host_transport import CONNECTION, Process, end, exit_code
from ciforge.engines.output_line import last_output_line
from ciforge.engines.protocol import (
    EngineExhausted,
    OutOfTime,
    OutputHandler,
    Stop,
    Stopped,
)
from ciforge.engines.step_trailer import StepTrailer
from ciforge.errors import EngineError, EngineLost
from ciforge.model.log_marks import limit_mark, mark
from ciforge.model.result import Limit

_TICK = 0.25
"""Seconds between two looks at the clock while a step is silent."""
_GRACE = 10.0
"""Seconds that a step has to end after SIGTERM."""
_CLOSING = 60.0
"""Seconds that its connection has to end after its processes."""
_AFTER = 900.0
"""Seconds for what follows a step: ending its processes, listing what was installed."""
_LINE = re.compile(r"^(left|alive|exit|disk|nothing)\b ?(.*)$", re.MULTILINE)
"""A line of what the machine says after a step."""
_FOR_REPORT = 20
"""Ticks in which the report has to follow on its mark."""
_MOST = 65536
_FULL = 16 * 1024
"""KiB left on a disk that counts as full."""
_NEARLY_FULL = 1024 * 1024
"""The same, if the step reported a full disk."""
_COMPLAINT = b"No space left on device"


class HostStep:
    """Follows one step. `place` is the folder that DESTDIR names at the install, or empty."""

    def __init__(self, lease: HostLease, place: str) -> None:
        self._lease = lease
        self._place = place
        self._mark = f"\x1eciforge:{secrets.token_hex(8)}\x1e"
        self._trailer = StepTrailer(self._mark.encode())
        self._last: deque[bytes] = deque(maxlen=4)
        self._on_output: OutputHandler = lambda _: None
        self.installed = True
        """False after an install that left no file."""

    def run(
        self,
        name: str,
        account: str,
        by: str,
        env: Mapping[str, str],
        on_output: OutputHandler,
        *,
        seconds: float,
        stop: Stop,
    ) -> int:
        """Runs the step by the wrapper, after the words `by`, as `account`; its exit code, which is certain.

        Raises EngineLost, EngineExhausted, OutOfTime, Stopped, after the step's processes have ended.
        """
        self._on_output = on_output
        after = self._lease.command("after", name, account, self._place)
        process = self._lease.transport.start(self._command(name, by, env, after))
        try:
            self._follow(process, seconds=seconds, stop=stop)
            answer = b""
            if not self._trailer.over:
                answer = self._lease.transport.do(f"ending {name}", after, seconds=_AFTER)
            code, err = self._ended(process)
            left = self._left(name, answer or err)
        except (OutOfTime, Stopped) as error:
            if isinstance(error, OutOfTime):
                self._explain(name)
            self._end(process)
            raise
        finally:
            self._take(self._trailer.flush())
            end(process)
        return self._agreed(name, code, left)

    def _command(self, name: str, by: str, env: Mapping[str, str], after: str) -> str:
        """The group of the step is recorded; the shell around it prints the mark and the exit code.

        What `after` prints comes on standard error, which the step does not have.
        """
        folder = self._lease.folder
        exports = [f"{key}={value}" for key, value in env.items()]
        step = shlex.join(
            [
                "env",
                f"CIFORGE_TOKEN={self._lease.token}",
                *exports,
                "/bin/sh",
                f"{folder}/bin/step",
                name,
            ]
        )
        inner = f"{by} {step}" if by else step
        report = f"printf '%s=%s%s' {shlex.quote(self._mark)} \"$code\" {shlex.quote(self._mark)}"
        return (
            f"exec 3>&2 2>&1; umask 022; trap : HUP INT TERM; echo $$ >>{folder}/groups || exit 125; cd {folder}/src || exit 125\n"
            f"{inner} </dev/null 3>&-; code=$?; {report}; ({after}) </dev/null >&3 2>&3; exit $code"
        )

    def _take(self, data: bytes) -> None:
        if data:
            self._last.append(data[-4096:])
            self._on_output(data)

    def _follow(self, process: Process, *, seconds: float, stop: Stop) -> None:
        """Passes output on until the report comes, or the stream ends."""
        began = heard = time.monotonic()
        silent = 0
        while not self._trailer.over:
            data = _read(process, _TICK)
            if data is None:
                return
            self._take(self._trailer.feed(data))
            stop.check()
            now = time.monotonic()
            heard = now if data else heard
            if now - began > seconds:
                raise OutOfTime(seconds, now - heard)
            silent = silent + 1 if self._trailer.seen and not data else 0
            if silent > _FOR_REPORT:
                return
            if not data:
                self._lease.check()

    def _left(self, name: str, answer: bytes) -> Mapping[str, str]:
        """What the machine says after the step, by the first word of its lines. Raises EngineLost."""
        found = dict(_LINE.findall(answer.decode(errors="replace")))
        if "left" not in found or "disk" not in found:
            raise EngineLost(f"cannot find out which processes {name} left running")
        if "alive" in found:
            raise EngineLost(f"cannot end the processes that {name} left running")
        if found["left"] != "0":
            text = f"processes that {name} left running: {found['left']}; they were ended"
            self._take(f"{mark(text)}\n".encode())
        self.installed = "nothing" not in found
        return found

    def _ended(self, process: Process) -> tuple[int, bytes]:
        """The exit code of the connection, which ends when nothing holds its output any more.

        With it comes what was on standard error.
        """
        until = time.monotonic() + (_AFTER if self._trailer.over else _CLOSING)
        while (left := until - time.monotonic()) > 0:
            data = _read(process, min(left, _TICK))
            if data is None:
                break
            self._take(self._trailer.feed(data))
        code = exit_code(process, _CLOSING)
        if code is None:
            raise EngineLost("the step ended, but its connection did not")
        err = process.stderr.read() if process.stderr else b""
        if code == CONNECTION and self._trailer.exit_code != str(CONNECTION):
            raise EngineLost(
                f"the connection to {self._lease.transport.name} was lost: {last_output_line(err) or 'it ended'}"
            )
        return code, err

    def _agreed(self, name: str, code: int, left: Mapping[str, str]) -> int:
        """The exit code, if the report, the wrapper's record and the connection say the same."""
        if not self._trailer.over:
            raise EngineLost(f"{name} did not finish: its output was truncated")
        reported, recorded = self._trailer.exit_code, left.get("exit", "")
        if code:
            self._judge(left["disk"])
        if reported != str(code):
            raise EngineLost(f"{name} ended with {code}, its report says {reported!r}")
        # A wrapper that a signal ended could not record it.
        if recorded != str(code) and (recorded or code <= 128):
            raise EngineLost(f"{name} ended with {code}, its own record says {recorded!r}")
        return code

    def _judge(self, disk: str) -> None:
        """Raises EngineExhausted if a step failed on a full disk. `disk` is the line of df."""
        fields = disk.split()
        room = _NEARLY_FULL if _COMPLAINT in b"".join(self._last) else _FULL
        if len(fields) > 3 and fields[3].isdigit() and int(fields[3]) < room:
            raise EngineExhausted(
                f"the disk of {self._lease.transport.name} is full", Limit.ENGINE_DISK
            )

    def _explain(self, name: str) -> None:
        """Logs the processes of a step that hangs."""
        self._take(f"\n{limit_mark(name)}\n".encode())
        try:
            self._take(self._lease.transport.ask(self._lease.command("processes"))[1])
        except EngineError as error:
            self._take(f"(cannot be listed: {error})\n".encode())

    def _end(self, process: Process) -> None:
        """Ends all processes of a step: SIGTERM, a grace period, SIGKILL."""
        for signal in ("TERM", "KILL"):
            try:
                self._lease.transport.ask(self._lease.command("signal", signal))
            except EngineError:
                return  # the machine ends the job itself, as it does where the connection is lost
            until = time.monotonic() + _GRACE
            while time.monotonic() < until:
                data = _read(process, _TICK)
                if data is None or self._trailer.over:
                    return
                self._take(self._trailer.feed(data))


def _read(process: Process, seconds: float) -> bytes | None:
    """The bytes that arrived within `seconds`, possibly none; None at the end of the stream."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    return (os.read(process.stdout.fileno(), _MOST) or None) if ready else b""
