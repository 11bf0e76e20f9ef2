"""Incidents: a cause on a branch, from the run that broke to the run that fixed it."""

import enum
from collections.abc import Iterable, Mapping

import attrs

from ciforge.model.bisection import Bisection
from ciforge.model.cause import Cause
from ciforge.model.change import Commit, PackageChange
from ciforge.model.document_key import KEY
from ciforge.model.result import Status


class TransitionKind(enum.Enum):
    """The kind of change of an incident, by a run or by time; the values are INCIDENT_STATES."""

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
    """The subject of an incident."""

    CAUSE = "cause"
    INFRASTRUCTURE = "infrastructure"
    """Machines or mirrors failed; one for all branches, mailed to operators."""
    STALE = "stale"
    """No result by the deadline."""


class IncidentStatus(enum.Enum):
    """The status of an incident; all but OPEN are final."""

    OPEN = "open"
    FIXED = "fixed"
    CHANGED = "changed"
    """No job shows the cause any longer, but one fails for another cause."""
    FLAKY = "flaky"
    """Its jobs passed at the commit at which they had failed."""
    RETIRED = "retired"
    """Its last broken job was removed from the matrix: whether it is fixed is unknown."""
    OVER = "over"
    """Infrastructure that works again, or results that came after all."""


class Routing(enum.Enum):
    """The way a transition is mailed: a new thread, a reply, in a digest, not at all."""

    ROOT = "root"
    REPLY = "reply"
    DIGEST = "digest"
    SILENT = "silent"


@attrs.frozen(kw_only=True)
class RunRef:
    """A run at a commit, or a moment without one."""

    run: str = ""
    sequence: int = 0
    """Its number in the order of import, from 1; a moment has that of the last run."""
    at: float = 0.0
    """When it started, in seconds since 1970. For display and deadlines, not for ordering."""
    revision: str = ""
    """The commit's full hash; empty for a source without git."""


@attrs.frozen(kw_only=True)
class BranchRef:
    """A branch of a repository; incidents and job states belong to one."""

    repo: str = ""
    branch: str = ""
    """Empty if unknown; both are empty for infrastructure."""


@attrs.frozen(kw_only=True)
class Observation:
    """The result of one job in one run."""

    job: str
    status: Status
    causes: tuple[str, ...] = ()
    """Keys of its causes, the most important first; never empty for a job that failed."""
    point: RunRef = RunRef()
    packages: Mapping[str, str] = attrs.field(factory=dict)
    """Installed packages to their versions; empty if unknown."""
    allow_failure: bool = False
    reason: str = ""

    @property
    def passed(self) -> bool:
        return self.status.green

    @property
    def definitive(self) -> bool:
        """Whether it says something about the source."""
        return self.passed or self.status in (Status.FAILED, Status.TIMED_OUT)


@attrs.frozen(kw_only=True)
class JobState:
    """The state of one job on one branch, from all imported runs."""

    branch_ref: BranchRef = attrs.field(metadata={KEY: "line"})
    job: str
    last: Observation | None = None
    """Its last definitive result."""
    good: Observation | None = None
    """The last one that passed."""
    since: RunRef = RunRef()
    """The run with which the current status began."""
    listed: float = 0.0
    """When it was first seen, in seconds since 1970."""
    newest: RunRef = RunRef()
    """The newest run with a result of it; older runs are ignored."""
    troubles: int = 0
    """Runs in a row that ended as infrastructure, since the last definitive result."""
    troubled: float = 0.0
    """When the first of them was, in seconds since 1970."""
    trouble: str = ""
    """The reason of the last of them."""
    retired: bool = False
    followed: bool = False
    """Whether the project named its branch when it was last seen."""

    def waiting(self, now: float) -> float:
        """Seconds since its last definitive result, or since it was first seen if that is later."""
        last = self.last.point.at if self.last else 0.0
        return now - max(last, self.listed)


