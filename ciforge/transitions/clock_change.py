"""Removes future times from a ledger after the clock went back: they would hold up reminders and deadlines."""

import attrs

from ciforge.model.incident import Incident, IncidentLedger, JobState, Observation, RunRef
from ciforge.timestamp import LEEWAY


def without_future_times(ledger: IncidentLedger, now: float) -> tuple[IncidentLedger, float]:
    """The ledger with times after `now` set to it, and the seconds by which the latest was ahead, or 0."""
    clock = _Clock(now)
    job_states = {place: clock.job_state(state) for place, state in ledger.job_states.items()}
    incidents = {name: clock.incident(incident) for name, incident in ledger.incidents.items()}
    if not clock.ahead:
        return ledger, 0.0
    return attrs.evolve(ledger, job_states=job_states, incidents=incidents), clock.ahead


class _Clock:
    """`ahead`: seconds by which the latest time so far was ahead. Values without such times stay identical."""

    def __init__(self, now: float) -> None:
        self._now = now
        self.ahead = 0.0

    def job_state(self, state: JobState) -> JobState:
        new = attrs.evolve(
            state, last=self._seen(state.last), good=self._seen(state.good), since=self._point(state.since),
            newest=self._point(state.newest), listed=self._time(state.listed),
            troubled=self._time(state.troubled),
        )  # fmt: skip
        return state if new == state else new

    def incident(self, stored: Incident) -> Incident:
        new = attrs.evolve(
            stored, opened=self._point(stored.opened), newest=self._point(stored.newest),
            bad=self._point(stored.bad), good=self._point(stored.good) if stored.good else None,
            closed=self._point(stored.closed) if stored.closed else None,
            root_mailed=self._time(stored.root_mailed), mailed=self._time(stored.mailed),
        )  # fmt: skip
        return stored if new == stored else new

    def _seen(self, observation: Observation | None) -> Observation | None:
        return (
            attrs.evolve(observation, point=self._point(observation.point)) if observation else None
        )

    def _point(self, point: RunRef) -> RunRef:
        return attrs.evolve(point, at=self._time(point.at))

    def _time(self, at: float) -> float:
        if at <= self._now + LEEWAY:
            return at
        self.ahead = max(self.ahead, at - self._now)
        return self._now
