"""When a mail is tried again (RFC 5321, 4.5.4.1): first after minutes, then half an hour and more."""

_MINUTES = (5, 30, 30, 60, 120)
"""After the first, second … try; the last one holds from then on."""


def next_try(attempts: int, now: float) -> float:
    """The time of the next try, in seconds since 1970, after so many that did not help."""
    step = min(max(attempts, 1), len(_MINUTES)) - 1
    return now + _MINUTES[step] * 60
