"""Jobs that show a cause: broken, still broken, spread, changed, returned, flaky."""

from collections.abc import Iterable, Sequence

import attrs

from ciforge.incidents.ledger import Ledger
from ciforge.incidents.standing import Move, joined
from ciforge.model.incident import (
    Condition,
    Incident,
    Line,
    Nature,
    Observation,
    Turn,
    Way,
)


def broke(ledger: Ledger, line: Line, moves: Sequence[Move]) -> None:
    """Opens, or adds to, one incident for each cause that this run shows."""
    for key in dict.fromkeys(key for move in moves for key in move.after.causes):
        showing = [move for move in moves if key in move.after.causes]
        known = ledger.open_one(line, Nature.CAUSE, key)
        if known is None:
            _open(ledger, line, key, showing)
        else:
            _go_on(ledger, known, showing)


def _open(ledger: Ledger, line: Line, key: str, showing: Sequence[Move]) -> None:
    old = ledger.last_closed(line, key)
    turn = _first_turn(key, showing, old)
    before, after = _sides(showing)
    jobs = _ids(showing)
    incident = attrs.evolve(
        ledger.new(line, Nature.CAUSE, key), cause=ledger.cause(line, key), broken=jobs,
        jobs=jobs, good=before.point if before else None, bad=after.point, newest=after.point,
        flaky=turn is Turn.FLAKY,
    )  # fmt: skip
    previous = _taken_from(ledger, line, showing) if turn is Turn.CHANGED else old
    incident = attrs.evolve(incident, previous=previous.id if previous else "")
    quiet = _is_allowed(showing) or (turn is Turn.FLAKY and old is not None)
    way = Way.DIGEST if quiet else Way.ROOT
    ledger.tell(turn, way, incident, jobs, previous=previous, sides=(before, after))


def _first_turn(key: str, showing: Sequence[Move], old: Incident | None) -> Turn:
    """What it is that opens an incident, by what its jobs were before."""
    if all(move.same_commit and _may_waver(move, old) for move in showing):
        return Turn.FLAKY
    if all(_took_over(move, key) for move in showing):
        return Turn.CHANGED
    if old is not None and old.condition is not Condition.RETIRED:
        return Turn.RETURNED
    return Turn.BROKEN


def _may_waver(move: Move, old: Incident | None) -> bool:
    """From green at the same commit, or from one known cause to another."""
    return move.before is not None and (move.before.passed or old is not None)


def _took_over(move: Move, key: str) -> bool:
    """Whether the job was broken by a cause that gave way to this one."""
    return bool(move.went) and key in move.came


def _taken_from(ledger: Ledger, line: Line, showing: Sequence[Move]) -> Incident | None:
    """The incident that loses most jobs to the new one; its key is still open at this time."""
    went = [key for move in showing for key in move.went]
    keys = sorted(dict.fromkeys(went), key=went.count, reverse=True)
    found = (ledger.open_one(line, Nature.CAUSE, key) for key in keys)
    return next((incident for incident in found if incident), None)


def _go_on(ledger: Ledger, known: Incident, showing: Sequence[Move]) -> None:
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
        turn = Turn.FLAKY if wavering else Turn.SPREAD
        way = Way.DIGEST if wavering or _is_allowed(more) else Way.REPLY
        ledger.tell(turn, way, incident, _ids(more), sides=_sides(more))
    else:
        ledger.tell(Turn.STILL_BROKEN, Way.SILENT, incident, _ids(showing), sides=(None, after))


def _must_be_told(known: Incident, showing: Sequence[Move]) -> bool:
    """Whether only digests know of it, and it is now more than wavering or allowed to fail."""
    if known.told:
        return False
    return any(not move.same_commit and not move.after.allow_failure for move in showing)


def _tell_late(ledger: Ledger, incident: Incident, showing: Sequence[Move]) -> None:
    turn = Turn.RETURNED if incident.flaky else Turn.BROKEN
    previous = ledger.incidents.get(incident.previous)
    sides = _sides(showing)
    ledger.tell(turn, Way.ROOT, incident, incident.broken, previous=previous, sides=sides)


def _sides(moves: Sequence[Move]) -> tuple[Observation | None, Observation]:
    """The newest result that was good, and the first that was bad: of a job that had a good one."""
    judged = [move for move in moves if move.good is not None]
    if not judged:
        return None, moves[0].after
    best = max(judged, key=lambda move: _place(move.good))
    return best.good, best.after


def _place(seen: Observation | None) -> int:
    return seen.point.sequence if seen else 0


def _is_allowed(moves: Sequence[Move]) -> bool:
    return all(move.after.allow_failure for move in moves)


def _ids(moves: Iterable[Move]) -> tuple[str, ...]:
    return tuple(move.job for move in moves)
