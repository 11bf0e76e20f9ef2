"""One step in a box: an exec that is followed to its certain end."""

import secrets
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from ciforge.engines.base import BoxPlan, Hear, LimitReached, OutOfTime, Stop, Stopped
from ciforge.engines.connect import Connection, last_line, translated
from ciforge.engines.ending import NOW, Ending, Report, read_report
from ciforge.engines.errand import Errands, said_last
from ciforge.engines.limits import Usage, judge, read_usage
from ciforge.engines.stream import Stream
from ciforge.engines.watch import Watch
from ciforge.errors import EngineError, EngineLost

_TICK = 0.25
"""Seconds between two looks at the clock while a step is silent."""
_ASK = 2.0
"""Seconds of silence after which the engine is asked whether the step still runs."""
_LOOK = 5.0
"""Seconds between two looks at the box, and at a step that is not silent."""
_BREATH = 0.02
"""Seconds between two questions whether a step has ended whose output is all there."""
_GRACE = 10.0
"""Seconds that a step has to end after SIGTERM, and the engine to notice an end."""
_BACKLOG = 16 * 1024 * 1024
"""Bytes that may still be on their way when a step has ended; whoever sends more is not the step."""
_CHATTER = 64 * 1024
"""The same after its mark: what its children say who live on."""
_FOR_REPORT = 20
"""Ticks that the wrapper has for its report."""
_NOT_STARTED = b"OCI runtime exec failed"
_PROCESSES = "exec sh /ciforge/bin/processes"
_USED = f"echo {NOW}; sh /ciforge/bin/usage"
_RUN = f"""trap 'printf "%s" "$0"
printf "%s\\n%s%s" "$(cat "$record.exit" "$record.usage" 2>/dev/null)" "$({_USED})" "$0"' EXIT
. /ciforge/bin/step"""
"""The wrapper; after all it prints the mark, which is the name that it runs under, and its report:
two commands, for in a box that is full of processes the second one fails."""


