"""One step in a box: an exec that is followed to its certain end."""

import time
from collections.abc import Callable
from typing import Any

from ciforge.engines.base import BoxPlan, Hear, LimitReached, OutOfTime, Stop, Stopped
from ciforge.engines.connect import Connection, last_line, translated
from ciforge.engines.hang import EXPLAIN
from ciforge.engines.limits import judge, read_usage
from ciforge.engines.stream import Stream
from ciforge.errors import EngineError, EngineLost

_TICK = 0.25
"""Seconds between two looks at the clock while a step is silent."""
_ASK = 2.0
"""Seconds of silence after which the engine is asked whether the step still runs."""
_LOOK = 5.0
"""Seconds between two looks at the box: whether it runs, how much it has written."""
_GRACE = 10.0
"""Seconds that a step has to end after SIGTERM."""


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
        self._made = ""

    def run(self, name: str, user: str, hear: Hear, *, seconds: float, stop: Stop) -> int:
        """Runs the step by the wrapper and returns its exit code, which is certain.

        Raises EngineLost, LimitReached, OutOfTime, Stopped; the step's processes are gone then.
        """
        with translated(f"starting {name}"):
            client = self._connection.client()
            self._made = client.exec_create(
                self._container, ["sh", "/ciforge/bin/step", name], user=user, workdir="/"
            )["Id"]
            stream = Stream(client.exec_start(self._made, socket=True))
        try:
            self._follow(stream, hear, seconds=seconds, stop=stop)
        except (OutOfTime, Stopped, LimitReached) as error:
            if isinstance(error, OutOfTime):
                self._explain(name, hear)
            self._end(name, stream, hear)
            raise
        finally:
            stream.close()
        code = self._exit_code(name)
        if code:
            self._judge(name)
        return self._agreed(name, code)

    def _follow(self, stream: Stream, hear: Hear, *, seconds: float, stop: Stop) -> None:
        """Hands on output until the stream ends, or the step has and others hold its output open."""
        began = heard = asked = looked = time.monotonic()
        while True:
            pieces = _read(stream, _TICK)
            if pieces is None:
                return
            for piece in pieces:
                hear(piece)
            stop.check()
            now = time.monotonic()
            if pieces:
                heard = now
            elif now - max(heard, asked) > _ASK:
                asked = now
                if not self._state()["Running"]:
                    self._drain(stream, hear)
                    return
            if now - looked > _LOOK:
                looked = now
                self._look()
            if now - began > seconds:
                raise OutOfTime(seconds, now - heard)

    def _drain(self, stream: Stream, hear: Hear) -> None:
        """What is left in the pipe of a step that ended while its children live on."""
        while pieces := _read(stream, _TICK):
            for piece in pieces:
                hear(piece)

    def _state(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = self._connection.quick().exec_inspect(self._made)
        except Exception as error:
            raise EngineLost(f"the engine went away: {last_line(error)}") from error
        return state

    def _look(self) -> None:
        """Raises EngineLost when the box is gone or paused, LimitReached when it wrote too much."""
        client = self._connection.quick()
        try:
            url = client._url("/containers/{0}/json", self._container)
            found = client._result(client._get(url, params={"size": True}), json=True)
        except Exception as error:
            raise EngineLost(f"the engine went away: {last_line(error)}") from error
        state = found["State"]
        if not state["Running"]:
            raise self._gone(state)
        if state.get("Paused"):
            raise EngineLost("the container was paused from outside")
        if (found.get("SizeRw") or 0) > self._plan.disk:
            raise LimitReached(f"it wrote more than {self._plan.disk // 1024**2} MiB to its disk")

    def _gone(self, state: dict[str, Any]) -> Exception:
        """Why a container does not run any more."""
        if state.get("OOMKilled"):
            return LimitReached(f"it used up its memory, {self._plan.memory // 1024**2} MiB")
        return EngineLost("the container ended in the middle of a step")

    def _explain(self, name: str, hear: Hear) -> None:
        """Says in the log what a step that hangs is waiting for."""
        hear(f"\n--- ciforge: {name} is at its limit; its processes: ---\n".encode())
        try:
            hear(self._output(EXPLAIN))
        except EngineError as error:
            hear(f"(cannot be listed: {error})\n".encode())

    def _end(self, name: str, stream: Stream, hear: Hear) -> None:
        """Ends a step's process group: SIGTERM, some grace, SIGKILL."""
        for signal, grace in (("TERM", _GRACE), ("KILL", 2.0)):
            try:
                self._output(f'kill -{signal} -- "-$(cat /ciforge/records/{name}.group)"')
            except EngineError:
                return  # the box itself is removed next, and with it whatever runs in it
            until = time.monotonic() + grace
            while time.monotonic() < until:
                pieces = _read(stream, _TICK)
                if pieces is None or not self._state()["Running"]:
                    return
                for piece in pieces:
                    hear(piece)

    def _exit_code(self, name: str) -> int:
        """What the engine says once it is certain; a stream that was cut ends like a whole one."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            state = self._state()
            if not state["Running"] and state["ExitCode"] is not None:
                return int(state["ExitCode"])
            time.sleep(0.02)
        raise EngineLost(f"the output of {name} ended, but the step did not: its stream was cut")

    def _agreed(self, name: str, code: int) -> int:
        """The exit code, if the wrapper's own record says the same."""
        record = self._read(f"/ciforge/records/{name}.exit", 16)
        said = (record or b"").strip().decode(errors="replace")
        if said == str(code):
            return code
        if not said and code > 128:
            self._look()  # the wrapper was killed: by the step itself, if the box still runs
            return code
        raise EngineLost(f"{name} ended with {code}, its own record says {said or 'nothing'}")

    def _judge(self, name: str) -> None:
        """Raises LimitReached or EngineLost where a step failed for want of something."""
        before = (self._read(f"/ciforge/records/{name}.usage", 4096) or b"").decode(
            errors="replace"
        )
        after = self._output("sh /ciforge/bin/usage").decode(errors="replace")
        judge(read_usage(before), read_usage(after), self._plan)

    def _output(self, script: str) -> bytes:
        """What a short script of our own prints, as root; made room for where the box is full."""
        try:
            with translated("running a command in the box"):
                return self._root(script)
        except EngineError:
            self._make_room()
        with translated("running a command in the box"):
            return self._root(script)

    def _root(self, script: str) -> bytes:
        client = self._connection.quick()
        made = client.exec_create(self._container, ["sh", "-c", script], user="root")["Id"]
        output: bytes = client.exec_start(made)
        return output

    def _make_room(self) -> None:
        """Lets a box that is full of processes have a few more, for our own."""
        client = self._connection.quick()
        with translated("raising the limit of processes"):
            url = client._url("/containers/{0}/update", self._container)
            client._result(client._post_json(url, data={"PidsLimit": self._plan.processes + 64}))


def _read(stream: Stream, seconds: float) -> list[bytes] | None:
    try:
        return stream.read(seconds)
    except (OSError, ValueError) as error:
        raise EngineLost(f"the connection to the engine broke: {last_line(error)}") from error
