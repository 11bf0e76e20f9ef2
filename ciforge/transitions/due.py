"""What time alone brings about: reminders, jobs that are late, infrastructure that stays away."""

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
from ciforge.transitions.retirement import retire_line
from ciforge.transitions.state_builder import LedgerBuilder

DAY = 86400.0
REMINDERS = (1 * DAY, 3 * DAY, 7 * DAY)
"""Seconds after the root mail; afterwards a line in a digest every week."""
QUIET = DAY / 2
"""Seconds after another mail of the thread in which no reminder is needed."""

_TURNS = {
    IncidentKind.CAUSE: TransitionKind.STILL_BROKEN,
    IncidentKind.INFRASTRUCTURE: TransitionKind.INFRASTRUCTURE,
    IncidentKind.STALE: TransitionKind.STALE,
}
"""A reminder goes where the first mail went."""


def due(
    book: IncidentLedger,
    expected: Iterable[JobDeadline],
    now: float,
    left: Mapping[BranchRef, str] = MappingProxyType({}),
    sequence: int = 0,
) -> tuple[IncidentLedger, tuple[Transition, ...]]:
    """The book at a moment, and what there is to tell. `now` is in seconds since 1970, `sequence`
    the place of the last run.

    `left` are the lines that nobody follows any more, and why.
    """
    ledger = LedgerBuilder(
        book, ObservedRun(point=RunRef(sequence=sequence, at=now), observations={}), now
    )
    for line, reason in left.items():
        retire_line(ledger, line, reason)
    overdue.look(ledger, expected)
    infrastructure.judge(ledger)
    told = {change.incident.id for change in ledger.changes}
    for incident in list(ledger.incidents.values()):
        if incident.open and incident.id not in told:
            _remind(ledger, incident)
    return ledger.result()


def _remind(ledger: LedgerBuilder, incident: Incident) -> None:
    passed = _passed(incident, ledger.now)
    if passed < incident.reminders:  # the clock was ahead when they were sent
        ledger.incidents[incident.id] = attrs.evolve(incident, reminders=passed)
    if passed <= incident.reminders:
        return
    reminded = attrs.evolve(incident, reminders=passed)
    if incident.mailed > incident.told and ledger.now - incident.mailed < QUIET:
        ledger.incidents[incident.id] = reminded
        return
    way = Routing.REPLY if incident.told and passed <= len(REMINDERS) else Routing.DIGEST
    ledger.tell(_TURNS[incident.nature], way, reminded, incident.broken)


def _passed(incident: Incident, now: float) -> int:
    """How many reminders should have been by now."""
    age = now - (incident.told or incident.opened.at)
    weeks = max(0, int(age // REMINDERS[-1]))
    if not incident.told:
        return weeks
    return sum(age >= one for one in REMINDERS) + max(0, weeks - 1)