class Exec:
    """Follows one step. `read` reads a small file of the box."""

    def __init__(
        self,
        connection: Connection,
        container: str,
        plan: BoxPlan,
        read: Callable[[str, int], bytes | None],
    ) -> None:
        self._connection = connection
        self._container = container
        self._plan = plan
        self._read = read
        self._watch = Watch(connection, container, plan)
        self._errands = Errands(connection, container, plan.processes)
        self._mark = f"\x1eciforge:{secrets.token_hex(8)}\x1e"
        self._ending = Ending(self._mark.encode())
        self._last: deque[bytes] = deque(maxlen=4)
        self._hear: Hear = lambda _: None
        self._made = ""

    def run(self, name: str, user: str, hear: Hear, *, seconds: float, stop: Stop) -> int:
        """Runs the step by the wrapper and returns its exit code, which is certain.

        Raises EngineLost, LimitReached, OutOfTime, Stopped; the step's processes are gone then.
        """
        self._hear = hear
        stream = self._begin(name, user)
        try:
            self._follow(stream, seconds=seconds, stop=stop)
            # Asked before the stream is closed: Docker gives a step 126 whose output others hold.
            code = self._exit_code(name, stream)
        except (OutOfTime, Stopped, LimitReached) as error:
            if isinstance(error, OutOfTime):
                self._explain(name)
            self._end(name, stream)
            self._tidy(error)
            raise
        finally:
            stream.close()
            self._take(self._ending.flush())
        if code:
            self._judge(name)
        else:
            self._judge_passed(name)
        return self._agreed(name, code)

    def _begin(self, name: str, user: str) -> Stream:
        client = self._connection.client()
        self._watch.begin()
        command = ["sh", "-c", _RUN, self._mark, name]
        with translated(f"starting {name}"):
            made = client.exec_create(self._container, command, user=user, workdir="/")["Id"]
            self._made = str(made)
            return Stream(client.exec_start(made, socket=True))

    def _take(self, data: bytes) -> None:
        if data:
            self._last.append(data[-4096:])
            self._hear(data)

    def _follow(self, stream: Stream, *, seconds: float, stop: Stop) -> None:
        """Hands on output until the stream or the step ends: others may hold its output open."""
        began = heard = asked = looked = time.monotonic()
        while not self._ending.seen:
            data = _read(stream, _TICK)
            if data is None:
                return
            self._take(self._ending.feed(data))
            stop.check()
            now = time.monotonic()
            heard = now if data else heard
            if now - asked > _LOOK or (not data and now - max(heard, asked) > _ASK):
                asked = now
                if self._has_ended():
                    break
            if now - looked > _LOOK:
                looked = now
                self._watch.look()
            if now - began > seconds:
                raise OutOfTime(seconds, now - heard)
        self._drain(stream)

    def _drain(self, stream: Stream) -> None:
        """What is left in the pipe of a step that ended, while its children may live on."""
        taken, silent = 0, 0
        # The report follows on the mark at once, but for a machine that has its hands full.
        while taken < (_CHATTER if self._ending.seen else _BACKLOG) and silent < self._patience():
            data = _read(stream, _TICK)
            if data is None:
                return
            silent = 0 if data else silent + 1
            taken += len(data)
            self._take(self._ending.feed(data))

    def _patience(self) -> int:
        """Ticks of silence after which nothing more is expected."""
        return _FOR_REPORT if self._ending.seen and not self._ending.report else 1

    def _has_ended(self) -> bool:
        state = self._state()
        return not state["Running"] and state["ExitCode"] is not None

    def _state(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = self._connection.quick().exec_inspect(self._made)
        except Exception as error:
            raise EngineLost(f"the engine went away: {last_line(error)}") from error
        return state

    def _explain(self, name: str) -> None:
        """Says in the log what a step that hangs is waiting for."""
        self._take(f"\n--- ciforge: {name} is at its limit; its processes: ---\n".encode())
        try:
            self._take(self._errands.output(_PROCESSES))
        except EngineError as error:
            self._take(f"(cannot be listed: {error})\n".encode())

    def _end(self, name: str, stream: Stream) -> None:
        """Ends a step's process group: SIGTERM, some grace, SIGKILL."""
        for signal, grace in (("TERM", _GRACE), ("KILL", 2.0)):
            try:
                # No `--`: neither dash nor busybox knows it here.
                self._errands.output(f'kill -{signal} "-$(cat /ciforge/records/{name}.group)"')
            except EngineError:
                return  # the box itself is removed next, and with it whatever runs in it
            until = time.monotonic() + grace
            while time.monotonic() < until:
                data = _read(stream, _TICK)
                if data is None or self._has_ended():
                    return
                self._take(self._ending.feed(data))

    def _tidy(self, error: Exception) -> None:
        """Whoever comes after finds no cache that this step filled."""
        if isinstance(error, LimitReached):
            try:
                self._watch.empty_cache()
            except EngineError as trouble:
                self._take(f"--- ciforge: its compiler cache stays: {trouble} ---\n".encode())

    def _exit_code(self, name: str, stream: Stream) -> int:
        """What the engine says once it is certain; a stream that was cut ends like a whole one."""
        until = time.monotonic() + _GRACE
        while time.monotonic() < until:
            state = self._state()
            if not state["Running"] and state["ExitCode"] is not None:
                return int(state["ExitCode"])
            _empty(stream, _BREATH)
        raise EngineLost(f"the output of {name} ended, but the step did not: its stream was cut")

    def _agreed(self, name: str, code: int) -> int:
        """The exit code, if the wrapper's own record says the same and its output came whole."""
        said = self._ending.report.exit_code if self._ending.report else self._record(name)
        if not said and code > 128:
            self._watch.look()  # the wrapper was killed: by the step itself, if the box still runs
            return code
        if not self._ending.seen:
            raise EngineLost(f"{name} did not come to its end: {self._cut()}")
        if said != str(code):
            raise EngineLost(f"{name} ended with {code}, its own record says {said!r}")
        return code

    def _record(self, name: str) -> str:
        """The exit code as the wrapper wrote it down; empty where it did not come so far."""
        record = self._read(f"/ciforge/records/{name}.exit", 16)
        return (record or b"").strip().decode(errors="replace")

    def _cut(self) -> str:
        """Why there is no mark: the engine could not start it, or somebody cut its output."""
        last = b"".join(self._last)
        return said_last(last) if _NOT_STARTED in last else "its output was cut"

    def _judge(self, name: str) -> None:
        """Raises LimitReached or EngineLost where a step failed for want of something."""
        try:
            self._watch.look(closely=True)
        except LimitReached as error:
            self._tidy(error)
            raise
        pressure = self._watch.pressure()
        before = self._read(f"/ciforge/records/{name}.usage", 4096) or b""
        after = b"" if pressure.processes else self._asked_usage()
        judge(
            _usage(before), _usage(after), self._plan, last=b"".join(self._last), pressure=pressure
        )

    def _judge_passed(self, name: str) -> None:
        """Raises LimitReached where a step says 0 though it could not start what it wanted."""
        said = self._ending.report or self._asked_report(name)
        if said.after.process_hits > said.before.process_hits:
            error = LimitReached(f"it reached its limit of {self._plan.processes} processes")
            self._tidy(error)
            raise error

    def _asked_report(self, name: str) -> Report:
        """The wrapper's report where it did not come: asked from outside."""
        record = f"/ciforge/records/{name}"
        try:
            text = self._errands.output(f"cat {record}.exit {record}.usage; {_USED}")
        except EngineError:
            self._judge(name)  # a box that is full of processes runs nothing more
            raise
        if said := read_report(text.rstrip(b"\n")):
            return said
        self._judge(name)  # so full that the question was cut short
        raise EngineLost(f"what {name} used up cannot be asked")

    def _asked_usage(self) -> bytes:
        """What the box says that it used up. Raises EngineLost, naming a box that ended just now."""
        try:
            return self._errands.output("sh /ciforge/bin/usage")
        except EngineError:
            self._watch.look()
            raise


def _usage(text: bytes) -> Usage:
    return read_usage(text.decode(errors="replace"))


def _empty(stream: Stream, seconds: float) -> None:
    """Throws away what still comes: the wrapper cannot report while children fill its output."""
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
