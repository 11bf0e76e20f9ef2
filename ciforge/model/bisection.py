"""The result of a search for the commit that brought a cause."""

import enum

import attrs

from ciforge.model.change import Commit, PackageChange, VersionStep


class Outcome(enum.Enum):
    """The kind of an answer."""

    FOUND = "found"
    RANGE = "range"
    """Any of these commits may have brought the cause: the others among them cannot be judged."""
    GOOD_SHOWS_IT = "good-shows-it"
    """The good end, built now, shows the cause: the commits did not bring it."""
    BAD_LACKS_IT = "bad-lacks-it"
    """The bad end, built now, does not show the cause."""


@attrs.frozen(kw_only=True)
class Bisection:
    """The answer of one search, as incidents keep it."""

    outcome: Outcome
    job: str
    """The job that was built."""
    at: float
    """When the search ended, in seconds since 1970."""
    commits: tuple[Commit, ...] = ()
    """The commit that brought the cause, or the first ones that may have, the oldest first."""
    more: int = 0
    """How many more commits may have."""
    parent: str = ""
    """A commit before it that lacks the cause; empty if none is known."""
    confirmed: bool = False
    """Whether builds of both without caches say the same."""
    unfinished: str = ""
    """The reason why the search ended early; empty if it did not."""
    packages: tuple[PackageChange, ...] = ()
    """Packages that changed since that commit was green, for GOOD_SHOWS_IT, or red, for BAD_LACKS_IT."""
    same_packages: bool = False
    """Whether its packages are known to be those that it had then."""
    steps: tuple[VersionStep, ...] = ()
    """The change of versions that brought it, or those that may have; empty if no search found one."""
    steps_confirmed: bool = False
    """Whether builds of the versions before and after it, without caches, say the same."""
    versions_note: str = ""
    """Why no version is named, or what is not certain, as a sentence."""

    @property
    def sentence(self) -> str:
        """The answer for people, in one or two sentences."""
        names = [_named(commit) for commit in self.commits]
        if self.outcome is Outcome.FOUND:
            sure = "" if self.confirmed else " This was not confirmed without caches."
            return f"Commit {names[0]} brought it.{sure}"
        if self.outcome is Outcome.RANGE:
            why = f"the search ended early: {self.unfinished}" if self.unfinished else _UNTESTED
            many = len(names) + self.more
            if not names:
                return f"It is not known which commit brought it; {why}."
            if many == 1:
                return f"Commit {names[0]} may have brought it, or none; {why}."
            return f"One of {many} commits brought it, the first of them {names[0]}; {why}."
        if self.outcome is Outcome.GOOD_SHOWS_IT:
            return f"No commit brought it: {names[0]}, which was green, shows it now.{self._brought()}{self._moved()}"
        return (
            f"The failure was not repeated: {names[0]}, built now, does not show it.{self._moved()}"
        )

    def _brought(self) -> str:
        """The answer of the search over versions."""
        note = f" {self.versions_note}" if self.versions_note else ""
        if not self.steps:
            return note
        titles = "; ".join(step.title for step in self.steps[:_FEW])
        if len(self.steps) == 1:
            sure = "" if self.steps_confirmed else " This was not confirmed."
            return f" The change {titles} brought it.{sure}{note}"
        more = f" and {len(self.steps) - _FEW} more" if len(self.steps) > _FEW else ""
        return f" One of these changes brought it: {titles}{more}.{note}"

    def _moved(self) -> str:
        if self.same_packages:
            return " Packages are unchanged."
        if not self.packages:
            return ""
        shown = [
            f"{package.name} {package.before or 'none'} -> {package.after or 'none'}"
            for package in self.packages
        ]
        rest = f" and {len(shown) - _FEW} more" if len(shown) > _FEW else ""
        return f" Packages that changed: {', '.join(shown[:_FEW])}{rest}."


_FEW = 8
_UNTESTED = "the others could not be judged, so none can be ruled out"


def _named(commit: Commit) -> str:
    about = ", ".join(filter(None, (commit.subject, commit.author)))
    return commit.revision[:12] + (f" ({about})" if about else "")
