"""Looks at a box from outside while a step runs: whether it is there, and how much it has written."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ciforge.engines.client import Connection, last_line
from ciforge.engines.helper_exec import HelperExec
from ciforge.engines.limits import Pressure, read_pressure
from ciforge.engines.protocol import LimitReached, MachineSpec
from ciforge.errors import EngineError, EngineLost
from ciforge.model.result import Limit

_MIB = 1024**2
_MOST_CACHED = 1024 * _MIB
"""Bytes; ccache keeps itself to half of that."""
_EMPTY = "find /ciforge/ccache -mindepth 1 -delete"


class _Pace:
    """Something that takes a while is done the more seldom the longer it takes."""

    def __init__(self, times: float) -> None:
        self._times = times
        self._ended = time.monotonic()
        self._took = 0.0

    def due(self) -> bool:
        """Whether the pause since the last time was so many times longer than that took."""
        return time.monotonic() - self._ended >= self._times * self._took

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Around the doing."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._ended = time.monotonic()
            self._took = self._ended - began


class Monitor:
    """What one box may do, and what it has done."""

    def __init__(self, connection: Connection, container: str, plan: MachineSpec) -> None:
        self._connection = connection
        self._container = container
        self._plan = plan
        self._errands = HelperExec(connection, container, plan.processes)
        self._disk, self._cache = _Pace(20), _Pace(100)
        self._started = ""

    def begin(self) -> None:
        """Remembers since when the box runs. Raises EngineLost where it does not."""
        self._started = str(self._ask({})["State"]["StartedAt"])

    def look(self, *, closely: bool = False) -> None:
        """Raises EngineLost when the box is gone or paused, LimitReached when it wrote too much."""
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
            # The source lies on a volume then, which does not count as the box's own disk.
            written += self._size_of("/ciforge/src")
        most = self._plan.disk
        if written > most:
            raise LimitReached(f"it wrote more than {most // _MIB} MiB to its disk", Limit.DISK)

    def _measure_cache(self) -> None:
        """The compiler cache is a volume, which does not count as the box's own disk."""
        if self._cached() > _MOST_CACHED:
            most = _MOST_CACHED // _MIB
            raise LimitReached(f"it wrote more than {most} MiB to its compiler cache", Limit.DISK)

    def _cached(self) -> int:
        return self._size_of("/ciforge/ccache")

    def _size_of(self, folder: str) -> int:
        """Bytes that a folder takes; 0 where nobody says."""
        said = self._errands.output(f"du -sk {folder}").split()
        return int(said[0]) * 1024 if said and said[0].isdigit() else 0

    def empty_cache(self) -> None:
        """A cache that was filled on purpose is of no use to whoever comes after."""
        if self._plan.ccache and self._cached() > _MOST_CACHED:
            self._errands.output(_EMPTY)

    def pressure(self) -> Pressure:
        """What it has used up, seen from outside."""
        return read_pressure(self._get("stats", {"stream": False, "one-shot": True}))

    def _ask(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """What the engine says of the box, if it runs."""
        found = self._get("json", params)
        self.check(found["State"])
        return found

    def _get(self, what: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """An answer about the box; measuring may take the engine longer."""
        client = self._connection.client() if params else self._connection.quick()
        try:
            url = client._url("/containers/{0}/" + what, self._container)
            found: dict[str, Any] = client._result(client._get(url, params=params), json=True)
        except EngineError:
            raise
        except Exception as error:
            raise EngineLost(f"the engine went away: {last_line(error)}") from error
        return found
