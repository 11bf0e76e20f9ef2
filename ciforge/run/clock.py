"""The current time, and its format in files and events."""

import datetime


def now() -> datetime.datetime:
    """The current time in UTC."""
    return datetime.datetime.now(datetime.UTC)


def stamp() -> str:
    """The current time by RFC 3339, in UTC, with milliseconds."""
    return now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
