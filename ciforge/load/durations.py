"""Reads time limits, ages and cron schedules."""

import itertools
import re
from collections.abc import Iterator

from ciforge.load.shown_values import kind, shown

WORDS = ("daily", "weekly", "monthly")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_DAY = 86400
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 6, _DAYS),
)
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of each month, in a leap year."""
SHORTEST = 5
"""Minimum number of minutes (docs.github.com, "Events that trigger workflows", schedule)."""
_ENTRY = re.compile(r"(?:\*|([0-9A-Z]{1,3})(?:-([0-9A-Z]{1,3}))?)(?:/([0-9]{1,2}))?")


def seconds(value: object) -> int:
    """`90`, `90s`, `10m` or `2h` in seconds, from one second to a day."""
    found = re.fullmatch(r"([0-9]{1,6})([smh]?)", value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"expected a time like 90s, 10m or 2h, found {kind(value)}")
    total = int(found[1]) * _UNITS[found[2]]
    if not 1 <= total <= _DAY:
        raise ValueError(f"{shown(found[0])} is not between 1s and 24h")
    return total


def days(value: object) -> int:
    """`12h`, `3d` or `2w` in seconds, from an hour to a year; `never` is 0."""
    if value == "never":
        return 0
    return _days(value, "a time like 12h, 3d or 2w, or never")


def finite_days(value: object) -> int:
    """`12h`, `3d` or `2w` in seconds, from an hour to a year."""
    return _days(value, "a time from 1h to 366d, like 12h, 3d or 2w")


def _days(value: object, expected: str) -> int:
    found = re.fullmatch(r"([0-9]{1,4})([hdw])", value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"expected {expected}, found {kind(value)}")
    total = int(found[1]) * {"h": 3600, "d": _DAY, "w": 7 * _DAY}[found[2]]
    if not 3600 <= total <= 366 * _DAY:
        raise ValueError(f"{shown(found[0])} is not between 1h and 366d")
    return total


def schedule(text: str) -> None:
    """`daily`, `weekly`, `monthly` or five cron fields. Raises ValueError."""
    if text in WORDS:
        return
    fields = text.split(" ")
    if len(fields) != len(_FIELDS):
        message = (
            "is not a schedule (daily, weekly, monthly, or five cron fields like '30 4 * * 1')"
        )
        raise ValueError(f"{shown(text)} {message}")
    for field, (name, low, high, names) in zip(fields, _FIELDS, strict=True):
        if not all(_fits(part, low, high, names) for part in field.split(",")):
            raise ValueError(f"{shown(field)} is not a {name} from {low} to {high}")
    _runs(text, fields)


def _runs(text: str, fields: list[str]) -> None:
    """The runs of a schedule. Raises ValueError if a service would refuse it, or if no day matches."""
    minutes, hours, days, months, _ = (
        _values(field, *bounds[1:]) for field, bounds in zip(fields, _FIELDS, strict=True)
    )
    if _shortest(minutes, hours) < SHORTEST:
        message = f"GitHub starts a schedule at most every {SHORTEST} minutes"
        raise ValueError(f"{shown(text)} is too often: {message}")
    # If both kinds of days are restricted, cron runs on either.
    if fields[4] == "*" and min(days) > max(_LONGEST[month - 1] for month in months):
        raise ValueError(f"{shown(text)} never runs: no such month has a day {min(days)}")


def _values(field: str, low: int, high: int, names: tuple[str, ...]) -> set[int]:
    """The numbers that a valid field matches."""
    values: set[int] = set()
    for part in field.split(","):
        match = _ENTRY.fullmatch(part.upper())
        assert match is not None
        bounds = [_number(word, low, names) for word in _bounds(match)] or [low, high]
        open_end = len(bounds) == 1 and match[3] is not None
        values |= set(range(bounds[0], (high if open_end else bounds[-1]) + 1, int(match[3] or 1)))
    return values


def _shortest(minutes: set[int], hours: set[int]) -> int:
    """The smallest number of minutes between two runs."""
    ordered = sorted(minutes)
    gaps = [later - earlier for earlier, later in itertools.pairwise(ordered)]
    if any((hour + 1) % 24 in hours for hour in hours):
        gaps.append(ordered[0] + 60 - ordered[-1])
    return min(gaps, default=60)


def _fits(part: str, low: int, high: int, names: tuple[str, ...]) -> bool:
    match = _ENTRY.fullmatch(part.upper())
    if not match or (match[3] is not None and not 1 <= int(match[3]) <= high):
        return False
    numbers = [_number(word, low, names) for word in _bounds(match)]
    return all(low <= number <= high for number in numbers) and numbers == sorted(numbers)


def _bounds(found: re.Match[str]) -> Iterator[str]:
    yield from (word for word in found.group(1, 2) if word is not None)


def _number(word: str, low: int, names: tuple[str, ...]) -> int:
    if word in names:
        return names.index(word) + low
    return int(word) if word.isdigit() else -1
