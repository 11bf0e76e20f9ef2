"""Jobs that show a cause no more: partial, fixed, flaky, and the pointer to another cause."""

from collections.abc import Iterator, Sequence

import attrs

from ciforge.model.incident import (
    BranchRef,
    Incident,
    IncidentKind,
    IncidentStatus,
    Observation,
    Routing,
    TransitionKind,
)
from ciforge.transitions.job_state import JobTransition, causes_of, joined
from ciforge.transitions.state_builder import LedgerBuilder


def close_incidents(ledger: LedgerBuilder, line: BranchRef, moves: Sequence[JobTransition]) -> None:
    """Takes jobs out of the incidents whose cause they show no more."""
    for incident in ledger.all_open(line, IncidentKind.CAUSE):
        gone = [move for move in moves if incident.key in move.went]
        if gone:
            _leave(ledger, incident, gone)


def _leave(ledger: LedgerBuilder, known: Incident, gone: Sequence[JobTransition]) -> None:
    green = [move for move in gone if move.after.passed]
    ids = {move.job for move in gone}
    incident = attrs.evolve(
        known, broken=tuple(job for job in known.broken if job not in ids),
        newest=gone[-1].after.point,
        mended=known.mended or any(not move.same_commit for move in green),
    )  # fmt: skip
    if not incident.broken and _all_pass(ledger, incident):
        _end(ledger, incident, green)
        return
    if green and incident.broken:
        turn = (
            TransitionKind.FLAKY
            if all(move.same_commit for move in green)
            else TransitionKind.PARTIAL
        )
        jobs = [move.job for move in green]
        incident = ledger.tell(turn, Routing.DIGEST, incident, jobs, sides=_sides(green))
    if len(green) < len(gone) or not incident.broken:
        _point_elsewhere(ledger, incident, gone)


def _all_pass(ledger: LedgerBuilder, incident: Incident) -> bool:
    """Whether the last definitive result of every job that ever showed it is green."""
    results = (ledger.last(incident.line, job) for job in incident.jobs)
    return all(result is not None and result.passed for result in results)


def _end(ledger: LedgerBuilder, incident: Incident, green: Sequence[JobTransition]) -> None:
    """All is green: mended, unless every job only wavered at its commit."""
    fixed = incident.mended
    turn, way = (
        (TransitionKind.FIXED, Routing.REPLY) if fixed else (TransitionKind.FLAKY, Routing.DIGEST)
    )
    closed = ledger.close(incident, IncidentStatus.FIXED if fixed else IncidentStatus.FLAKY)
    ledger.tell(turn, way, closed, incident.jobs, sides=_sides(green))


def _point_elsewhere(
    ledger: LedgerBuilder, incident: Incident, gone: Sequence[JobTransition]
) -> None:
    """Says in the old thread where its jobs are now; without any job left the thread is at its end."""
    successors = tuple(_successors(ledger, incident))
    names = joined(incident.successors, tuple(one.id for one in successors))
    incident = attrs.evolve(incident, successors=names)
    if not incident.broken:
        incident = ledger.close(incident, IncidentStatus.CHANGED)
    jobs = [move.job for move in gone if not move.after.passed]
    ledger.tell(
        TransitionKind.CHANGED,
        Routing.REPLY,
        incident,
        jobs,
        successors=successors,
        sides=(None, gone[-1].after),
    )


def _successors(ledger: LedgerBuilder, incident: Incident) -> Iterator[Incident]:
    """The open incidents of the jobs that fail for another cause now."""
    results = (ledger.last(incident.line, job) for job in incident.jobs)
    keys = dict.fromkeys(key for result in results for key in causes_of(result))
    for key in keys:
        found = ledger.open_one(incident.line, IncidentKind.CAUSE, key)
        if found and found.id != incident.id:
            yield found


def _sides(moves: Sequence[JobTransition]) -> tuple[Observation | None, Observation]:
    """The newest bad result, and the first after it."""
    latest = max(moves, key=lambda move: move.before.point.sequence if move.before else 0)
    return latest.before, latest.after
