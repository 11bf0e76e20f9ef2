"""Jobs that no longer show a cause: partial, fixed, flaky, or changed to another cause."""

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


def close_incidents(
    builder: LedgerBuilder, branch: BranchRef, job_transitions: Sequence[JobTransition]
) -> None:
    """Removes jobs from the incidents whose cause they no longer show; closes those without jobs."""
    for incident in builder.all_open(branch, IncidentKind.CAUSE):
        gone = [
            transition for transition in job_transitions if incident.key in transition.gone_causes
        ]
        if gone:
            _leave(builder, incident, gone)


def _leave(builder: LedgerBuilder, open_incident: Incident, gone: Sequence[JobTransition]) -> None:
    green = [transition for transition in gone if transition.after.passed]
    ids = {transition.job for transition in gone}
    incident = attrs.evolve(
        open_incident, broken=tuple(job for job in open_incident.broken if job not in ids),
        newest=gone[-1].after.point,
        recovered=open_incident.recovered or any(not transition.same_commit for transition in green),
    )  # fmt: skip
    if not incident.broken and _all_pass(builder, incident):
        _end(builder, incident, green)
        return
    if green and incident.broken:
        turn = (
            TransitionKind.FLAKY
            if all(transition.same_commit for transition in green)
            else TransitionKind.PARTIAL
        )
        jobs = [transition.job for transition in green]
        incident = builder.record(turn, Routing.DIGEST, incident, jobs, sides=_sides(green))
    if len(green) < len(gone) or not incident.broken:
        _point_elsewhere(builder, incident, gone)


def _all_pass(builder: LedgerBuilder, incident: Incident) -> bool:
    """Whether the last definitive result of every job that ever showed it is green."""
    results = (builder.last(incident.branch_ref, job) for job in incident.jobs)
    return all(result is not None and result.passed for result in results)


def _end(builder: LedgerBuilder, incident: Incident, green: Sequence[JobTransition]) -> None:
    """All jobs pass: fixed, or flaky if every job passed at the commit at which it failed."""
    fixed = incident.recovered
    turn, way = (
        (TransitionKind.FIXED, Routing.REPLY) if fixed else (TransitionKind.FLAKY, Routing.DIGEST)
    )
    closed = builder.close(incident, IncidentStatus.FIXED if fixed else IncidentStatus.FLAKY)
    builder.record(turn, way, closed, incident.jobs, sides=_sides(green))


def _point_elsewhere(
    builder: LedgerBuilder, incident: Incident, gone: Sequence[JobTransition]
) -> None:
    """Names in the old thread the incidents that its jobs moved to; closes one without jobs."""
    successors = tuple(_successors(builder, incident))
    names = joined(incident.successors, tuple(successor.id for successor in successors))
    incident = attrs.evolve(incident, successors=names)
    if not incident.broken:
        incident = builder.close(incident, IncidentStatus.CHANGED)
    jobs = [transition.job for transition in gone if not transition.after.passed]
    builder.record(
        TransitionKind.CHANGED,
        Routing.REPLY,
        incident,
        jobs,
        successors=successors,
        sides=(None, gone[-1].after),
    )


def _successors(builder: LedgerBuilder, incident: Incident) -> Iterator[Incident]:
    """The open incidents of the jobs that fail for another cause now."""
    results = (builder.last(incident.branch_ref, job) for job in incident.jobs)
    keys = dict.fromkeys(key for result in results for key in causes_of(result))
    for key in keys:
        found = builder.find_open(incident.branch_ref, IncidentKind.CAUSE, key)
        if found and found.id != incident.id:
            yield found


def _sides(job_transitions: Sequence[JobTransition]) -> tuple[Observation | None, Observation]:
    """The newest bad result, and the first good one after it."""
    latest = max(
        job_transitions,
        key=lambda transition: transition.before.point.sequence if transition.before else 0,
    )
    return latest.before, latest.after
