"""Changes to notices: everything that a mail about them needs."""

import hashlib
import shlex
from collections.abc import Sequence

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
from ciforge.notify.change_range import Places, span
from ciforge.timestamp import utc

_MOST_REMARKS = 10


@attrs.frozen(kw_only=True)
class NoticeContext:
    """What is known beside a change."""

    project: str
    now: float
    """In seconds since 1970."""
    book: IncidentLedger
    """As it is after the change."""
    run: str = ""
    """The run that made the change; empty where time did."""
    places: Places = lambda _repo: ()
    diagnosis: Diagnosis | None = None
    expected: tuple[JobDeadline, ...] = ()
    several: bool = False
    """Whether the project has several repositories, which commands then must name."""


def notice_of(change: Transition, around: NoticeContext) -> Notice:
    """What a mail says about the change."""
    jobs = _Jobs(change, around)
    return Notice(
        id=notice_id(change),
        project=around.project,
        at=around.now,
        change=change,
        cause=change.incident.cause,
        range=span(change, around.places),
        broken=change.incident.broken,
        elsewhere=jobs.elsewhere,
        fine=jobs.fine,
        untried=jobs.untried,
        repeat=_repeat(change, around),
        trouble=_trouble(change, around),
        blame=change.incident.good is not None and change.turn is not TransitionKind.FIXED,
        remarks=_remarks(change, around),
    )


def notice_id(change: Transition) -> str:
    """The same whenever the same is to be said of an incident, by whichever process."""
    incident = change.incident
    words = (
        incident.id, change.turn.value, change.way.value, change.point.run,
        incident.condition.value, str(incident.reminders), *change.jobs,
    )  # fmt: skip
    return hashed(*words)


def hashed(*words: str) -> str:
    """24 hexadecimal digits of these words."""
    return hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()[:24]


class _Jobs:
    """The other jobs of the line, by what is known of them."""

    def __init__(self, change: Transition, around: NoticeContext) -> None:
        incident = change.incident
        others = [
            standing
            for (line, job), standing in around.book.standings.items()
            if line == incident.line and not standing.retired and job not in incident.broken
        ]
        seen = [s for s in others if s.last and (not around.run or s.last.point.run == around.run)]
        self.fine = _ids([s for s in seen if s.last and s.last.passed])
        self.elsewhere = _ids([s for s in seen if s.last and not s.last.passed])
        self.untried = _ids([s for s in others if s not in seen])


def _ids(standings: Sequence[JobState]) -> tuple[str, ...]:
    return tuple(sorted(standing.job for standing in standings))


def _repeat(change: Transition, around: NoticeContext) -> str:
    jobs = change.incident.broken or change.jobs
    over = change.turn in (TransitionKind.FIXED, TransitionKind.RETIRED) or not change.incident.open
    if not jobs or over:
        return ""
    words = ["ciforge", "run", jobs[0]]
    after = change.after
    revision = after.point.revision if after else change.incident.newest.revision
    if revision and change.incident.nature is IncidentKind.CAUSE:
        repo = change.incident.line.repo
        words += ["--rev", f"{repo}={revision}" if around.several else revision]
    return shlex.join(words)


def _trouble(change: Transition, around: NoticeContext) -> str:
    incident = change.incident
    if incident.nature is IncidentKind.INFRASTRUCTURE:
        said = [s.trouble for s in around.book.standings.values() if s.troubles and s.trouble]
        return max(set(said), key=said.count) if said else ""
    if incident.nature is IncidentKind.STALE and incident.broken:
        return _late(change, around)
    return ""


def _late(change: Transition, around: NoticeContext) -> str:
    incident = change.incident
    job = incident.broken[0]
    standing = around.book.standings.get((incident.line, job))
    last = standing.last if standing else None
    known = f"its last result is of {_day(last.point.at)}" if last else "it never had a result"
    limits = [one.deadline for one in around.expected if one.job == job]
    limit = f"; one is expected every {_length(limits[0])}" if limits else ""
    return f"{job}: {known}{limit}"


def _day(at: float) -> str:
    return f"{utc(at):%Y-%m-%d %H:%M} UTC"


def _length(seconds: float) -> str:
    days, hours = seconds / 86400, seconds / 3600
    return f"{days:.0f} days" if days >= 2 else f"{hours:.0f} hours"


def _remarks(change: Transition, around: NoticeContext) -> tuple[str, ...]:
    """What the run lost without breaking, and what of it could not be read."""
    if around.diagnosis is None or change.way not in (Routing.ROOT, Routing.REPLY):
        return ()
    repo = change.incident.line.repo
    drift = [
        f"{job}: {one.sentence}"
        for job, ones in around.diagnosis.drift.items()
        for one in ones
        if job.partition("/")[0] == repo
    ]
    return (*drift[:_MOST_REMARKS], *around.diagnosis.told[:_MOST_REMARKS])
