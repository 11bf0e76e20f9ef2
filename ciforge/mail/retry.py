"""Times at which delivery is retried (RFC 5321, 4.5.4.1): first after minutes, then after half an hour and more."""

_MINUTES = (5, 30, 30, 60, 120)
"""Delays after the first, second … attempt; the last one is used from then on."""


def next_try(attempts: int, now: float) -> float:
    """The time of the next attempt, in seconds since 1970, after `attempts` failed ones."""
    step = min(max(attempts, 1), len(_MINUTES)) - 1
    return now + _MINUTES[step] * 60
