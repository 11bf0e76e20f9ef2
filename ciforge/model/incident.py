"""Incidents: a cause on a branch, from the run that broke to the run that mended it."""

import enum
from collections.abc import Mapping

import attrs

from ciforge.model.cause import Cause
from ciforge.model.result import Status


class TransitionKind(enum.Enum):
    """What became of an incident, by a run or by time; the values are INCIDENT_STATES."""

    BROKEN = "broken"
    STILL_BROKEN = "still-broken"
    SPREAD = "spread"
    CHANGED = "changed"
    PARTIAL = "partial"
    FIXED = "fixed"
    RETURNED = "returned"
    FLAKY = "flaky"
    INFRASTRUCTURE = "infrastructure"
    STALE = "stale"
    RETIRED = "retired"


class IncidentKind(enum.Enum):
    """What an incident is about."""

    CAUSE = "cause"
    INFRASTRUCTURE = "infrastructure"
    """Nothing is known about jobs: for the operators, whatever the branch."""
    STALE = "stale"
    """No result by the deadline."""


class IncidentStatus(enum.Enum):
    """Where an incident stands; all but OPEN are its end."""

    OPEN = "open"
    FIXED = "fixed"
    CHANGED = "changed"
    """None of its jobs shows the cause any more, but one fails for another."""
    FLAKY = "flaky"
    """Its jobs passed at the commit at which they had failed."""
    RETIRED = "retired"
    """Its last broken job was taken from the matrix: nobody knows whether it is mended."""
    OVER = "over"
    """Infrastructure that works again, or results that came after all."""


class Routing(enum.Enum):
    """How a change is told."""

    ROOT = "root"
    REPLY = "reply"
    DIGEST = "digest"
    SILENT = "silent"


@attrs.frozen(kw_only=True)
class RunRef:
    """A run at a commit, or a moment without one."""

    run: str = ""
    sequence: int = 0
    """Its place in the order in which results came, from 1 up; a moment has that of the last run."""
    at: float = 0.0
    """When it started, in seconds since 1970. For display and deadlines; it orders nothing."""
    revision: str = ""
    """The commit's full hash; empty for a source without git."""


@attrs.frozen(kw_only=True)
class BranchRef:
    """What has incidents of its own: a branch of a repository."""

    repo: str = ""
    branch: str = ""
    """Empty where nobody knows; both are empty for infrastructure."""


@attrs.frozen(kw_only=True)
class Observation:
    """What a run says about one job."""

    job: str
    status: Status
    causes: tuple[str, ...] = ()
    """Keys of its causes, the weightiest first; never empty for a job that failed."""
    point: RunRef = RunRef()
    packages: Mapping[str, str] = attrs.field(factory=dict)
    """Installed packages to their versions; empty where nobody knows."""
    allow_failure: bool = False
    reason: str = ""

    @property
    def passed(self) -> bool:
        return self.status is Status.PASSED

    @property
    def definitive(self) -> bool:
        """Whether it says something about the source."""
        return self.status in (Status.PASSED, Status.FAILED, Status.TIMED_OUT)


@attrs.frozen(kw_only=True)
class JobState:
    """What is known of one job on one line, from all runs that were taken in."""

    line: BranchRef
    job: str
    last: Observation | None = None
    """Its last definitive result."""
    good: Observation | None = None
    """The last one that passed."""
    since: RunRef = RunRef()
    """Where the present status began."""
    listed: float = 0.0
    """When it was first heard of, in seconds since 1970."""
    newest: RunRef = RunRef()
    """The newest run that said anything about it: what is older is passed over."""
    troubles: int = 0
    """Runs in a row that ended as infrastructure, since the last definitive result."""
    troubled: float = 0.0
    """When the first of them was, in seconds since 1970."""
    trouble: str = ""
    """What the last of them said."""
    retired: bool = False
    followed: bool = False
    """Whether the project named its branch when it was last seen."""


