"""Numbers with their nouns, and times, as every mail and report writes them."""

from collections.abc import Sequence


def plural(count: int, noun: str) -> str:
    """`1 job`, `3 jobs`; for nouns that take an `s`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def jobs_text(ids: Sequence[str]) -> str:
    """The id of a single job, the number of several: `portable/debian-13/gcc`, `3 jobs`."""
    return ids[0] if len(ids) == 1 else plural(len(ids), "job")


def duration(seconds: float) -> str:
    """`63 s`, `12 min 3 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def interval(seconds: float) -> str:
    """`36 hours`, `3 days`: days from two days on."""
    days, hours = round(seconds / 86400), round(seconds / 3600)
    return plural(days, "day") if seconds >= 2 * 86400 else plural(hours, "hour")
