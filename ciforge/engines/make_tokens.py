"""The tokens of make of one run: how many processes each make may have at once.

A token is a byte in the pipe of a jobserver, as GNU make knows it: make starts one process without a
token, and another one for each token that it takes. Each step has its own pipe, which ends with its
processes. So what a step takes, keeps or writes is its own, and what one held that ended is free.
Tokens are added to the pipe of a running step when other machines need less, and never taken back:
a few processes too many cost less than to wait for them.
"""

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs

_BUSY = 1.5
"""Processes for each processor: some wait for a disk."""
_COMPILER = 256 * 1024**2
"""Bytes of memory that a machine should have for each process of make."""


@attrs.define(kw_only=True)
class _Making:
    """A step that runs make."""

    most: int
    given: int = 0


class MakeTokens:
    """Counts the machines of a run, and what the makes in them may do. Threads may share it.

    `processors` returns the number of those of the engine's host.
    """

    def __init__(self, processors: Callable[[], int]) -> None:
        self._processors = processors
        self._lock = threading.Lock()
        self._machines = 0
        self._making: dict[str, _Making] = {}

    @contextmanager
    def machine(self) -> Iterator[None]:
        """Counts a machine: one without make needs one processor."""
        with self._lock:
            self._machines += 1
        try:
            yield
        finally:
            with self._lock:
                self._machines -= 1

    @contextmanager
    def making(self, machine: str, memory: int) -> Iterator[None]:
        """Counts a step with make in a machine with so much memory, in bytes."""
        most = max(1, min(self._processors(), memory // _COMPILER))
        with self._lock:
            self._making[machine] = _Making(most=most)
        try:
            yield
        finally:
            with self._lock:
                del self._making[machine]

    def take(self, machine: str) -> int:
        """The processes that make in this machine may have in addition to those that it was given."""
        processors = self._processors()
        with self._lock:
            step = self._making[machine]
            serial = self._machines - len(self._making)
            fair = math.ceil((_BUSY * processors - serial) / len(self._making))
            more = max(0, min(step.most, max(1, fair)) - step.given)
            step.given += more
            return more
