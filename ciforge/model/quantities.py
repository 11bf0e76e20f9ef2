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


def age(seconds: float) -> str:
    """`12 seconds`, `3 minutes`, `5 hours`, `2 days`: rounded down, in the largest unit of which there are two."""
    whole = max(0, int(seconds))
    units = ((86400, "day"), (3600, "hour"), (60, "minute"))
    size, noun = next((unit for unit in units if whole >= 2 * unit[0]), (1, "second"))
    return plural(whole // size, noun)


def interval(seconds: float) -> str:
    """`36 hours`, `3 days`: days from two days on."""
    days, hours = round(seconds / 86400), round(seconds / 3600)
    return plural(days, "day") if seconds >= 2 * 86400 else plural(hours, "hour")
