"""Jobs removed from the matrix and branches no longer followed: they leave their incidents without fixing them."""

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


def retire_absent(builder: LedgerBuilder, branch: BranchRef) -> None:
    """Retires the jobs of a branch that are no longer listed."""
    listed = builder.run.matrix.get(branch)
    if listed is None:
        return
    gone = [
        job_state.job
        for job_state in builder.of_branch(branch)
        if job_state.job not in listed and is_news(job_state, builder.run.point)
    ]
    _retire(builder, branch, gone)


def retire_branch(builder: LedgerBuilder, branch: BranchRef, reason: str) -> None:
    """Retires all jobs of a branch; `reason` goes into the mails about broken ones."""
    _retire(builder, branch, [job_state.job for job_state in builder.of_branch(branch)], reason)


def _retire(builder: LedgerBuilder, branch: BranchRef, gone: list[str], reason: str = "") -> None:
    for job in gone:
        builder.job_states[branch, job] = retire(builder.job_states[branch, job])
    for nature in (IncidentKind.CAUSE, IncidentKind.STALE):
        for incident in builder.all_open(branch, nature):
            _leave(builder, incident, gone, reason)


def _leave(builder: LedgerBuilder, open_incident: Incident, gone: list[str], reason: str) -> None:
    concerned = tuple(job for job in gone if job in open_incident.jobs)
    if not concerned:
        return
    showing = tuple(job for job in concerned if job in open_incident.broken)
    incident = attrs.evolve(
        open_incident,
        broken=tuple(job for job in open_incident.broken if job not in gone),
        jobs=tuple(job for job in open_incident.jobs if job not in gone),
        retired=(*open_incident.retired, *showing),
    )
    if incident.broken or not showing:
        builder.record(TransitionKind.RETIRED, Routing.DIGEST, incident, concerned)
    else:
        closed = builder.close(incident, IncidentStatus.RETIRED)
        builder.record(TransitionKind.RETIRED, Routing.REPLY, closed, concerned, reason=reason)
