"""Jobs without a definitive result for longer than their deadline."""

from collections.abc import Iterable

import attrs

from ciforge.incidents.ledger import Ledger
from ciforge.model.incident import (
    Condition,
    Expected,
    Incident,
    Line,
    Nature,
    Standing,
    Turn,
    Way,
)

KEY = "stale"


def look(ledger: Ledger, expected: Iterable[Expected]) -> None:
    """Opens, adds to or closes the incident of each line that expects results."""
    late: dict[Line, list[str]] = {}
    for one in expected:
        late.setdefault(one.line, [])
        if _is_late(ledger, one):
            late[one.line].append(one.job)
    for incident in list(ledger.incidents.values()):
        if incident.open and incident.nature is Nature.STALE and incident.line not in late:
            _retire(ledger, incident)
    for line, jobs in late.items():
        _judge(ledger, line, tuple(jobs))


def _retire(ledger: Ledger, known: Incident) -> None:
    """There are no results again, and nobody waits for them."""
    closed = ledger.close(known, Condition.RETIRED)
    reason = "the project expects none there any more"
    ledger.tell(Turn.RETIRED, Way.DIGEST, closed, known.jobs, reason=reason)


def _is_late(ledger: Ledger, one: Expected) -> bool:
    standing = ledger.standings.get((one.line, one.job))
    if standing is None or standing.retired:
        fresh = standing or Standing(line=one.line, job=one.job)
        fresh = attrs.evolve(fresh, listed=ledger.now, retired=False)
        ledger.standings[one.line, one.job] = fresh
        return False
    if standing.troubles and ledger.open_one(Line(), Nature.INFRASTRUCTURE, "infrastructure"):
        return False  # operators know why
    last = standing.last.point.at if standing.last else 0.0
    return ledger.now - max(last, standing.listed) > one.deadline


def _judge(ledger: Ledger, line: Line, late: tuple[str, ...]) -> None:
    known = ledger.open_one(line, Nature.STALE, KEY)
    if known is None:
        if late:
            incident = ledger.new(line, Nature.STALE, KEY)
            incident = attrs.evolve(incident, broken=late, jobs=late)
            ledger.tell(Turn.STALE, Way.ROOT, incident, late)
        return
    more = tuple(job for job in late if job not in known.jobs)
    incident = attrs.evolve(known, broken=late, jobs=(*known.jobs, *more))
    if not late:
        _end(ledger, incident)
    elif more:
        ledger.tell(Turn.STALE, Way.REPLY, incident, more)
    else:
        ledger.incidents[known.id] = incident


def answered(ledger: Ledger, line: Line) -> None:
    """Jobs with a definitive result in this run are late no more."""
    known = ledger.open_one(line, Nature.STALE, KEY)
    if known is None:
        return
    run = ledger.taking.point.run
    back = [j for j in known.broken if (o := ledger.last(line, j)) and o.point.run == run]
    incident = attrs.evolve(known, broken=tuple(j for j in known.broken if j not in back))
    ledger.incidents[known.id] = incident
    if back and not incident.broken:
        _end(ledger, incident)


def _end(ledger: Ledger, incident: Incident) -> None:
    ledger.tell(Turn.STALE, Way.DIGEST, ledger.close(incident, Condition.OVER), incident.jobs)
