"""How long a run still takes, from how long its jobs usually take."""

import heapq
from collections.abc import Sequence


def remaining_seconds(running: Sequence[float], waiting: Sequence[float], at_once: int) -> float:
    """Seconds until all jobs have ended, if the longest one that waits starts whenever one ends.

    `running` are the seconds that each running job still takes, `waiting` those of jobs that have
    not begun; at most `at_once` run at the same time.
    """
    free = max(at_once - len(running), 0)
    ends = [*(max(seconds, 0.0) for seconds in running), *([0.0] * free)]
    heapq.heapify(ends)
    last = max(ends, default=0.0)
    for seconds in sorted(waiting, reverse=True):
        end = heapq.heappop(ends) + seconds if ends else last + seconds
        last = max(last, end)
        heapq.heappush(ends, end)
    return last
