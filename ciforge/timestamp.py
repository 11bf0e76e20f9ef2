"""Reads and prints times from outside, within bounds."""

import datetime
import math

EARLIEST = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC).timestamp()
"""The earliest valid time."""
_LATEST = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC).timestamp()
LEEWAY = 300.0
"""Seconds by which the clocks of two machines may differ."""


def seconds_of(text: str) -> float | None:
    """A time by RFC 3339 (UTC without a zone) in seconds since 1970; None if it is invalid or
    outside of the years 2000 to 9998.
    """
    try:
        when = datetime.datetime.fromisoformat(text)
        seconds = when.replace(tzinfo=when.tzinfo or datetime.UTC).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if EARLIEST <= seconds < _LATEST else None


def utc(at: float) -> datetime.datetime:
    """Seconds since 1970 as a time in UTC; the nearest valid one if it is out of range."""
    seconds = 0.0 if math.isnan(at) else min(max(at, 0.0), _LATEST)
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def minute_text(at: float) -> str:
    """Seconds since 1970 as `2026-11-22 14:40 UTC`."""
    return f"{utc(at):%Y-%m-%d %H:%M} UTC"


def rfc3339(at: float) -> str:
    """Seconds since 1970 as `2026-11-22T14:40:57Z`."""
    return f"{utc(at):%Y-%m-%dT%H:%M:%SZ}"
