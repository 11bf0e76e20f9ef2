"""Jobs of which nothing is known: for the operators, after two runs or a day."""

import attrs

from ciforge.model.incident import (
    BranchRef,
    Incident,
    IncidentKind,
    IncidentStatus,
    JobState,
    Routing,
    TransitionKind,
)
from ciforge.transitions.state_builder import LedgerBuilder

KEY = "infrastructure"
RUNS = 2
"""In a row, until operators hear of it."""
PATIENCE = 86400.0
"""Seconds until they hear of it though it was not tried again."""


def judge(ledger: LedgerBuilder) -> None:
    """Opens, adds to or closes the one incident that all lines share."""
    troubled = _troubled(ledger)
    known = ledger.open_one(BranchRef(), IncidentKind.INFRASTRUCTURE, KEY)
    if known is None:
        if any(_is_due(ledger, standing) for standing in troubled):
            _tell(
                ledger,
                ledger.new(BranchRef(), IncidentKind.INFRASTRUCTURE, KEY),
                troubled,
                Routing.ROOT,
            )
    elif not troubled:
        closed = ledger.close(known, IncidentStatus.OVER)
        ledger.tell(TransitionKind.INFRASTRUCTURE, Routing.DIGEST, closed, known.jobs)
    elif any(s.job not in known.jobs and _is_due(ledger, s) for s in troubled):
        _tell(ledger, known, troubled, Routing.REPLY)
    else:
        broken = _ids(troubled)
        ledger.incidents[known.id] = attrs.evolve(known, broken=broken)


def _troubled(ledger: LedgerBuilder) -> list[JobState]:
    """Jobs of which nothing is known; a newer result of the same job on any branch clears them."""
    known: dict[str, int] = {}
    for standing in ledger.standings.values():
        if standing.last:
            place = standing.last.point.sequence
            known[standing.job] = max(known.get(standing.job, 0), place)
    return [
        standing
        for standing in ledger.standings.values()
        if standing.troubles
        and not standing.retired
        and standing.newest.sequence > known.get(standing.job, 0)
    ]


def _is_due(ledger: LedgerBuilder, standing: JobState) -> bool:
    return standing.troubles >= RUNS or ledger.now - standing.troubled >= PATIENCE


def _tell(ledger: LedgerBuilder, known: Incident, troubled: list[JobState], way: Routing) -> None:
    ids = _ids(troubled)
    new = tuple(job for job in ids if job not in known.jobs)
    incident = attrs.evolve(
        known, broken=ids, jobs=tuple(dict.fromkeys((*known.jobs, *ids))),
        newest=max((s.newest for s in troubled), key=lambda point: point.sequence),
    )  # fmt: skip
    ledger.tell(TransitionKind.INFRASTRUCTURE, way, incident, new)


def _ids(troubled: list[JobState]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(standing.job for standing in troubled))
