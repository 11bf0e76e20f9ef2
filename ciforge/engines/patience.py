"""Waiting for streams that may be silent for long, without being deaf to a request to stop."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from ciforge.engines.base import Stop
from ciforge.engines.connect import last_line
from ciforge.errors import CiforgeError, EngineLost

_TICK = 0.25
_ASK = 10.0
"""Seconds of silence after which somebody looks whether the other side is still there."""

T = TypeVar("T")


class _End:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


def heeding(
    stop: Stop, items: Iterable[T], alive: Callable[[], None], *, ask: float = _ASK
) -> Iterator[T]:
    """Items as they come; `alive` raises where there is nobody any more who could send them.

    Raises Stopped within a moment of being asked, and EngineLost for whatever the source raises;
    the source is abandoned then.
    """
    waiting: queue.Queue[T | _End] = queue.Queue(maxsize=1000)
    threading.Thread(target=_fill, args=(items, waiting), daemon=True, name="stream").start()
    heard = time.monotonic()
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
            if isinstance(item.error, CiforgeError):
                raise item.error
            if item.error is not None:
                raise EngineLost(f"the engine broke off: {last_line(item.error)}") from item.error
            return
        yield item
        heard = time.monotonic()


def _fill(items: Iterable[T], waiting: "queue.Queue[T | _End]") -> None:
    try:
        for item in items:
            waiting.put(item)
    except Exception as error:  # the SDK lets through whatever its libraries raise
        waiting.put(_End(error))
    else:
        waiting.put(_End())
