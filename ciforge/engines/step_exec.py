"""One step in a container: an exec that is followed until its end is certain."""

import secrets
import time
from collections import deque
from typing import Any

from ciforge.engines.client import Connection, last_line, translated
from ciforge.engines.exec_stream import Stream
from ciforge.engines.limits import Usage, judge, judge_passed
from ciforge.engines.monitor import Monitor
from ciforge.engines.output_line import last_output_line
from ciforge.engines.protocol import (
    LimitReached,
    MachineSpec,
    OutOfTime,
    OutputHandler,
    Stop,
    Stopped,
)
from ciforge.engines.step_tokens import StepTokens
from ciforge.engines.step_trailer import StepTrailer
from ciforge.engines.supervisor import LeftoverProcesses, Supervisor
from ciforge.errors import EngineError, EngineLost
from ciforge.model.log_marks import limit_mark, mark

_TICK = 0.25
"""Seconds between two looks at the clock while a step is silent."""
_ASK = 2.0
"""Seconds of silence after which the engine is asked whether the step still runs."""
_LOOK = 5.0
"""Seconds between two looks at the container, and at a step that is not silent."""
_BREATH = 0.02
"""Seconds between two questions whether a step has ended whose output is all there."""
_GRACE = 10.0
"""Seconds that a step has to end after SIGTERM."""
_NOTICE = 60.0
"""Seconds that the engine has to notice the end of a step whose output has ended; a busy one is late."""
_BACKLOG = 16 * 1024 * 1024
"""Bytes that may still arrive after a step has ended; more than that is not from the step."""
_CHATTER = 64 * 1024
"""The same after the end mark: output of children that still run."""
_FOR_REPORT = 20
"""Ticks in which the rest of the output has to follow; a busy engine may know of an end before it has sent all."""
_NOT_STARTED = b"OCI runtime exec failed"
_RUN = """mark=$2
trap 'printf "%s=%s%s" "$mark" "$code" "$mark"' EXIT
. /ciforge/bin/step"""
"""The wrapper; after all it prints the mark and its exit code. It forks nothing for that, which would
fail in a container that is full of processes. All is one write: of two, a busy engine has lost the
second. The mark is not `$0`, with which a shell begins its own messages."""


