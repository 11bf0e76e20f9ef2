"""Waits for streams that may be silent for long, and still notices a request to stop."""

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from typing import TypeVar

from ciforge.engines.client import last_line
from ciforge.engines.protocol import Stop
from ciforge.errors import CiforgeError, EngineLost

_TICK = 0.25
_ASK = 10.0
"""Seconds of silence after which `alive` is called."""

T = TypeVar("T")


class _End:
    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    def tell(self) -> None:
        """Raises what ended the source, unless that was its own end."""
        if isinstance(self._error, CiforgeError):
            raise self._error
        if self._error is not None:
            reason = last_line(self._error)
            raise EngineLost(f"the connection to the engine failed: {reason}") from self._error


def interruptible(
    stop: Stop, items: Iterable[T], alive: Callable[[], None], *, ask: float = _ASK
) -> Iterator[T]:
    """Items as they arrive; `alive` raises if nothing can send them any more.

    Raises Stopped within a moment of being asked, and EngineLost for whatever the source raises;
    the source is abandoned then.
    """
    waiting: queue.Queue[T | _End] = queue.Queue(maxsize=1000)
    abandoned = threading.Event()
    threading.Thread(
        target=_fill, args=(items, waiting, abandoned), daemon=True, name="stream"
    ).start()
    heard = time.monotonic()
    try:
        while True:
            stop.check()
            try:
                item = waiting.get(timeout=_TICK)
            except queue.Empty:
                if time.monotonic() - heard > ask:
                    alive()
                    heard = time.monotonic()
                continue
            if isinstance(item, _End):
                item.tell()
                return
            yield item
            heard = time.monotonic()
    finally:
        abandoned.set()


def _fill(items: Iterable[T], waiting: "queue.Queue[T | _End]", abandoned: threading.Event) -> None:
    end = _End()
    try:
        for item in items:
            if not _put(item, waiting, abandoned):
                _close(items)
                return
    except Exception as error:  # the SDK lets through whatever its libraries raise
        end = _End(error)
    _put(end, waiting, abandoned)


def _close(items: Iterable[object]) -> None:
    """Closes a generator now, even if it is referenced elsewhere."""
    if isinstance(items, Generator):
        items.close()


def _put(item: T | _End, waiting: "queue.Queue[T | _End]", abandoned: threading.Event) -> bool:
    """Whether it was taken."""
    while not abandoned.is_set():
        with suppress(queue.Full):
            waiting.put(item, timeout=_TICK)
            return True
    return False
