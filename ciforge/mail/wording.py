"""What a notice comes to in words: the subject's, and the first lines'."""

from ciforge.model.incident import (
    Incident,
    IncidentKind,
    IncidentStatus,
    Transition,
    TransitionKind,
)
from ciforge.model.message import Notice
from ciforge.timestamp import utc

_MAIN = frozenset({"", "master", "main", "trunk"})
"""Branches that go without saying."""


def subject(notice: Notice) -> str:
    """`portable: gcc 14 and later: setgroups undeclared`: a new thread's subject, without its tag."""
    change = notice.change
    if change is None:
        return f"digest: {_summed(notice)}"
    if change.turn is TransitionKind.INFRASTRUCTURE:
        return f"infrastructure: nothing is known of {jobs(change.jobs or change.incident.broken)}"
    if change.turn is TransitionKind.STALE:
        return f"{where(change.incident)}: no result of {jobs(change.incident.broken)}"
    again = "again" if change.turn is TransitionKind.RETURNED else ""
    parts = (where(change.incident), again, _shared(notice), title(notice))
    return ": ".join(part for part in parts if part)


def _summed(notice: Notice) -> str:
    counts: dict[str, int] = {}
    for item in notice.items:
        word = item.change.turn.value if item.change else "digest"
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{count} {word}" for word, count in counts.items()) or "nothing new"


def where(incident: Incident) -> str:
    """The repository, with its branch where that is no usual one."""
    repo, branch = incident.line.repo or incident.project, incident.line.branch
    return repo if branch in _MAIN else f"{repo} ({branch})"


def title(notice: Notice) -> str:
    """`setgroups undeclared`."""
    cause = notice.cause or (notice.change.incident.cause if notice.change else None)
    if cause is None:
        return "failed for a reason that is not known"
    return cause.title or f"{cause.kind.value} {cause.subject}".strip()


def _shared(notice: Notice) -> str:
    cause = notice.cause
    return cause.shared if cause else ""


def jobs(ids: tuple[str, ...]) -> str:
    """One job by its name, several by their number."""
    return ids[0] if len(ids) == 1 else f"{len(ids)} jobs"


def day(at: float) -> str:
    """`2026-11-22 14:40 UTC`."""
    return f"{utc(at):%Y-%m-%d %H:%M} UTC"


def headline(notice: Notice) -> str:
    """The first sentence: what broke, spread, mended."""
    change = notice.change
    if change is None:
        if len(notice.items) == 1:
            return "One piece of news that was worth no mail of its own."
        return f"{len(notice.items)} pieces of news that were worth no mail of their own."

    return _HEADLINES[change.turn](notice, change)


def _of_all(notice: Notice) -> str:
    every = len(notice.broken) + len(notice.elsewhere) + len(notice.fine) + len(notice.untried)
    broken = len(notice.broken)
    return f"{broken} of {every} jobs" if every > 1 else jobs(notice.broken)


def _broken(notice: Notice, change: Transition) -> str:
    shared = f" ({notice.cause.shared})" if notice.cause and notice.cause.shared else ""
    return f"{where(change.incident)} is broken on {_of_all(notice)}{shared}: {title(notice)}."


def _still(notice: Notice, change: Transition) -> str:
    since = day(change.incident.opened.at)
    return f"{where(change.incident)} is broken still, since {since}: {title(notice)}."


def _spread(notice: Notice, change: Transition) -> str:
    more = jobs(change.jobs)
    return f"It has spread to {more}: {_of_all(notice)} are broken now by {title(notice)}."


def _changed(notice: Notice, change: Transition) -> str:
    if change.successors:
        now = "; ".join(one.cause.title or one.key for one in change.successors if one.cause)
        return (
            f"No job shows {title(notice)} any more, but they fail for another reason, "
            f"of which another mail tells: {now or 'it is not known'}."
        )
    return f"{_broken(notice, change)} These jobs failed for another reason before."


def _partial(notice: Notice, change: Transition) -> str:
    return (
        f"{jobs(change.jobs)} passed again, {_of_all(notice)} are broken still by {title(notice)}."
    )


def _fixed(notice: Notice, change: Transition) -> str:
    count = len(change.incident.jobs)
    what = f"all {count} jobs" if count > 1 else jobs(change.incident.jobs)
    return f"{where(change.incident)} builds again on {what}: {title(notice)} is mended."


def _returned(notice: Notice, change: Transition) -> str:
    old = change.previous
    gone = f", {_GONE[old.condition]} on {day(old.closed.at)}" if old and old.closed else ""
    return f"{where(change.incident)} is broken again on {_of_all(notice)}: {title(notice)}{gone}."


_GONE = {
    IncidentStatus.OPEN: "which began",  # only digests knew of it
    IncidentStatus.FIXED: "which was mended",
    IncidentStatus.CHANGED: "which gave way to another reason",
    IncidentStatus.FLAKY: "which went by itself",
    IncidentStatus.RETIRED: "whose jobs left the project",
    IncidentStatus.OVER: "which went by itself",
}
"""What had become of the incident before."""


def _flaky(notice: Notice, change: Transition) -> str:
    return (
        f"{jobs(change.jobs or change.incident.jobs)} of {where(change.incident)} passed and failed "
        f"at one commit: {title(notice)}."
    )


def _infrastructure(_notice: Notice, change: Transition) -> str:
    ids = change.jobs or change.incident.broken
    if not change.incident.open:
        return f"The machines work again: there are results of {jobs(ids)}."
    return f"Nothing is known of {jobs(ids)}, because of the machines and not of the source."


def _stale(_notice: Notice, change: Transition) -> str:
    ids = change.incident.broken or change.jobs
    if not change.incident.open:
        return f"There are results again of {jobs(ids)}."
    return f"{where(change.incident)}: there is no result of {jobs(ids)}."


def _retired(notice: Notice, change: Transition) -> str:
    if change.incident.nature is IncidentKind.STALE:
        ids = jobs(change.jobs or change.incident.jobs)
        return f"{where(change.incident)}: nobody waits for results of {ids}: {change.reason}."
    if change.reason:
        name = where(change.incident)
        return f"{name}: nobody knows whether it is mended ({title(notice)}): {change.reason}."
    return (
        f"The last job that showed {title(notice)} was taken out of the project: "
        "nobody knows whether it is mended."
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
