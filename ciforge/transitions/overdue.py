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


def update(builder: LedgerBuilder, expected: Iterable[JobDeadline]) -> None:
    """Opens, adds to or closes the incident of each branch that expects results."""
    late: dict[BranchRef, list[str]] = {}
    for deadline in expected:
        late.setdefault(deadline.branch_ref, [])
        if _is_late(builder, deadline):
            late[deadline.branch_ref].append(deadline.job)
    for incident in list(builder.incidents.values()):
        if (
            incident.open
            and incident.kind is IncidentKind.STALE
            and incident.branch_ref not in late
        ):
            _retire(builder, incident)
    for branch, jobs in late.items():
        _update_branch(builder, branch, tuple(jobs))


def _retire(builder: LedgerBuilder, open_incident: Incident) -> None:
    """Closes the incident of a branch that no longer has deadlines."""
    closed = builder.close(open_incident, IncidentStatus.RETIRED)
    reason = "the branch has no deadline any more"
    builder.record(
        TransitionKind.RETIRED, Routing.DIGEST, closed, open_incident.jobs, reason=reason
    )


def _is_late(builder: LedgerBuilder, deadline: JobDeadline) -> bool:
    job_state = builder.job_states.get((deadline.branch_ref, deadline.job))
    if job_state is None or job_state.retired:
        fresh = job_state or JobState(branch_ref=deadline.branch_ref, job=deadline.job)
        fresh = attrs.evolve(fresh, listed=builder.now, retired=False)
        builder.job_states[deadline.branch_ref, deadline.job] = fresh
        return False
    if job_state.troubles and builder.find_open(
        BranchRef(), IncidentKind.INFRASTRUCTURE, "infrastructure"
    ):
        return False  # operators know why
    return job_state.waiting(builder.now) > deadline.deadline


def _update_branch(builder: LedgerBuilder, branch: BranchRef, late: tuple[str, ...]) -> None:
    open_incident = builder.find_open(branch, IncidentKind.STALE, KEY)
    if open_incident is None:
        if late:
            incident = builder.new(branch, IncidentKind.STALE, KEY)
            incident = attrs.evolve(incident, broken=late, jobs=late)
            builder.record(TransitionKind.STALE, Routing.ROOT, incident, late)
        return
    added = tuple(job for job in late if job not in open_incident.jobs)
    incident = attrs.evolve(open_incident, broken=late, jobs=(*open_incident.jobs, *added))
    if not late:
        _end(builder, incident)
    elif added:
        builder.record(TransitionKind.STALE, Routing.REPLY, incident, added)
    else:
        builder.incidents[open_incident.id] = incident


def close_answered(builder: LedgerBuilder, branch: BranchRef) -> None:
    """Jobs with a definitive result in this run are no longer late."""
    open_incident = builder.find_open(branch, IncidentKind.STALE, KEY)
    if open_incident is None:
        return
    run = builder.run.point.run
    back = [
        j for j in open_incident.broken if (o := builder.last(branch, j)) and o.point.run == run
    ]
    incident = attrs.evolve(
        open_incident, broken=tuple(j for j in open_incident.broken if j not in back)
    )
    builder.incidents[open_incident.id] = incident
    if back and not incident.broken:
        _end(builder, incident)


def _end(builder: LedgerBuilder, incident: Incident) -> None:
    builder.record(
        TransitionKind.STALE,
        Routing.DIGEST,
        builder.close(incident, IncidentStatus.OVER),
        incident.jobs,
    )
