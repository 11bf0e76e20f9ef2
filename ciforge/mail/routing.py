"""The recipients of a notice: those of the first matching route, and the authors if it names them."""

from collections.abc import Callable, Iterable

from ciforge.model.incident import TransitionKind
from ciforge.model.message import Notice
from ciforge.model.project import Mail, Route

AUTHORS = "authors"
"""In `to:`, all authors of commits in the range."""
_MOST_AUTHORS = 10
"""With more authors, as in a merge of a year's work, none is mailed."""
Matches = Callable[[str, str], bool]
"""Whether a selector names a job, by its id."""


def recipients(
    notice: Notice, mail: Mail, matches: Matches, mailed: Iterable[str] = ()
) -> tuple[str, ...]:
    """Addresses, each once; empty if no route matches, or the first match has no address.

    `mailed` are the recipients of earlier mails of the thread: authors among them hear its end.
    The person who is assigned to the incident hears of every change.
    """
    route = next((route for route in mail.routes if _fits(route, notice, matches)), None)
    assigned = _assignee(notice)
    if route is None:
        return assigned
    named = (address for address in route.to if address != AUTHORS)
    authors: tuple[str, ...] = ()
    if AUTHORS in route.to and _is_end(notice):
        listed = {address for each in mail.routes for address in each.to}
        authors = tuple(address for address in mailed if address not in listed)
    elif AUTHORS in route.to:
        authors = _authors(notice)
    return tuple(dict.fromkeys((*named, *authors, *assigned)))


def _fits(route: Route, notice: Notice, matches: Matches) -> bool:
    if notice.change is None:
        return any(_fits(route, item, matches) for item in notice.items)
    if route.when and notice.change.kind.value not in route.when:
        return False
    if route.kind and not (notice.cause and notice.cause.kind.value in route.kind):
        return False
    return any(matches(route.job, job) for job in _jobs(notice))


def _jobs(notice: Notice) -> Iterable[str]:
    change = notice.change
    if change is None:
        return ()
    return change.incident.jobs or change.incident.broken or change.jobs or notice.broken


_ENDS = frozenset({TransitionKind.FIXED, TransitionKind.RETIRED, TransitionKind.STALE})
"""Transitions whose commits broke nothing."""


def _is_end(notice: Notice) -> bool:
    return notice.change is not None and notice.change.kind in _ENDS


def _assignee(notice: Notice) -> tuple[str, ...]:
    address = notice.change.incident.assignee if notice.change else ""
    return (address,) if address else ()


def _authors(notice: Notice) -> tuple[str, ...]:
    """No author for a job that never passed."""
    if not notice.blame or notice.range is None:
        return ()
    found = dict.fromkeys(commit.address for commit in notice.range.commits if commit.address)
    return tuple(found) if len(found) <= _MOST_AUTHORS else ()
