"""Jobs that show a cause: broken, still broken, spread, changed, returned, flaky."""

from collections.abc import Iterable, Sequence

import attrs

from ciforge.model.change import same_packages
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


def open_incidents(
    builder: LedgerBuilder, branch: BranchRef, job_transitions: Sequence[JobTransition]
) -> None:
    """Opens or updates one incident for each cause that this run shows."""
    for key in dict.fromkeys(
        key for transition in job_transitions for key in transition.after.causes
    ):
        showing = [transition for transition in job_transitions if key in transition.after.causes]
        open_incident = builder.find_open(branch, IncidentKind.CAUSE, key)
        if open_incident is None:
            _open(builder, branch, key, showing)
        else:
            _update(builder, open_incident, showing)


def _open(
    builder: LedgerBuilder, branch: BranchRef, key: str, showing: Sequence[JobTransition]
) -> None:
    old = builder.last_closed(branch, key)
    turn = _first_turn(key, showing, old)
    before, after = _sides(showing)
    jobs = _ids(showing)
    incident = attrs.evolve(
        builder.new(branch, IncidentKind.CAUSE, key), cause=builder.cause(branch, key), broken=jobs,
        jobs=jobs, good=before.point if before else None, bad=after.point, newest=after.point,
        flaky=turn is TransitionKind.FLAKY,
        same_packages=before is not None and before.job == after.job
        and same_packages(before.packages, after.packages),
    )  # fmt: skip
    previous = (
        _replaced_incident(builder, branch, showing) if turn is TransitionKind.CHANGED else old
    )
    incident = attrs.evolve(incident, previous=previous.id if previous else "")
    quiet = _is_allowed(showing) or (turn is TransitionKind.FLAKY and old is not None)
    way = Routing.DIGEST if quiet else Routing.ROOT
    builder.record(turn, way, incident, jobs, previous=previous, sides=(before, after))


def _first_turn(key: str, showing: Sequence[JobTransition], old: Incident | None) -> TransitionKind:
    """The transition that opens an incident, by the earlier results of its jobs."""
    if all(transition.same_commit and _may_be_flaky(transition, old) for transition in showing):
        return TransitionKind.FLAKY
    if all(_replaced_cause(transition, key) for transition in showing):
        return TransitionKind.CHANGED
    if old is not None and old.status is not IncidentStatus.RETIRED:
        return TransitionKind.RETURNED
    return TransitionKind.BROKEN


def _may_be_flaky(transition: JobTransition, old: Incident | None) -> bool:
    """Whether it passed before at the same commit, or moved from one known cause to another."""
    return transition.before is not None and (transition.before.passed or old is not None)


def _replaced_cause(transition: JobTransition, key: str) -> bool:
    """Whether this cause replaced another one in the job."""
    return bool(transition.gone_causes) and key in transition.new_causes


def _replaced_incident(
    builder: LedgerBuilder, branch: BranchRef, showing: Sequence[JobTransition]
) -> Incident | None:
    """The incident that loses most jobs to the new one; it is still open at this point."""
    went = [key for transition in showing for key in transition.gone_causes]
    keys = sorted(dict.fromkeys(went), key=went.count, reverse=True)
    found = (builder.find_open(branch, IncidentKind.CAUSE, key) for key in keys)
    return next((incident for incident in found if incident), None)


def _update(
    builder: LedgerBuilder, open_incident: Incident, showing: Sequence[JobTransition]
) -> None:
    """Updates an open incident: more jobs, or the same ones again."""
    added = [transition for transition in showing if open_incident.key in transition.new_causes]
    after = (added or showing)[-1].after
    cause = builder.cause(open_incident.branch_ref, open_incident.key, open_incident.cause)
    incident = attrs.evolve(open_incident, cause=cause, newest=after.point)
    if added:
        ids = _ids(added)
        incident = attrs.evolve(
            incident, broken=joined(open_incident.broken, ids), jobs=joined(open_incident.jobs, ids)
        )
    if _needs_root_mail(open_incident, showing):
        _report_late(builder, incident, showing)
    elif added:
        flaky = all(transition.same_commit for transition in added)
        turn = TransitionKind.FLAKY if flaky else TransitionKind.SPREAD
        way = Routing.DIGEST if flaky or _is_allowed(added) else Routing.REPLY
        builder.record(turn, way, incident, _ids(added), sides=_sides(added))
    else:
        builder.record(
            TransitionKind.STILL_BROKEN,
            Routing.SILENT,
            incident,
            _ids(showing),
            sides=(None, after),
        )


def _needs_root_mail(open_incident: Incident, showing: Sequence[JobTransition]) -> bool:
    """Whether it was only in digests so far, and now a required job fails at another commit."""
    if open_incident.root_mailed:
        return False
    return any(
        not transition.same_commit and not transition.after.allow_failure for transition in showing
    )


def _report_late(
    builder: LedgerBuilder, incident: Incident, showing: Sequence[JobTransition]
) -> None:
    turn = TransitionKind.RETURNED if incident.flaky else TransitionKind.BROKEN
    previous = builder.incidents.get(incident.previous)
    sides = _sides(showing)
    builder.record(turn, Routing.ROOT, incident, incident.broken, previous=previous, sides=sides)


def _sides(job_transitions: Sequence[JobTransition]) -> tuple[Observation | None, Observation]:
    """The newest good result and the first bad one after it, of one job; None if no job ever passed."""
    judged = [transition for transition in job_transitions if transition.good is not None]
    if not judged:
        return None, job_transitions[0].after
    best = max(judged, key=lambda transition: _place(transition.good))
    return best.good, best.after


def _place(seen: Observation | None) -> int:
    return seen.point.sequence if seen else 0


def _is_allowed(job_transitions: Sequence[JobTransition]) -> bool:
    return all(transition.after.allow_failure for transition in job_transitions)


def _ids(job_transitions: Iterable[JobTransition]) -> tuple[str, ...]:
    return tuple(transition.job for transition in job_transitions)
