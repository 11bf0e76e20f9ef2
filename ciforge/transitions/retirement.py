"""Jobs that were taken from the matrix, and lines that nobody follows: they leave their incidents, and mend none."""

import attrs

from ciforge.model.incident import (
    BranchRef,
    Incident,
    IncidentKind,
    IncidentStatus,
    Routing,
    TransitionKind,
)
from ciforge.transitions.job_state import is_news, retire
from ciforge.transitions.state_builder import LedgerBuilder


def retire_absent(ledger: LedgerBuilder, line: BranchRef) -> None:
    """Retires the jobs of a line that are not listed any more."""
    listed = ledger.taking.matrix.get(line)
    if listed is None:
        return
    gone = [
        standing.job
        for standing in ledger.of_line(line)
        if standing.job not in listed and is_news(standing, ledger.taking.point)
    ]
    _retire(ledger, line, gone)


def retire_line(ledger: LedgerBuilder, line: BranchRef, reason: str) -> None:
    """Retires all jobs of a line, and says why where they were broken."""
    _retire(ledger, line, [standing.job for standing in ledger.of_line(line)], reason)


def _retire(ledger: LedgerBuilder, line: BranchRef, gone: list[str], reason: str = "") -> None:
    for job in gone:
        ledger.standings[line, job] = retire(ledger.standings[line, job])
    for nature in (IncidentKind.CAUSE, IncidentKind.STALE):
        for incident in ledger.all_open(line, nature):
            _leave(ledger, incident, gone, reason)


def _leave(ledger: LedgerBuilder, known: Incident, gone: list[str], reason: str) -> None:
    concerned = tuple(job for job in gone if job in known.jobs)
    if not concerned:
        return
    showing = tuple(job for job in concerned if job in known.broken)
    incident = attrs.evolve(
        known,
        broken=tuple(job for job in known.broken if job not in gone),
        jobs=tuple(job for job in known.jobs if job not in gone),
        retired=(*known.retired, *showing),
    )
    if incident.broken or not showing:
        ledger.tell(TransitionKind.RETIRED, Routing.DIGEST, incident, concerned)
    else:
        closed = ledger.close(incident, IncidentStatus.RETIRED)
        ledger.tell(TransitionKind.RETIRED, Routing.REPLY, closed, concerned, reason=reason)
