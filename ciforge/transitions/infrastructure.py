"""Jobs without a result because of machines or mirrors: mailed to operators after two runs or a day."""

import attrs

from ciforge.model.incident import (
    BranchRef,
    Incident,
    IncidentKind,
    IncidentStatus,
    JobState,
    Routing,
    TransitionKind,
)
from ciforge.transitions.state_builder import LedgerBuilder

KEY = "infrastructure"
RUNS = 2
"""Failed runs in a row after which operators are notified."""
MAILED_AFTER = 86400.0
"""Seconds after which they are notified without another run."""


def update(builder: LedgerBuilder) -> None:
    """Opens, adds to or closes the one incident that all branches share."""
    troubled = _troubled(builder)
    open_incident = builder.find_open(BranchRef(), IncidentKind.INFRASTRUCTURE, KEY)
    if open_incident is None:
        if any(_is_due(builder, job_state) for job_state in troubled):
            _report(
                builder,
                builder.new(BranchRef(), IncidentKind.INFRASTRUCTURE, KEY),
                troubled,
                Routing.ROOT,
            )
    elif not troubled:
        closed = builder.close(open_incident, IncidentStatus.OVER)
        builder.record(TransitionKind.INFRASTRUCTURE, Routing.DIGEST, closed, open_incident.jobs)
    elif any(s.job not in open_incident.jobs and _is_due(builder, s) for s in troubled):
        _report(builder, open_incident, troubled, Routing.REPLY)
    else:
        broken = _ids(troubled)
        builder.incidents[open_incident.id] = attrs.evolve(open_incident, broken=broken)


def _troubled(builder: LedgerBuilder) -> list[JobState]:
    """Jobs that ended as infrastructure; a newer result of the same job on any branch clears one."""
    newest: dict[str, int] = {}
    for job_state in builder.job_states.values():
        if job_state.last:
            place = job_state.last.point.sequence
            newest[job_state.job] = max(newest.get(job_state.job, 0), place)
    return [
        job_state
        for job_state in builder.job_states.values()
        if job_state.troubles
        and not job_state.retired
        and job_state.newest.sequence > newest.get(job_state.job, 0)
    ]


def _is_due(builder: LedgerBuilder, job_state: JobState) -> bool:
    return job_state.troubles >= RUNS or builder.now - job_state.troubled >= MAILED_AFTER


def _report(
    builder: LedgerBuilder, open_incident: Incident, troubled: list[JobState], way: Routing
) -> None:
    ids = _ids(troubled)
    new = tuple(job for job in ids if job not in open_incident.jobs)
    incident = attrs.evolve(
        open_incident, broken=ids, jobs=tuple(dict.fromkeys((*open_incident.jobs, *ids))),
        newest=max((s.newest for s in troubled), key=lambda point: point.sequence),
    )  # fmt: skip
    builder.record(TransitionKind.INFRASTRUCTURE, way, incident, new)


def _ids(troubled: list[JobState]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(job_state.job for job_state in troubled))
