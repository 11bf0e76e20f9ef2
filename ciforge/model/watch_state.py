"""The state of `ciforge watch`: where refs are, what waits to be built, what came of earlier commits."""

import enum
from collections.abc import Mapping

import attrs

PULLS = "pull/"
TAGS = "tags/"


class RefKind(enum.Enum):
    """The kind of a ref that is followed."""

    BRANCH = "branch"
    TAG = "tag"
    PULL = "pull"


class WatchOutcome(enum.Enum):
    """What became of a commit."""

    BUILT = "built"
    SUPERSEDED = "superseded"
    """The ref moved on before it was built."""
    SAME = "same"
    """The commit was built before, for another ref."""
    DELETED = "deleted"
    """The ref was deleted before it was built."""
    NOT_FOLLOWED = "not-followed"
    """The project file no longer names the ref."""
    GIVEN_UP = "given-up"
    """It could not be built, however often that was tried."""


@attrs.frozen(kw_only=True)
class WaitingCommit:
    """A commit that a ref was moved to, and that is to be built."""

    repo: str
    ref: str
    """`heads/main`, `HEAD`, `tags/v1` or `pull/12/head`."""
    commit: str
    before: str = ""
    """Where the ref was when all before was decided; empty for a new ref. The commits between belong to
    this one."""
    seen: float
    """When a poll saw it, in seconds since 1970."""
    since: float
    """Since when the ref waits."""
    attempts: int = 0
    tried: float = 0.0
    """When it was tried last, in seconds since 1970."""
    trouble: str = ""
    """Why that had no result, in a sentence."""
    not_before: float = 0.0
    """In seconds since 1970."""

    @property
    def kind(self) -> RefKind:
        return kind_of(self.ref)

    @property
    def place(self) -> tuple[str, str]:
        return self.repo, self.ref


@attrs.frozen(kw_only=True)
class StartedBuild:
    """A build that was started and of which no result is recorded."""

    waiting: WaitingCommit
    at: float
    sequence: int
    """The number of the newest run before it."""


@attrs.frozen(kw_only=True)
class WatchDecision:
    """What became of the commits of a ref from `before`, exclusive, to `commit`."""

    repo: str
    ref: str
    commit: str
    before: str = ""
    seen: float
    at: float
    outcome: WatchOutcome
    reason: str
    """A sentence."""
    run: str = ""
    exit_code: int = 0


@attrs.frozen(kw_only=True)
class BuildTime:
    """Time that was spent on builds."""

    at: float
    seconds: float


@attrs.frozen(kw_only=True)
class WatchState:
    """Everything that outlives a process."""

    tips: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict)
    """Repositories to refs to the commits at which the last poll saw them."""
    polled: Mapping[str, tuple[RefKind, ...]] = attrs.field(factory=dict)
    """Repositories to the kinds of refs that were listed; older states lack it."""
    waiting: tuple[WaitingCommit, ...] = ()
    """At most one for each ref."""
    started: StartedBuild | None = None
    decisions: tuple[WatchDecision, ...] = ()
    """The newest last."""
    spent: tuple[BuildTime, ...] = ()
    searches: Mapping[str, int] = attrs.field(factory=dict)
    """Incidents to how often their commit was searched for."""


def kind_of(ref: str) -> RefKind:
    """The kind of a ref, by its name."""
    if ref.startswith(PULLS):
        return RefKind.PULL
    return RefKind.TAG if ref.startswith(TAGS) else RefKind.BRANCH
