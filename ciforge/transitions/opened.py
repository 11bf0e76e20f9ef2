"""Jobs that show a cause: broken, still broken, spread, changed, returned, flaky."""

from collections.abc import Iterable, Sequence

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
from ciforge.transitions.job_state import JobTransition, joined
from ciforge.transitions.state_builder import LedgerBuilder


def open_incidents(ledger: LedgerBuilder, line: BranchRef, moves: Sequence[JobTransition]) -> None:
    """Opens, or adds to, one incident for each cause that this run shows."""
    for key in dict.fromkeys(key for move in moves for key in move.after.causes):
        showing = [move for move in moves if key in move.after.causes]
        known = ledger.open_one(line, IncidentKind.CAUSE, key)
        if known is None:
            _open(ledger, line, key, showing)
        else:
            _go_on(ledger, known, showing)


def _open(
    ledger: LedgerBuilder, line: BranchRef, key: str, showing: Sequence[JobTransition]
) -> None:
    old = ledger.last_closed(line, key)
    turn = _first_turn(key, showing, old)
    before, after = _sides(showing)
    jobs = _ids(showing)
    incident = attrs.evolve(
        ledger.new(line, IncidentKind.CAUSE, key), cause=ledger.cause(line, key), broken=jobs,
        jobs=jobs, good=before.point if before else None, bad=after.point, newest=after.point,
        flaky=turn is TransitionKind.FLAKY,
    )  # fmt: skip
    previous = _taken_from(ledger, line, showing) if turn is TransitionKind.CHANGED else old
    incident = attrs.evolve(incident, previous=previous.id if previous else "")
    quiet = _is_allowed(showing) or (turn is TransitionKind.FLAKY and old is not None)
    way = Routing.DIGEST if quiet else Routing.ROOT
    ledger.tell(turn, way, incident, jobs, previous=previous, sides=(before, after))


def _first_turn(key: str, showing: Sequence[JobTransition], old: Incident | None) -> TransitionKind:
    """What it is that opens an incident, by what its jobs were before."""
    if all(move.same_commit and _may_waver(move, old) for move in showing):
        return TransitionKind.FLAKY
    if all(_took_over(move, key) for move in showing):
        return TransitionKind.CHANGED
    if old is not None and old.condition is not IncidentStatus.RETIRED:
        return TransitionKind.RETURNED
    return TransitionKind.BROKEN


def _may_waver(move: JobTransition, old: Incident | None) -> bool:
    """From green at the same commit, or from one known cause to another."""
    return move.before is not None and (move.before.passed or old is not None)


def _took_over(move: JobTransition, key: str) -> bool:
    """Whether the job was broken by a cause that gave way to this one."""
    return bool(move.went) and key in move.came


def _taken_from(
    ledger: LedgerBuilder, line: BranchRef, showing: Sequence[JobTransition]
) -> Incident | None:
    """The incident that loses most jobs to the new one; its key is still open at this time."""
    went = [key for move in showing for key in move.went]
    keys = sorted(dict.fromkeys(went), key=went.count, reverse=True)
    found = (ledger.open_one(line, IncidentKind.CAUSE, key) for key in keys)
    return next((incident for incident in found if incident), None)


def _go_on(ledger: LedgerBuilder, known: Incident, showing: Sequence[JobTransition]) -> None:
    """An open incident: more jobs, or the same again."""
    more = [move for move in showing if known.key in move.came]
    after = (more or showing)[-1].after
    cause = ledger.cause(known.line, known.key, known.cause)
    incident = attrs.evolve(known, cause=cause, newest=after.point)
    if more:
        ids = _ids(more)
        incident = attrs.evolve(
            incident, broken=joined(known.broken, ids), jobs=joined(known.jobs, ids)
        )
    if _must_be_told(known, showing):
        _tell_late(ledger, incident, showing)
    elif more:
        wavering = all(move.same_commit for move in more)
        turn = TransitionKind.FLAKY if wavering else TransitionKind.SPREAD
        way = Routing.DIGEST if wavering or _is_allowed(more) else Routing.REPLY
        ledger.tell(turn, way, incident, _ids(more), sides=_sides(more))
    else:
        ledger.tell(
            TransitionKind.STILL_BROKEN,
            Routing.SILENT,
            incident,
            _ids(showing),
            sides=(None, after),
        )


def _must_be_told(known: Incident, showing: Sequence[JobTransition]) -> bool:
    """Whether only digests know of it, and it is now more than wavering or allowed to fail."""
    if known.told:
        return False
    return any(not move.same_commit and not move.after.allow_failure for move in showing)


def _tell_late(ledger: LedgerBuilder, incident: Incident, showing: Sequence[JobTransition]) -> None:
    turn = TransitionKind.RETURNED if incident.flaky else TransitionKind.BROKEN
    previous = ledger.incidents.get(incident.previous)
    sides = _sides(showing)
    ledger.tell(turn, Routing.ROOT, incident, incident.broken, previous=previous, sides=sides)


def _sides(moves: Sequence[JobTransition]) -> tuple[Observation | None, Observation]:
    """The newest result that was good, and the first that was bad: of a job that had a good one."""
    judged = [move for move in moves if move.good is not None]
    if not judged:
        return None, moves[0].after
    best = max(judged, key=lambda move: _place(move.good))
    return best.good, best.after


def _place(seen: Observation | None) -> int:
    return seen.point.sequence if seen else 0


def _is_allowed(moves: Sequence[JobTransition]) -> bool:
    return all(move.after.allow_failure for move in moves)


def _ids(moves: Iterable[JobTransition]) -> tuple[str, ...]:
    return tuple(move.job for move in moves)
