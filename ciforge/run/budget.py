"""A limit on the time of a whole run."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ciforge.engines.protocol import Stop
from ciforge.model.quantities import duration


@contextmanager
def time_budget(stop: Stop, budget: int | None, used: float) -> Iterator[None]:
    """Asks to stop when a budget in seconds is used up, of which `used` are gone; None is no limit.

    Jobs that run then are ended, and count as not tried like those that wait.
    """
    if budget is None:
        yield
        return
    reason = f"not tried: the budget of {duration(budget)} was used up"
    timer = threading.Timer(max(0.0, budget - used), stop.ask, (reason,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
