"""Transitions to notices, which hold everything that a mail needs."""

import hashlib
import shlex
from collections.abc import Mapping, Sequence

import attrs

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.incident import (
    IncidentKind,
    IncidentLedger,
    JobDeadline,
    JobState,
    Routing,
    Transition,
    TransitionKind,
)
from ciforge.model.message import Notice
from ciforge.model.quantities import interval
from ciforge.notify.change_range import Places, span
from ciforge.timestamp import minute_text

_MOST_REMARKS = 10


@attrs.frozen(kw_only=True)
class NoticeContext:
    """Facts for a notice besides the transition."""

    project: str
    now: float
    """In seconds since 1970."""
    ledger: IncidentLedger
    """The ledger after the transition."""
    run: str = ""
    """The run that caused the transition; empty if time did."""
    places: Places = lambda _repo: ()
    diagnosis: Diagnosis | None = None
    expected: tuple[JobDeadline, ...] = ()
    ends: Mapping[str, str] = attrs.field(factory=dict)
    """Ids of jobs to a sentence about the end of life of their release."""
    several: bool = False
    """Whether the project has several repositories, so that commands must name one."""


def notice_of(change: Transition, context: NoticeContext) -> Notice:
    """The notice of a transition."""
    jobs = _Jobs(change, context)
    return Notice(
        id=notice_id(change),
        project=context.project,
        at=context.now,
        change=change,
        cause=change.incident.cause,
        range=span(change, context.places),
        broken=change.incident.broken,
        elsewhere=jobs.elsewhere,
        fine=jobs.fine,
        untried=jobs.untried,
        repeat=_repeat(change, context),
        trouble=_trouble(change, context),
        blame=change.incident.good is not None and change.kind is not TransitionKind.FIXED,
        remarks=(*_ends(change, context), *_remarks(change, context)),
    )


def notice_id(change: Transition) -> str:
    """Stable across processes: made of the incident, the transition and its run, not of any text."""
    incident = change.incident
    parts = (
        incident.id, change.kind.value, change.routing.value, change.point.run,
        incident.status.value, str(incident.reminders), *change.jobs,
    )  # fmt: skip
    return hashed(*parts)


def hashed(*values: str) -> str:
    """24 hexadecimal digits of a hash of these values."""
    return hashlib.sha256("\0".join(values).encode("utf-8", "replace")).hexdigest()[:24]


class _Jobs:
    """The other jobs of the branch, by their results."""

    def __init__(self, change: Transition, context: NoticeContext) -> None:
        incident = change.incident
        others = [
            job_state
            for (branch, job), job_state in context.ledger.job_states.items()
            if branch == incident.branch_ref
            and not job_state.retired
            and job not in incident.broken
        ]
        seen = [
            s for s in others if s.last and (not context.run or s.last.point.run == context.run)
        ]
        self.fine = _ids([s for s in seen if s.last and s.last.passed])
        self.elsewhere = _ids([s for s in seen if s.last and not s.last.passed])
        self.untried = _ids([s for s in others if s not in seen])


def _ids(job_states: Sequence[JobState]) -> tuple[str, ...]:
    return tuple(sorted(job_state.job for job_state in job_states))


def _repeat(change: Transition, context: NoticeContext) -> str:
    jobs = change.incident.broken or change.jobs
    over = change.kind in (TransitionKind.FIXED, TransitionKind.RETIRED) or not change.incident.open
    if not jobs or over:
        return ""
    parts = ["ciforge", "run", jobs[0]]
    after = change.after
    revision = after.point.revision if after else change.incident.newest.revision
    if revision and change.incident.kind is IncidentKind.CAUSE:
        repo = change.incident.branch_ref.repo
        parts += ["--rev", f"{repo}={revision}" if context.several else revision]
    return shlex.join(parts)


def _trouble(change: Transition, context: NoticeContext) -> str:
    incident = change.incident
    if incident.kind is IncidentKind.INFRASTRUCTURE:
        reasons = [
            s.trouble for s in context.ledger.job_states.values() if s.troubles and s.trouble
        ]
        return max(set(reasons), key=reasons.count) if reasons else ""
    if incident.kind is IncidentKind.STALE and incident.broken:
        return _late(change, context)
    return ""


def _late(change: Transition, context: NoticeContext) -> str:
    incident = change.incident
    job = incident.broken[0]
    job_state = context.ledger.job_states.get((incident.branch_ref, job))
    last = job_state.last if job_state else None
    newest = (
        f"the last result is from {minute_text(last.point.at)}"
        if last
        else "there is no result yet"
    )
    limits = [deadline.deadline for deadline in context.expected if deadline.job == job]
    limit = f"; one is expected every {interval(limits[0])}" if limits else ""
    return f"{job}: {newest}{limit}"


def _ends(change: Transition, context: NoticeContext) -> tuple[str, ...]:
    """A sentence for each release of a broken job that is no longer supported, or not for long."""
    sentences = (context.ends.get(job, "") for job in change.incident.broken)
    return tuple(f"{sentence}." for sentence in dict.fromkeys(filter(None, sentences)))


def _remarks(change: Transition, context: NoticeContext) -> tuple[str, ...]:
    """Drift of jobs that passed, and what of the run could not be read."""
    if context.diagnosis is None or change.routing not in (Routing.ROOT, Routing.REPLY):
        return ()
    repo = change.incident.branch_ref.repo
    drift = [
        f"{job}: {drift.sentence}"
        for job, ones in context.diagnosis.drift.items()
        for drift in ones
        if job.partition("/")[0] == repo
    ]
    return (*drift[:_MOST_REMARKS], *context.diagnosis.problems[:_MOST_REMARKS])
