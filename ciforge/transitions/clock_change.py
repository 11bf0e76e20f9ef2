"""A book after the clock went back: what lies ahead of it would keep reminders and deadlines silent."""

import attrs

from ciforge.model.incident import Incident, IncidentLedger, JobState, Observation, RunRef
from ciforge.timestamp import LEEWAY


def settled(book: IncidentLedger, now: float) -> tuple[IncidentLedger, float]:
    """The book without times ahead of `now`, and by how many seconds at most they were ahead."""
    clock = _Clock(now)
    standings = {place: clock.standing(one) for place, one in book.standings.items()}
    incidents = {name: clock.incident(one) for name, one in book.incidents.items()}
    if not clock.ahead:
        return book, 0.0
    return attrs.evolve(book, standings=standings, incidents=incidents), clock.ahead


class _Clock:
    """`ahead` is what was met so far, in seconds; a value without such a time comes back as it is."""

    def __init__(self, now: float) -> None:
        self._now = now
        self.ahead = 0.0

    def standing(self, one: JobState) -> JobState:
        new = attrs.evolve(
            one, last=self._seen(one.last), good=self._seen(one.good), since=self._point(one.since),
            newest=self._point(one.newest), listed=self._time(one.listed),
            troubled=self._time(one.troubled),
        )  # fmt: skip
        return one if new == one else new

    def incident(self, one: Incident) -> Incident:
        new = attrs.evolve(
            one, opened=self._point(one.opened), newest=self._point(one.newest),
            bad=self._point(one.bad), good=self._point(one.good) if one.good else None,
            closed=self._point(one.closed) if one.closed else None,
            told=self._time(one.told), mailed=self._time(one.mailed),
        )  # fmt: skip
        return one if new == one else new

    def _seen(self, one: Observation | None) -> Observation | None:
        return attrs.evolve(one, point=self._point(one.point)) if one else None

    def _point(self, one: RunRef) -> RunRef:
        return attrs.evolve(one, at=self._time(one.at))

    def _time(self, at: float) -> float:
        if at <= self._now + LEEWAY:
            return at
        self.ahead = max(self.ahead, at - self._now)
        return self._now
