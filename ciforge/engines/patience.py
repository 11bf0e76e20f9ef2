"""Waiting for streams that may be silent for long, without being deaf to a request to stop."""

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

from ciforge.engines.base import Stop

_TICK = 0.25

T = TypeVar("T")


class _End:
    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def heeding(stop: Stop, items: Iterable[T]) -> Iterator[T]:
    """Items as they come. Raises Stopped within a moment of being asked; the source is abandoned."""
    waiting: queue.Queue[T | _End] = queue.Queue(maxsize=1000)

    def fill() -> None:
        try:
            for item in items:
                waiting.put(item)
        except BaseException as error:
            waiting.put(_End(error))
        else:
            waiting.put(_End())

    threading.Thread(target=fill, daemon=True, name="stream").start()
    while True:
        stop.check()
        try:
            item = waiting.get(timeout=_TICK)
        except queue.Empty:
            continue
        if isinstance(item, _End):
            if item.error is not None:
                raise item.error
            return
        yield item
