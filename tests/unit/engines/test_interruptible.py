"""Waiting for a stream of the engine without being deaf."""

import itertools
import threading
from collections.abc import Iterator

import pytest

from ciforge.engines.interruptible import interruptible
from ciforge.engines.protocol import Deadline, OutOfTime, Stop, Stopped
from ciforge.errors import EngineError, EngineLost

NEVER = threading.Event()


def silent() -> Iterator[int]:
    yield 1
    NEVER.wait(30)


def breaking() -> Iterator[int]:
    yield 1
    raise AttributeError("'NoneType' object has no attribute 'chunk_left'")


def fine() -> None:
    """The other side is there."""


def gone() -> None:
    raise EngineError("nobody there")


def test_interruptible_iterator_keeps_the_order() -> None:
    assert list(interruptible(Stop(), range(5000), fine)) == list(range(5000))


def test_interruptible_iterator_reports_any_error_as_an_engine_error() -> None:
    items = interruptible(Stop(), breaking(), fine)
    assert next(items) == 1
    with pytest.raises(EngineLost, match="connection to the engine failed"):
        next(items)


def test_interruptible_iterator_stops_while_its_source_is_silent() -> None:
    stop = Stop()
    items = interruptible(stop, silent(), fine)
    assert next(items) == 1
    stop.ask("enough")
    with pytest.raises(Stopped):
        next(items)


def test_interruptible_iterator_times_out_while_its_source_is_silent() -> None:
    with pytest.raises(OutOfTime):
        list(interruptible(Deadline(Stop(), 0.2), silent(), fine))


def test_interruptible_iterator_gives_up_a_silent_source_without_an_engine() -> None:
    with pytest.raises(EngineError, match="nobody there"):
        list(interruptible(Stop(), silent(), gone, ask=0.2))


def test_interruptible_iterator_does_not_ping_an_engine_that_sends() -> None:
    assert len(list(itertools.islice(interruptible(Stop(), range(9), gone, ask=30), 9))) == 9


def test_interruptible_iterator_ends_an_abandoned_source_at_its_next_item() -> None:
    over = threading.Event()

    def endless() -> Iterator[int]:
        try:
            yield from itertools.count()
        finally:
            over.set()

    source = endless()
    items = interruptible(Stop(), source, fine)
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert over.wait(5)
    assert next(source, None) is None
