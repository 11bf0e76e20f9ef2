"""The support of a release: its state on a day, and the words for it."""

import datetime
import enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ciforge.model.distro import Distribution, Release

Day = datetime.date
WARNED_DAYS = 30
"""Days before its end of life in which a release is reported as ending."""


class Supported(Protocol):
    """A release, or a job on one, whose support ends."""

    @property
    def eol(self) -> str: ...
    @property
    def rolling(self) -> bool: ...
    @property
    def prerelease(self) -> bool: ...


class Support(enum.Enum):
    """The state of a release on one day."""

    SUPPORTED = "supported"
    ENDING = "ending"
    """Its end is at most 30 days away."""
    ENDED = "ended"
    ROLLING = "rolling"
    PRERELEASE = "prerelease"
    UNKNOWN = "unknown"
    """No end is published."""


def support_of(release: Supported, today: datetime.date) -> Support:
    """The state of a release; the day of its end is still supported."""
    if release.rolling:
        return Support.ROLLING
    if release.prerelease:
        return Support.PRERELEASE
    if not release.eol:
        return Support.UNKNOWN
    left = days_left(release, today)
    if left < 0:
        return Support.ENDED
    return Support.ENDING if left <= WARNED_DAYS else Support.SUPPORTED


def days_left(release: Supported, today: datetime.date) -> int:
    """Days until its end, negative after it. The release must have an `eol`."""
    return (datetime.date.fromisoformat(release.eol) - today).days


def end_note(release: Supported, today: datetime.date) -> str:
    """`end of life since 2026-08-31` for a list; empty for a release that does not end soon."""
    match support_of(release, today):
        case Support.ENDED:
            return f"end of life since {release.eol}"
        case Support.ENDING:
            return f"end of life on {release.eol}, {_in(days_left(release, today))}"
        case _:
            return ""


def end_sentence(distribution: "Distribution", release: "Release", today: datetime.date) -> str:
    """A sentence with the newest release to move to; empty for a release that does not end soon."""
    name = distribution.release_id(release)
    match support_of(release, today):
        case Support.ENDED:
            event = f"{name} reached its end of life on {release.eol}"
        case Support.ENDING:
            event = (
                f"{name} reaches its end of life on {release.eol}, {_in(days_left(release, today))}"
            )
        case _:
            return ""
    newest = distribution.latest(1)
    if newest in ((), (release.release,)):
        return event
    return f"{event}; the newest release is {distribution.distribution}-{newest[0]}"


def _in(days: int) -> str:
    return "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
