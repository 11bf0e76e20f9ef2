"""Transitions that time alone causes: reminders, overdue jobs, infrastructure that stays down."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import attrs

from ciforge.model.incident import (
    BranchRef,
    Incident,
    IncidentKind,
    IncidentLedger,
    JobDeadline,
    ObservedRun,
    Routing,
    RunRef,
    Transition,
    TransitionKind,
)
from ciforge.transitions import infrastructure, overdue
from ciforge.transitions.retirement import retire_branch
from ciforge.transitions.state_builder import LedgerBuilder

DAY = 86400.0
REMINDERS = (1 * DAY, 3 * DAY, 7 * DAY)
"""Seconds after the root mail; afterwards one line in a weekly digest."""
QUIET = DAY / 2
"""Seconds after any mail of a thread during which no reminder is sent."""

_TURNS = {
    IncidentKind.CAUSE: TransitionKind.STILL_BROKEN,
    IncidentKind.INFRASTRUCTURE: TransitionKind.INFRASTRUCTURE,
    IncidentKind.STALE: TransitionKind.STALE,
}
"""A reminder is routed as the first mail was."""


def due(
    ledger: IncidentLedger,
    expected: Iterable[JobDeadline],
    now: float,
    dropped: Mapping[BranchRef, str] = MappingProxyType({}),
    sequence: int = 0,
) -> tuple[IncidentLedger, tuple[Transition, ...]]:
    """The ledger at `now` (seconds since 1970), and the transitions that are due.

    `sequence` is the number of the last run; `dropped` maps branches that are no longer followed to
    the reason.
    """
    builder = LedgerBuilder(
        ledger, ObservedRun(point=RunRef(sequence=sequence, at=now), observations={}), now
    )
    for branch, reason in dropped.items():
        retire_branch(builder, branch, reason)
    overdue.update(builder, expected)
    infrastructure.update(builder)
    changed = {change.incident.id for change in builder.changes}
    for incident in list(builder.incidents.values()):
        if incident.open and incident.id not in changed:
            _remind(builder, incident)
    return builder.result()


def _remind(builder: LedgerBuilder, incident: Incident) -> None:
    if incident.muted(builder.now):
        return  # it is reminded of when that ends
    passed = _passed(incident, builder.now)
    if passed < incident.reminders:  # the clock was ahead when they were sent
        builder.incidents[incident.id] = attrs.evolve(incident, reminders=passed)
    if passed <= incident.reminders:
        return
    reminded = attrs.evolve(incident, reminders=passed)
    if incident.mailed > incident.root_mailed and builder.now - incident.mailed < QUIET:
        builder.incidents[incident.id] = reminded
        return
    way = Routing.REPLY if incident.root_mailed and passed <= len(REMINDERS) else Routing.DIGEST
    builder.record(_TURNS[incident.kind], way, reminded, incident.broken)


def _passed(incident: Incident, now: float) -> int:
    """The number of reminders that are due by now, those already sent included."""
    age = now - (incident.root_mailed or incident.opened.at)
    weeks = max(0, int(age // REMINDERS[-1]))
    if not incident.root_mailed:
        return weeks
    return sum(age >= reminder for reminder in REMINDERS) + max(0, weeks - 1)
