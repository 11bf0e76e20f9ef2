"""Jobs that show a cause no more: partial, fixed, flaky, and the pointer to another cause."""

from collections.abc import Iterator, Sequence

import attrs

from ciforge.incidents.ledger import Ledger
from ciforge.incidents.standing import Move, causes_of, joined
from ciforge.model.incident import Condition, Incident, Line, Nature, Observation, Turn, Way


def left(ledger: Ledger, line: Line, moves: Sequence[Move]) -> None:
    """Takes jobs out of the incidents whose cause they show no more."""
    for incident in ledger.all_open(line, Nature.CAUSE):
        gone = [move for move in moves if incident.key in move.went]
        if gone:
            _leave(ledger, incident, gone)


def _leave(ledger: Ledger, known: Incident, gone: Sequence[Move]) -> None:
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
        turn = Turn.FLAKY if all(move.same_commit for move in green) else Turn.PARTIAL
        jobs = [move.job for move in green]
        incident = ledger.tell(turn, Way.DIGEST, incident, jobs, sides=_sides(green))
    if len(green) < len(gone) or not incident.broken:
        _point_elsewhere(ledger, incident, gone)


def _all_pass(ledger: Ledger, incident: Incident) -> bool:
    """Whether the last definitive result of every job that ever showed it is green."""
    results = (ledger.last(incident.line, job) for job in incident.jobs)
    return all(result is not None and result.passed for result in results)


def _end(ledger: Ledger, incident: Incident, green: Sequence[Move]) -> None:
    """All is green: mended, unless every job only wavered at its commit."""
    fixed = incident.mended
    turn, way = (Turn.FIXED, Way.REPLY) if fixed else (Turn.FLAKY, Way.DIGEST)
    closed = ledger.close(incident, Condition.FIXED if fixed else Condition.FLAKY)
    ledger.tell(turn, way, closed, incident.jobs, sides=_sides(green))


def _point_elsewhere(ledger: Ledger, incident: Incident, gone: Sequence[Move]) -> None:
    """Says in the old thread where its jobs are now; without any job left the thread is at its end."""
    successors = tuple(_successors(ledger, incident))
    names = joined(incident.successors, tuple(one.id for one in successors))
    incident = attrs.evolve(incident, successors=names)
    if not incident.broken:
        incident = ledger.close(incident, Condition.CHANGED)
    jobs = [move.job for move in gone if not move.after.passed]
    ledger.tell(
        Turn.CHANGED, Way.REPLY, incident, jobs, successors=successors, sides=(None, gone[-1].after)
    )


def _successors(ledger: Ledger, incident: Incident) -> Iterator[Incident]:
    """The open incidents of the jobs that fail for another cause now."""
    results = (ledger.last(incident.line, job) for job in incident.jobs)
    keys = dict.fromkeys(key for result in results for key in causes_of(result))
    for key in keys:
        found = ledger.open_one(incident.line, Nature.CAUSE, key)
        if found and found.id != incident.id:
            yield found


def _sides(moves: Sequence[Move]) -> tuple[Observation | None, Observation]:
    """The newest bad result, and the first after it."""
    latest = max(moves, key=lambda move: move.before.point.sequence if move.before else 0)
    return latest.before, latest.after
