"""Checks a container from outside while a step runs: that it still runs, and how much it has written."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ciforge.engines.client import Connection, last_line
from ciforge.engines.helper_exec import HelperExec
from ciforge.engines.limits import MOST_CACHED, Pressure, read_pressure
from ciforge.engines.protocol import LimitReached, MachineSpec
from ciforge.errors import EngineError, EngineLost
from ciforge.model.result import Limit

_MIB = 1024**2
_EMPTY = "find /ciforge/ccache -mindepth 1 -delete"


class _Pace:
    """Limits how often a check runs: the longer one takes, the less often."""

    def __init__(self, times: float) -> None:
        self._times = times
        self._ended = time.monotonic()
        self._took = 0.0

    def due(self) -> bool:
        """Whether `times` the duration of the last check has passed since it ended."""
        return time.monotonic() - self._ended >= self._times * self._took

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Measures the check in its block."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._ended = time.monotonic()
            self._took = self._ended - began


class Monitor:
    """Watches one container against the limits of its plan."""

    def __init__(self, connection: Connection, container: str, plan: MachineSpec) -> None:
        self._connection = connection
        self._container = container
        self._plan = plan
        self._helper = HelperExec(connection, container, plan.processes)
        self._disk, self._cache = _Pace(20), _Pace(100)
        self._started = ""

    def begin(self) -> None:
        """Records when the container was started. Raises EngineLost if it does not run."""
        self._started = str(self._ask({})["State"]["StartedAt"])

    def look(self, *, closely: bool = False) -> None:
        """Raises EngineLost if the container is gone or paused, LimitReached if it wrote too much."""
        self._ask({})
        if closely or self._disk.due():
            with self._disk.taken():
                self._measure()
        if self._plan.ccache and (closely or self._cache.due()):
            with self._cache.taken():
                self._measure_cache()

    def check(self, state: Mapping[str, Any]) -> None:
        """Raises LimitReached or EngineLost unless a container with that state runs."""
        if not state["Running"]:
            if state.get("OOMKilled"):
                memory = self._plan.memory // _MIB
                raise LimitReached(f"it used up its memory, {memory} MiB", Limit.MEMORY)
            raise EngineLost("the container ended in the middle of a step")
        if self._started not in ("", state["StartedAt"]):
            raise EngineLost("the container was restarted in the middle of a step")
        if state.get("Paused"):
            raise EngineLost("the container was paused from outside")

    def _measure(self) -> None:
        written = self._ask({"size": True}).get("SizeRw") or 0
        if self._plan.ccache:
            # The source is on a volume then, which does not count as the container's own disk.
            written += self._size_of("/ciforge/src")
        most = self._plan.disk
        if written > most:
            raise LimitReached(f"it wrote more than {most // _MIB} MiB to its disk", Limit.DISK)

    def _measure_cache(self) -> None:
        """The compiler cache is a volume, which does not count as the container's own disk."""
        if self._cached() > MOST_CACHED:
            most = MOST_CACHED // _MIB
            raise LimitReached(f"it wrote more than {most} MiB to its compiler cache", Limit.DISK)

    def _cached(self) -> int:
        return self._size_of("/ciforge/ccache")

    def _size_of(self, folder: str) -> int:
        """Bytes that a folder takes; 0 if unknown."""
        output = self._helper.output(f"du -sk {folder}").split()
        return int(output[0]) * 1024 if output and output[0].isdigit() else 0

    def empty_cache(self) -> None:
        """Empties a compiler cache that is over its limit, so that the next job does not start with it."""
        if self._plan.ccache and self._cached() > MOST_CACHED:
            self._helper.output(_EMPTY)

    def pressure(self) -> Pressure:
        """The memory and processes of the container, as the engine reports them."""
        return read_pressure(self._get("stats", {"stream": False, "one-shot": True}))

    def _ask(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The engine's description of the container. Raises as `check` does."""
        found = self._get("json", params)
        self.check(found["State"])
        return found

    def _get(self, what: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """One answer of the engine about the container; requests with parameters may take longer."""
        client = self._connection.client() if params else self._connection.quick()
        try:
            url = client._url("/containers/{0}/" + what, self._container)
            found: dict[str, Any] = client._result(client._get(url, params=params), json=True)
        except EngineError:
            raise
        except Exception as error:
            raise EngineLost(
                f"the connection to the engine was lost: {last_line(error)}"
            ) from error
        return found
