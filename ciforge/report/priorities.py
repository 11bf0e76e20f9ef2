"""Open incidents in the order in which they are best worked on, and whose each of them is."""

from collections.abc import Iterator

from ciforge.model.bisection import Outcome
from ciforge.model.cause import Trouble
from ciforge.model.incident import Incident, IncidentKind, IncidentLedger
from ciforge.model.quantities import age, plural
from ciforge.timestamp import minute_text

_SHOWN = 8
"""Characters of an id that commands show and accept; fewer do, if they are unambiguous."""


def ranked(ledger: IncidentLedger, now: float) -> tuple[Incident, ...]:
    """Open causes: muted ones last, then those that break most jobs and systems, the oldest first."""
    open_causes = (
        incident
        for incident in ledger.incidents.values()
        if incident.open and incident.kind is IncidentKind.CAUSE
    )
    return tuple(
        sorted(
            open_causes,
            key=lambda one: (
                one.muted(now), -len(one.broken), -len(systems(one)), one.opened.at, one.id,
            ),
        )
    )  # fmt: skip


def systems(incident: Incident) -> tuple[str, ...]:
    """The systems on which jobs show it, each once."""
    return tuple(dict.fromkeys(job.split("/")[1] for job in incident.broken if "/" in job))


def title(incident: Incident) -> str:
    """The title of its cause, else its key."""
    return (incident.cause.title if incident.cause else "") or incident.key


def short(incident: Incident) -> str:
    """The beginning of its id, as commands show it."""
    return incident.id[:_SHOWN]


def extent(incident: Incident, now: float) -> str:
    """`6 jobs on 3 systems, for 4 days`."""
    jobs = plural(len(incident.broken), "job")
    return (
        f"{jobs} on {plural(len(systems(incident)), 'system')}, for {age(now - incident.opened.at)}"
    )


def whose(incident: Incident) -> str:
    """Whose it is, as far as that is known, in a few words."""
    bisection = incident.bisection
    if bisection and bisection.outcome is Outcome.FOUND:
        commit = bisection.commits[0]
        return f"{commit.author or 'the author'}'s, by commit {commit.revision[:12]}"
    shown_now = bisection if bisection and bisection.outcome is Outcome.GOOD_SHOWS_IT else None
    moved = shown_now is not None and shown_now.packages
    if moved or (incident.cause and incident.cause.trouble is Trouble.DISTRIBUTION):
        return "the distribution's"
    if shown_now:
        return "not the source: a commit that was green shows it now"
    if incident.good and incident.good.revision and incident.bad.revision:
        if incident.good.revision == incident.bad.revision:
            return "not the source: its commit did not change"
        good, bad = incident.good.revision[:12], incident.bad.revision[:12]
        return f"after commit {good}, by {bad} at the latest"
    return f"not known, seen since commit {incident.bad.revision[:12] or 'unknown'}"


def state_lines(incident: Incident, now: float) -> Iterator[str]:
    """A line if it is muted, and one if somebody is assigned."""
    if incident.muted(now):
        yield f"muted until {minute_text(incident.muted_until)}: {incident.mute_reason}"
    if incident.assignee:
        yield f"assigned to {incident.assignee}"


def priority_lines(number: int, incident: Incident, now: float) -> Iterator[str]:
    """An incident in two lines, or more if it is muted or assigned."""
    yield f"{number}. {title(incident)}  ({extent(incident, now)})"
    yield f"   {whose(incident)}; ciforge incident {short(incident)}"
    yield from (f"   {line}" for line in state_lines(incident, now))
