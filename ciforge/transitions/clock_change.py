"""Removes future times from a ledger after the clock went back: they would hold up reminders and deadlines."""

import attrs

from ciforge.model.incident import Incident, IncidentLedger, JobState, Observation, RunRef
from ciforge.timestamp import LEEWAY


def without_future_times(ledger: IncidentLedger, now: float) -> tuple[IncidentLedger, float]:
    """The ledger with times after `now` set to it, and the seconds by which the latest was ahead, or 0."""
    clock = _Clock(now)
    job_states = {place: clock.job_state(one) for place, one in ledger.job_states.items()}
    incidents = {name: clock.incident(one) for name, one in ledger.incidents.items()}
    if not clock.ahead:
        return ledger, 0.0
    return attrs.evolve(ledger, job_states=job_states, incidents=incidents), clock.ahead


class _Clock:
    """`ahead`: seconds by which the latest time so far was ahead. Values without such times stay identical."""

    def __init__(self, now: float) -> None:
        self._now = now
        self.ahead = 0.0

    def job_state(self, one: JobState) -> JobState:
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