class StepExec:
    """Follows one step, which has `tokens` for make, or None."""

    def __init__(
        self,
        connection: Connection,
        container: str,
        plan: MachineSpec,
        supervisor: Supervisor,
        tokens: StepTokens | None = None,
    ) -> None:
        self._connection = connection
        self._container = container
        self._plan = plan
        self._supervisor = supervisor
        self._tokens = tokens
        self._monitor = Monitor(connection, container, plan)
        self._mark = f"\x1eciforge:{secrets.token_hex(8)}\x1e"
        self._trailer = StepTrailer(self._mark.encode())
        self._last: deque[bytes] = deque(maxlen=4)
        self._on_output: OutputHandler = lambda _: None
        self._made = ""
        self.manifest: bytes | None = None
        """The install manifest after the install, if it came with the leftovers."""

    def run(
        self, name: str, user: str, on_output: OutputHandler, *, seconds: float, stop: Stop
    ) -> int:
        """Runs the step by the wrapper and returns its exit code, which is certain.

        Raises EngineLost, LimitReached, OutOfTime, Stopped, after the step's processes have ended.
        """
        self._on_output = on_output
        self._monitor.begin()
        self._supervisor.before(name, user)
        stream = self._begin(name, user)
        try:
            self._follow(stream, seconds=seconds, stop=stop)
            # Asked before the stream is closed: Docker gives a step 126 whose output others hold.
            code = self._exit_code(name, stream)
        except (OutOfTime, Stopped, LimitReached) as error:
            if isinstance(error, OutOfTime):
                self._explain(name)
            self._end(stream)
            self._tidy(error)
            raise
        finally:
            stream.close()
            self._take(self._trailer.flush())
        left = self._left(name, user)
        self.manifest = left.manifest
        if code:
            self._judge(left.usage)
        else:
            self._judge_passed(left.usage)
        self._supervisor.usage = left.usage
        return self._agreed(name, code, left.exit_code)

    def _left(self, name: str, user: str) -> LeftoverProcesses:
        """Ends what the step left running and returns it; at the process limit no command can run."""
        try:
            left = self._supervisor.after(name, user)
        except EngineError:
            self._judge(Usage())
            raise
        if left.processes:
            text = f"processes that {name} left running: {left.processes}; they were ended"
            self._take(f"{mark(text)}\n".encode())
        return left

    def _begin(self, name: str, user: str) -> Stream:
        client = self._connection.client()
        command = ["/bin/sh", "-c", _RUN, "ciforge", name, self._mark]
        if self._tokens:
            command = self._tokens.wrapped(_RUN, [name, self._mark])
        with translated(f"starting {name}"):
            made = client.exec_create(self._container, command, user=user, workdir="/")["Id"]
            self._made = str(made)
            return Stream(client.exec_start(made, socket=True))

    def _take(self, data: bytes) -> None:
        if data:
            self._last.append(data[-4096:])
            self._on_output(data)

    def _follow(self, stream: Stream, *, seconds: float, stop: Stop) -> None:
        """Passes output on until the stream or the step ends: other processes may hold the stream open."""
        began = heard = asked = looked = time.monotonic()
        while not self._trailer.seen:
            data = _read(stream, _TICK)
            if data is None:
                return
            self._take(self._trailer.feed(data))
            stop.check()
            now = time.monotonic()
            heard = now if data else heard
            if now - asked > _LOOK or (not data and now - max(heard, asked) > _ASK):
                asked = now
                if self._has_ended():
                    break
            if now - looked > _LOOK:
                looked = now
                self._monitor.look()
            if self._tokens:
                self._tokens.look()
            if now - began > seconds:
                raise OutOfTime(seconds, now - heard)
        self._drain(stream)

    def _drain(self, stream: Stream) -> None:
        """Reads what is left in the pipe of a step that ended; its children may still run."""
        taken, silent = 0, 0
        while taken < (_CHATTER if self._trailer.seen else _BACKLOG) and silent < self._patience():
            data = _read(stream, _TICK)
            if data is None:
                return
            silent = 0 if data else silent + 1
            taken += len(data)
            self._take(self._trailer.feed(data))

    def _patience(self) -> int:
        """Ticks of silence after which nothing more is expected."""
        return 1 if self._trailer.over else _FOR_REPORT

    def _has_ended(self) -> bool:
        state = self._state()
        return not state["Running"] and state["ExitCode"] is not None

    def _state(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = self._connection.quick().exec_inspect(self._made)
        except Exception as error:
            raise EngineLost(
                f"the connection to the engine was lost: {last_line(error)}"
            ) from error
        return state

    def _explain(self, name: str) -> None:
        """Logs the processes of a step that hangs."""
        self._take(f"\n{limit_mark(name)}\n".encode())
        try:
            self._take(self._supervisor.processes())
        except EngineError as error:
            self._take(f"(cannot be listed: {error})\n".encode())

    def _end(self, stream: Stream) -> None:
        """Ends all processes of a step: SIGTERM, a grace period, SIGKILL."""
        for signal, grace in (("TERM", _GRACE), ("KILL", 2.0)):
            try:
                self._supervisor.signal(signal)
            except EngineError:
                return  # the container itself is removed next, and with it whatever runs in it
            until = time.monotonic() + grace
            while time.monotonic() < until:
                data = _read(stream, _TICK)
                if data is None or self._has_ended():
                    return
                self._take(self._trailer.feed(data))

    def _tidy(self, error: Exception) -> None:
        """Empties the compiler cache if this step overfilled it."""
        if isinstance(error, LimitReached):
            try:
                self._monitor.empty_cache()
            except EngineError as trouble:
                text = f"its compiler cache cannot be emptied: {trouble}"
                self._take(f"{mark(text)}\n".encode())

    def _exit_code(self, name: str, stream: Stream) -> int:
        """The exit code from the engine once it is final; a cut stream ends like a complete one."""
        until = time.monotonic() + _NOTICE
        while time.monotonic() < until:
            state = self._state()
            if not state["Running"] and state["ExitCode"] is not None:
                return int(state["ExitCode"])
            _empty(stream, _BREATH)
        raise EngineLost(f"the output of {name} ended, but the step did not: its stream was cut")

    def _agreed(self, name: str, code: int, recorded: str) -> int:
        """The exit code, if the wrapper reports the same and its output is complete."""
        reported = self._trailer.exit_code or recorded
        if not reported and code > 128:
            self._monitor.look()  # the wrapper was killed: by the step itself, if the container still runs
            return code
        if not self._trailer.seen:
            raise EngineLost(f"{name} did not finish: {self._cut()}")
        if reported != str(code):
            raise EngineLost(f"{name} ended with {code}, its own record says {reported!r}")
        return code

    def _cut(self) -> str:
        """The reason why the mark is missing: the step could not start, or its output was cut."""
        last = b"".join(self._last)
        return last_output_line(last) if _NOT_STARTED in last else "its output was cut"

    def _judge(self, after: Usage) -> None:
        """Raises LimitReached or EngineLost if a step failed because a resource ran out."""
        before, last = self._supervisor.usage, b"".join(self._last)
        try:
            self._monitor.look(closely=True)
            pressure = self._monitor.pressure()
            judge(before, after, self._plan, last=last, pressure=pressure)
        except LimitReached as error:
            self._tidy(error)
            raise

    def _judge_passed(self, after: Usage) -> None:
        """Raises if a step exited 0 although the kernel killed a process or refused to start one."""
        try:
            judge_passed(self._supervisor.usage, after, self._plan)
        except LimitReached as error:
            self._tidy(error)
            raise


def _empty(stream: Stream, seconds: float) -> None:
    """Discards further output: the wrapper cannot report while children fill the stream."""
    until = time.monotonic() + seconds
    try:
        while (left := until - time.monotonic()) > 0:
            if stream.read(left) is None:
                break
    except (OSError, ValueError):
        pass  # the output was whole before, or it is missed soon
    time.sleep(max(0.0, until - time.monotonic()))


def _read(stream: Stream, seconds: float) -> bytes | None:
    try:
        return stream.read(seconds)
    except (OSError, ValueError) as error:
        raise EngineLost(f"the connection to the engine broke: {last_line(error)}") from error
