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


def recipients(notice: Notice, mail: Mail, matches: Matches) -> tuple[str, ...]:
    """Addresses, each once; empty if no route matches, or the first match has no address."""
    route = next((route for route in mail.routes if _fits(route, notice, matches)), None)
    if route is None:
        return ()
    named = (address for address in route.to if address != AUTHORS)
    authors = _authors(notice) if AUTHORS in route.to else ()
    return tuple(dict.fromkeys((*named, *authors)))


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


def _authors(notice: Notice) -> tuple[str, ...]:
    """No author for a job that never passed, nor for a fix."""
    if not notice.blame or notice.range is None:
        return ()
    if notice.change and notice.change.kind in (
        TransitionKind.FIXED,
        TransitionKind.RETIRED,
        TransitionKind.STALE,
    ):
        return ()
    found = dict.fromkeys(commit.address for commit in notice.range.commits if commit.address)
    return tuple(found) if len(found) <= _MOST_AUTHORS else ()
