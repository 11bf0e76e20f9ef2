"""The subject of a notice, and its first sentence."""

from ciforge.model.cross_id import is_cross_check
from ciforge.model.incident import (
    Incident,
    IncidentKind,
    IncidentStatus,
    Transition,
    TransitionKind,
)
from ciforge.model.message import Notice
from ciforge.model.quantities import jobs_text, plural
from ciforge.timestamp import minute_text

_MAIN = frozenset({"", "master", "main", "trunk"})
"""Branches that a subject does not name."""


def subject(notice: Notice) -> str:
    """`portable: gcc 14 and later: setgroups undeclared`: a new thread's subject, without its tag."""
    change = notice.change
    if change is None:
        return f"digest: {_state_counts(notice)}"
    if change.kind is TransitionKind.INFRASTRUCTURE:
        return f"infrastructure: no result for {jobs_text(change.jobs or change.incident.broken)}"
    if change.kind is TransitionKind.STALE:
        return f"{where(change.incident)}: no recent result for {jobs_text(change.incident.broken)}"
    again = "again" if change.kind is TransitionKind.RETURNED else ""
    parts = (where(change.incident), again, _shared(notice), title(notice))
    return ": ".join(part for part in parts if part)


def _state_counts(notice: Notice) -> str:
    counts: dict[str, int] = {}
    for item in notice.items:
        state = item.change.kind.value if item.change else "digest"
        counts[state] = counts.get(state, 0) + 1
    return ", ".join(f"{count} {state}" for state, count in counts.items()) or "nothing new"


def where(incident: Incident) -> str:
    """The repository, with its branch unless it is a main one."""
    repo, branch = incident.branch_ref.repo or incident.project, incident.branch_ref.branch
    return repo if branch in _MAIN else f"{repo} ({branch})"


def title(notice: Notice) -> str:
    """The title of the cause: `setgroups undeclared`."""
    cause = notice.cause or (notice.change.incident.cause if notice.change else None)
    if cause is None:
        return "failed for an unknown reason"
    return cause.title or f"{cause.kind.value} {cause.subject}".strip()


def _shared(notice: Notice) -> str:
    cause = notice.cause
    return cause.shared if cause else ""


def headline(notice: Notice) -> str:
    """The first sentence: what broke, spread or was fixed."""
    change = notice.change
    if change is None:
        return f"{plural(len(notice.items), 'change')} not mailed separately."

    return _HEADLINES[change.kind](notice, change)


def _of_all(notice: Notice) -> str:
    every = len(notice.broken) + len(notice.elsewhere) + len(notice.fine) + len(notice.untried)
    broken = len(notice.broken)
    return f"{broken} of {every} jobs" if every > 1 else jobs_text(notice.broken)


def _broken(notice: Notice, change: Transition) -> str:
    shared = f" ({notice.cause.shared})" if notice.cause and notice.cause.shared else ""
    only = bool(notice.broken) and all(map(is_cross_check, notice.broken))
    cross = ", all of them cross checks" if only else ""
    return (
        f"{where(change.incident)} is broken in {_of_all(notice)}{cross}{shared}: {title(notice)}."
    )


def _still(notice: Notice, change: Transition) -> str:
    since = minute_text(change.incident.opened.at)
    return f"{where(change.incident)} is still broken, since {since}: {title(notice)}."


def _spread(notice: Notice, change: Transition) -> str:
    jobs = jobs_text(change.jobs)
    return f"The failure spread to {jobs}; it now affects {_of_all(notice)}: {title(notice)}."


def _changed(notice: Notice, change: Transition) -> str:
    if change.successors:
        now = "; ".join(
            incident.cause.title or incident.key for incident in change.successors if incident.cause
        )
        return (
            f"This failure is gone: {title(notice)}. The jobs now fail for another reason, "
            f"reported in a separate mail: {now or 'unknown'}."
        )
    return f"{_broken(notice, change)} These jobs previously failed for another reason."


def _partial(notice: Notice, change: Transition) -> str:
    return (
        f"{jobs_text(change.jobs)} passed again; "
        f"the failure still affects {_of_all(notice)}: {title(notice)}."
    )


def _fixed(notice: Notice, change: Transition) -> str:
    count = len(change.incident.jobs)
    what = f"the {count} jobs that it broke" if count > 1 else jobs_text(change.incident.jobs)
    return f"{where(change.incident)} builds again in {what}. Fixed: {title(notice)}."


def _returned(notice: Notice, change: Transition) -> str:
    old = change.previous
    gone = f", {_GONE[old.status]} on {minute_text(old.closed.at)}" if old and old.closed else ""
    return f"{where(change.incident)} is broken again in {_of_all(notice)}: {title(notice)}{gone}."


_GONE = {
    IncidentStatus.OPEN: "which began",  # only digests knew of it
    IncidentStatus.FIXED: "which was fixed",
    IncidentStatus.CHANGED: "which was replaced by another cause",
    IncidentStatus.FLAKY: "which disappeared without a change",
    IncidentStatus.RETIRED: "whose jobs were removed from the project",
    IncidentStatus.OVER: "which ended without a change",
}
"""Sentences about how the earlier incident ended."""


def _flaky(notice: Notice, change: Transition) -> str:
    return (
        f"{jobs_text(change.jobs or change.incident.jobs)} of {where(change.incident)} passed and failed "
        f"at the same commit: {title(notice)}."
    )


def _infrastructure(_notice: Notice, change: Transition) -> str:
    ids = change.jobs or change.incident.broken
    if not change.incident.open:
        return f"The machines work again: there are results for {jobs_text(ids)}."
    return f"There is no result for {jobs_text(ids)}: the machines failed, not the source."


def _stale(_notice: Notice, change: Transition) -> str:
    ids = change.incident.broken or change.jobs
    if not change.incident.open:
        return f"There are results for {jobs_text(ids)} again."
    return f"{where(change.incident)}: there is no recent result for {jobs_text(ids)}."


def _retired(notice: Notice, change: Transition) -> str:
    if change.incident.kind is IncidentKind.STALE:
        ids = jobs_text(change.jobs or change.incident.jobs)
        return (
            f"{where(change.incident)}: results for {ids} are no longer expected: {change.reason}."
        )
    if change.reason:
        name = where(change.incident)
        return f"{name}: it is unknown whether this is fixed: {title(notice)} ({change.reason})."
    return (
        "The last job with this failure was removed from the project; "
        f"it is unknown whether it is fixed: {title(notice)}."
    )


_HEADLINES = {
    TransitionKind.BROKEN: _broken,
    TransitionKind.STILL_BROKEN: _still,
    TransitionKind.SPREAD: _spread,
    TransitionKind.CHANGED: _changed,
    TransitionKind.PARTIAL: _partial,
    TransitionKind.FIXED: _fixed,
    TransitionKind.RETURNED: _returned,
    TransitionKind.FLAKY: _flaky,
    TransitionKind.INFRASTRUCTURE: _infrastructure,
    TransitionKind.STALE: _stale,
    TransitionKind.RETIRED: _retired,
}