@attrs.frozen(kw_only=True)
class Incident:
    """One cause to fix on one branch."""

    id: str
    """16 hexadecimal digits; the same whenever the same run opens it."""
    project: str
    branch_ref: BranchRef = attrs.field(metadata={KEY: "line"})
    kind: IncidentKind = attrs.field(default=IncidentKind.CAUSE, metadata={KEY: "nature"})
    key: str
    """The fingerprint of its cause; `infrastructure` and `stale` for the others."""
    cause: Cause | None = None
    """The cause in the latest run that opened or spread it."""
    status: IncidentStatus = attrs.field(default=IncidentStatus.OPEN, metadata={KEY: "condition"})
    opened: RunRef = RunRef()
    closed: RunRef | None = None
    newest: RunRef = RunRef()
    """The last run that changed or showed it."""
    broken: tuple[str, ...] = ()
    """Ids of the jobs that show it now."""
    jobs: tuple[str, ...] = ()
    """Ids of the jobs that ever showed it, without those that were retired."""
    retired: tuple[str, ...] = ()
    """Ids of its jobs that were removed from the matrix while they showed it."""
    good: RunRef | None = None
    """The last good commit before it; None if none of its jobs ever passed: then no author is blamed."""
    bad: RunRef = RunRef()
    """The first bad one."""
    same_packages: bool = False
    """Whether a job that shows it had the same packages in the good run and in the bad one; False if not known."""
    flaky: bool = False
    """Whether it appeared or disappeared without a new commit."""
    recovered: bool = attrs.field(default=False, metadata={KEY: "mended"})
    """A job of it passed at another commit than it had failed at."""
    reminders: int = 0
    """Reminders sent so far: after 1, 3 and 7 days, then one for each weekly digest."""
    root_mailed: float = attrs.field(default=0.0, metadata={KEY: "told"})
    """When its root mail was queued, in seconds since 1970; 0 if it was only in digests."""
    mailed: float = 0.0
    """When its last mail was queued, in seconds since 1970; 0 if none was."""
    previous: str = ""
    """The id of the closed incident with the same key, or of the one that it replaced."""
    successors: tuple[str, ...] = ()
    """Ids of the incidents that took jobs over from it."""
    bisection: Bisection | None = None
    """Which commit brought it, where `ciforge bisect` was asked."""
    muted_until: float = 0.0
    """Until then, in seconds since 1970, only its end is mailed; 0 if it is not muted."""
    mute_reason: str = ""
    assignee: str = ""
    """The mail address of the person who works on it; empty if nobody does."""

    @property
    def open(self) -> bool:
        return self.status is IncidentStatus.OPEN

    def muted(self, now: float) -> bool:
        """Whether its mails are held back: it is open, and the time that was given has not passed."""
        return self.open and now < self.muted_until


@attrs.frozen(kw_only=True)
class Transition:
    """A change of one incident, by a run or by time."""

    kind: TransitionKind = attrs.field(metadata={KEY: "turn"})
    routing: Routing = attrs.field(metadata={KEY: "way"})
    incident: Incident
    """The incident after the transition."""
    point: RunRef = RunRef()
    """The run; without an id if time alone caused it."""
    jobs: tuple[str, ...] = ()
    """Ids of the jobs that changed: newly broken, newly passed, retired, without result."""
    previous: Incident | None = None
    """The closed incident with the same key, or the one that it replaced."""
    successors: tuple[Incident, ...] = ()
    """For CHANGED as a REPLY in the old thread: the incidents that have its jobs now."""
    before: Observation | None = None
    """The last result on the other side of the change: the last good one, for FIXED the last bad."""
    after: Observation | None = None
    """The first result on this side of it."""
    reason: str = ""
    """For RETIRED: why it is no longer followed, a few words for a mail; may be empty."""


@attrs.frozen(kw_only=True)
class IncidentLedger:
    """All job states and incidents of a project: the state of the state machine."""

    project: str
    job_states: Mapping[tuple[BranchRef, str], JobState] = attrs.field(factory=dict)
    """By branch and job."""
    incidents: Mapping[str, Incident] = attrs.field(factory=dict)
    """By id: every open one, and of each branch and key the one closed last."""


@attrs.frozen(kw_only=True)
class ObservedRun:
    """One run as input of the state machine."""

    point: RunRef
    """Without revision: each observation has its own."""
    observations: Mapping[BranchRef, tuple[Observation, ...]]
    causes: Mapping[str, Cause] = attrs.field(factory=dict)
    """By key, with the findings of all jobs of the run."""
    matrix: Mapping[BranchRef, frozenset[str]] = attrs.field(factory=dict)
    """Ids of the jobs that are listed now; a branch that is not here keeps all its jobs."""
    followed: frozenset[BranchRef] = frozenset()
    """The branches in `branches:` of the project."""


@attrs.frozen(kw_only=True)
class JobDeadline:
    """A job on a branch that must have a definitive result once in `deadline` seconds."""

    branch_ref: BranchRef = attrs.field(metadata={KEY: "line"})
    job: str
    deadline: float


@attrs.frozen(kw_only=True)
class Range:
    """The changes between the last good run and the first bad one; for FIXED the other way round."""

    before: RunRef
    after: RunRef
    commits: tuple[Commit, ...] = ()
    """The newest first, at most 50."""
    more: int = 0
    """How many more commits there are."""
    unknown: str = ""
    """Why the commits cannot be listed; empty if they can, or if there are none."""
    packages: tuple[PackageChange, ...] = ()
    """Packages that differ in the image of one of the jobs, by name."""
    packages_of: str = ""
    """The id of that job."""

    @property
    def same_source(self) -> bool:
        """Whether the commit is the same on both sides."""
        return self.before.revision != "" and self.before.revision == self.after.revision


def bisections(ledger: IncidentLedger, causes: Iterable[Cause]) -> dict[str, str]:
    """Which commit brought each of these causes, by its key: of those with an open incident that says it."""
    found = {}
    for cause in causes:
        repos = {job.partition("/")[0] for job in cause.jobs}
        for incident in ledger.incidents.values():
            same = incident.key == cause.key and incident.branch_ref.repo in repos
            if same and incident.open and incident.bisection:
                found[cause.key] = incident.bisection.sentence
    return found