@attrs.frozen(kw_only=True)
class Incident:
    """One thing to mend on one line."""

    id: str
    """16 hexadecimal digits; the same whenever the same run opens it."""
    project: str
    line: BranchRef
    nature: IncidentKind = IncidentKind.CAUSE
    key: str
    """Of its cause; `infrastructure` and `stale` for the others."""
    cause: Cause | None = None
    """As the run that opened it or spread it last saw it."""
    condition: IncidentStatus = IncidentStatus.OPEN
    opened: RunRef = RunRef()
    closed: RunRef | None = None
    newest: RunRef = RunRef()
    """The last run that had something to say about it."""
    broken: tuple[str, ...] = ()
    """Ids of the jobs that show it now."""
    jobs: tuple[str, ...] = ()
    """Ids of the jobs that ever showed it, without those that were retired."""
    retired: tuple[str, ...] = ()
    """Ids of its jobs that were taken from the matrix while they showed it."""
    good: RunRef | None = None
    """The last good commit before it; None where none of its jobs ever passed: blames nobody."""
    bad: RunRef = RunRef()
    """The first bad one."""
    flaky: bool = False
    """It began, or went, at one commit."""
    mended: bool = False
    """A job of it passed at another commit than it had failed at."""
    reminders: int = 0
    """How many of the reminders after 1, 3 and 7 days are done; then one more for each digest."""
    told: float = 0.0
    """When its root mail was queued, in seconds since 1970; 0 where only digests know of it."""
    mailed: float = 0.0
    """When its last mail was queued, in seconds since 1970; 0 where none was."""
    previous: str = ""
    """The id of the incident that it returned from, or whose jobs it took over."""
    successors: tuple[str, ...] = ()
    """Ids of the incidents that took jobs over from it."""

    @property
    def open(self) -> bool:
        return self.condition is IncidentStatus.OPEN


@attrs.frozen(kw_only=True)
class Transition:
    """What became of one incident, by a run or by time."""

    turn: TransitionKind
    way: Routing
    incident: Incident
    """As it is afterwards."""
    point: RunRef = RunRef()
    """The run; without one where time alone did it."""
    jobs: tuple[str, ...] = ()
    """Ids of the jobs that made the change: newly broken, newly green, retired, without result."""
    previous: Incident | None = None
    """The one it returned from, or whose jobs it took over."""
    successors: tuple[Incident, ...] = ()
    """For the pointer in the old thread (CHANGED as a REPLY): where its jobs are now."""
    before: Observation | None = None
    """The last result on the other side of the change: the last good one, for FIXED the last bad."""
    after: Observation | None = None
    """The first result on this side of it."""
    reason: str = ""
    """Why nobody follows it any more, for what is retired; a few words, or empty."""


@attrs.frozen(kw_only=True)
class IncidentLedger:
    """All that is known about a project's incidents; the state machine's state."""

    project: str
    standings: Mapping[tuple[BranchRef, str], JobState] = attrs.field(factory=dict)
    """By line and job."""
    incidents: Mapping[str, Incident] = attrs.field(factory=dict)
    """By id: every open one, and of each line and key the last that was closed."""


@attrs.frozen(kw_only=True)
class ObservedRun:
    """What one run says, ready to be taken in."""

    point: RunRef
    """Its revision is left empty: each observation has its own."""
    observations: Mapping[BranchRef, tuple[Observation, ...]]
    causes: Mapping[str, Cause] = attrs.field(factory=dict)
    """By key, with the findings of all jobs of the run."""
    matrix: Mapping[BranchRef, frozenset[str]] = attrs.field(factory=dict)
    """Ids of the jobs that are listed now; a line that is not here keeps all its jobs."""
    followed: frozenset[BranchRef] = frozenset()
    """The lines that the project names."""


@attrs.frozen(kw_only=True)
class JobDeadline:
    """A job that must have a definitive result once in so many seconds."""

    line: BranchRef
    job: str
    deadline: float


@attrs.frozen(kw_only=True)
class Commit:
    """One commit of a range; all text is safe to print, on one line and bounded."""

    revision: str
    subject: str
    author: str = ""
    address: str = ""
    """The author's mail address; empty where what git has is none."""
    time: float = 0.0
    """When it was committed, in seconds since 1970."""


@attrs.frozen(kw_only=True)
class PackageChange:
    """A package of the distribution that differs; an empty version is none."""

    name: str
    before: str
    after: str


@attrs.frozen(kw_only=True)
class Range:
    """What lies between the last good run and the first bad one; for FIXED the other way round."""

    before: RunRef
    after: RunRef
    commits: tuple[Commit, ...] = ()
    """The newest first, at most 50."""
    more: int = 0
    """How many commits there are beside them."""
    unknown: str = ""
    """Why the commits cannot be listed; empty where they can, or where there are none."""
    packages: tuple[PackageChange, ...] = ()
    """What differs in the image of one of the jobs, by name."""
    packages_of: str = ""
    """The id of that job."""

    @property
    def same_source(self) -> bool:
        """Whether the commit is the same on both sides."""
        return self.before.revision != "" and self.before.revision == self.after.revision
