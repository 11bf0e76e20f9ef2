"""The time, in the one form that files and events have."""

import datetime


def now() -> datetime.datetime:
    """The time in UTC."""
    return datetime.datetime.now(datetime.UTC)


def stamp() -> str:
    """RFC 3339, UTC, to the millisecond."""
    return now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
