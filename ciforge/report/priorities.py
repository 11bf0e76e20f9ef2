"""Open causes in the order in which they are best worked on."""

from collections.abc import Iterable, Iterator

from ciforge.model.open_cause import OpenCause
from ciforge.model.quantities import age, plural
from ciforge.timestamp import minute_text

_SHOWN = 8
"""Characters of an id that commands show and accept; fewer do, if they are unambiguous."""


def ranked(causes: Iterable[OpenCause], now: float) -> tuple[OpenCause, ...]:
    """Returns muted ones last, then those first that break most jobs and systems, the oldest first.

    Reports list the causes of a run in the same order, as far as a run knows it."""
    return tuple(
        sorted(
            causes,
            key=lambda each: (
                each.muted(now), -len(each.broken), -len(each.systems), each.opened,
                min(each.broken, default=""), each.id,
            ),
        )
    )  # fmt: skip


def short(cause: OpenCause) -> str:
    """The beginning of its id, as commands show it."""
    return cause.id[:_SHOWN]


def extent(cause: OpenCause, now: float) -> str:
    """`6 jobs on 3 systems, for 4 days`."""
    jobs = plural(len(cause.broken), "job")
    return f"{jobs} on {plural(len(cause.systems), 'system')}, for {age(now - cause.opened)}"


def state_lines(cause: OpenCause, now: float) -> Iterator[str]:
    """A line if it is muted, and one if somebody is assigned."""
    if cause.muted(now):
        yield f"muted until {minute_text(cause.muted_until)}: {cause.mute_reason}"
    if cause.assignee:
        yield f"assigned to {cause.assignee}"


def priority_lines(number: int, cause: OpenCause, now: float) -> Iterator[str]:
    """A cause in two lines, or more if it is muted or assigned."""
    yield f"{number}. {cause.title}  ({extent(cause, now)})"
    yield f"   {cause.whose}; ciforge incident {short(cause)}"
    yield from (f"   {line}" for line in state_lines(cause, now))
