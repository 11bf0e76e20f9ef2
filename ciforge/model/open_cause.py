"""Open causes of failure, with what decides which of them to work on first, and whose each of them is."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ciforge.model.bisection import Bisection
    from ciforge.model.incident import Incident

DISTRIBUTION = "the distribution's"
"""Whose a cause is that no change of the source can remove."""
_UNCHANGED = "; packages unchanged"


class OpenCause(NamedTuple):
    """One open incident whose kind is a cause; `ciforge status` reads nothing else of it, and does not import attrs."""

    id: str
    repo: str
    branch: str
    title: str
    """The title of its cause, else its key."""
    broken: tuple[str, ...]
    """Ids of the jobs that show it now."""
    opened: float
    """When it was opened, in seconds since 1970."""
    whose: str
    """Whose it is, as far as that is known, in a few words."""
    bisection: str
    """Which commit brought it, in a sentence; empty if nobody searched."""
    muted_until: float
    mute_reason: str
    assignee: str

    def muted(self, now: float) -> bool:
        """Whether its mails are held back: the time that was given has not passed."""
        return now < self.muted_until

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems on which jobs show it, each once."""
        return tuple(dict.fromkeys(job.split("/")[1] for job in self.broken if "/" in job))


def open_cause(incident: "Incident") -> OpenCause:
    """Returns what is shown of an open incident."""
    bisection = incident.bisection
    return OpenCause(
        id=incident.id, repo=incident.branch_ref.repo, branch=incident.branch_ref.branch,
        title=(incident.cause.title if incident.cause else "") or incident.key,
        broken=incident.broken, opened=incident.opened.at, whose=whose(incident),
        bisection=bisection.sentence if bisection else "", muted_until=incident.muted_until,
        mute_reason=incident.mute_reason, assignee=incident.assignee,
    )  # fmt: skip


def whose(incident: "Incident") -> str:
    """Returns whose it is, as far as that is known, in a few words."""
    from ciforge.model.cause import Trouble

    distribution = bool(incident.cause and incident.cause.trouble is Trouble.DISTRIBUTION)
    good = incident.good.revision if incident.good else ""
    unsearched = whose_unsearched(
        distribution, good, incident.bad.revision, unchanged=incident.same_packages
    )
    return _whose_searched(incident.bisection, unsearched) if incident.bisection else unsearched


def whose_unsearched(distribution: bool, good: str, bad: str, *, unchanged: bool = False) -> str:
    """Returns whose it is where no bisect has looked: by the kind of the cause, and by the last good commit
    and the first bad one, which may be empty. `unchanged`: both had the same packages."""
    if distribution:
        return DISTRIBUTION
    if good and bad:
        if good == bad:
            return f"not the source: its commit did not change{_UNCHANGED if unchanged else ''}"
        return f"after commit {good[:12]}, by {bad[:12]} at the latest{_UNCHANGED if unchanged else ''}"
    return f"not known, seen since commit {bad[:12] or 'unknown'}"


def _whose_searched(bisection: "Bisection", unsearched: str) -> str:
    from ciforge.model.bisection import Outcome

    if bisection.outcome is Outcome.FOUND:
        commit = bisection.commits[0]
        return f"{commit.author or 'the author'}'s, by commit {commit.revision[:12]}"
    if len(bisection.steps) == 1:
        return f"{DISTRIBUTION}, by {bisection.steps[0].title}"
    if bisection.outcome is not Outcome.GOOD_SHOWS_IT or unsearched == DISTRIBUTION:
        return unsearched
    if bisection.packages:
        return DISTRIBUTION
    packages = _UNCHANGED if bisection.same_packages else ""
    return f"not the source: a commit that was green shows it now{packages}"
