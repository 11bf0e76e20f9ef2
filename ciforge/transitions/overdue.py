"""Jobs without a definitive result for longer than their deadline."""

from collections.abc import Iterable

import attrs

from ciforge.model.incident import (
    BranchRef,
    Incident,
    IncidentKind,
    IncidentStatus,
    JobDeadline,
    JobState,
    Routing,
    TransitionKind,
)
from ciforge.transitions.state_builder import LedgerBuilder

KEY = "stale"


def look(ledger: LedgerBuilder, expected: Iterable[JobDeadline]) -> None:
    """Opens, adds to or closes the incident of each line that expects results."""
    late: dict[BranchRef, list[str]] = {}
    for one in expected:
        late.setdefault(one.line, [])
        if _is_late(ledger, one):
            late[one.line].append(one.job)
    for incident in list(ledger.incidents.values()):
        if incident.open and incident.nature is IncidentKind.STALE and incident.line not in late:
            _retire(ledger, incident)
    for line, jobs in late.items():
        _judge(ledger, line, tuple(jobs))


def _retire(ledger: LedgerBuilder, known: Incident) -> None:
    """There are no results again, and nobody waits for them."""
    closed = ledger.close(known, IncidentStatus.RETIRED)
    reason = "the project expects none there any more"
    ledger.tell(TransitionKind.RETIRED, Routing.DIGEST, closed, known.jobs, reason=reason)


def _is_late(ledger: LedgerBuilder, one: JobDeadline) -> bool:
    standing = ledger.standings.get((one.line, one.job))
    if standing is None or standing.retired:
        fresh = standing or JobState(line=one.line, job=one.job)
        fresh = attrs.evolve(fresh, listed=ledger.now, retired=False)
        ledger.standings[one.line, one.job] = fresh
        return False
    if standing.troubles and ledger.open_one(
        BranchRef(), IncidentKind.INFRASTRUCTURE, "infrastructure"
    ):
        return False  # operators know why
    last = standing.last.point.at if standing.last else 0.0
    return ledger.now - max(last, standing.listed) > one.deadline


def _judge(ledger: LedgerBuilder, line: BranchRef, late: tuple[str, ...]) -> None:
    known = ledger.open_one(line, IncidentKind.STALE, KEY)
    if known is None:
        if late:
            incident = ledger.new(line, IncidentKind.STALE, KEY)
            incident = attrs.evolve(incident, broken=late, jobs=late)
            ledger.tell(TransitionKind.STALE, Routing.ROOT, incident, late)
        return
    more = tuple(job for job in late if job not in known.jobs)
    incident = attrs.evolve(known, broken=late, jobs=(*known.jobs, *more))
    if not late:
        _end(ledger, incident)
    elif more:
        ledger.tell(TransitionKind.STALE, Routing.REPLY, incident, more)
    else:
        ledger.incidents[known.id] = incident


def answered(ledger: LedgerBuilder, line: BranchRef) -> None:
    """Jobs with a definitive result in this run are late no more."""
    known = ledger.open_one(line, IncidentKind.STALE, KEY)
    if known is None:
        return
    run = ledger.taking.point.run
    back = [j for j in known.broken if (o := ledger.last(line, j)) and o.point.run == run]
    incident = attrs.evolve(known, broken=tuple(j for j in known.broken if j not in back))
    ledger.incidents[known.id] = incident
    if back and not incident.broken:
        _end(ledger, incident)


def _end(ledger: LedgerBuilder, incident: Incident) -> None:
    ledger.tell(
        TransitionKind.STALE,
        Routing.DIGEST,
        ledger.close(incident, IncidentStatus.OVER),
        incident.jobs,
    )
