"""The mutable state of one transition step."""

import hashlib
from collections.abc import Iterable

import attrs

from ciforge.model.cause import Cause
from ciforge.model.incident import (
    BranchRef,
    Incident,
    IncidentKind,
    IncidentLedger,
    IncidentStatus,
    JobState,
    Observation,
    ObservedRun,
    Routing,
    RunRef,
    Transition,
    TransitionKind,
)


class LedgerBuilder:
    """Job states and incidents of a ledger, and the transitions so far, during one run or one moment."""

    def __init__(self, ledger: IncidentLedger, run: ObservedRun, now: float) -> None:
        self.project = ledger.project
        self.run = run
        self.now = now
        self.job_states: dict[tuple[BranchRef, str], JobState] = dict(ledger.job_states)
        self.incidents: dict[str, Incident] = dict(ledger.incidents)
        self.changes: list[Transition] = []

    def result(self) -> tuple[IncidentLedger, tuple[Transition, ...]]:
        """The ledger as it is now, and the transitions."""
        ledger = IncidentLedger(
            project=self.project, job_states=self.job_states, incidents=self.incidents
        )
        return ledger, tuple(self.changes)

    def of_branch(self, branch: BranchRef) -> list[JobState]:
        """The jobs of a branch that are in the matrix."""
        return [s for (its, _), s in self.job_states.items() if its == branch and not s.retired]

    def last(self, branch: BranchRef, job: str) -> Observation | None:
        """A job's last definitive result."""
        job_state = self.job_states.get((branch, job))
        return job_state.last if job_state else None

    def find_open(self, branch: BranchRef, nature: IncidentKind, key: str) -> Incident | None:
        """The open incident of a branch with that key."""
        return next((i for i in self.all_open(branch, nature) if i.key == key), None)

    def all_open(self, branch: BranchRef, nature: IncidentKind) -> list[Incident]:
        """The open incidents of a branch."""
        ours = (i for i in self.incidents.values() if i.branch_ref == branch and i.kind is nature)
        return [incident for incident in ours if incident.open]

    def last_closed(self, branch: BranchRef, key: str) -> Incident | None:
        """The newest closed incident of a branch with that key."""
        ours = (i for i in self.incidents.values() if i.branch_ref == branch and i.key == key)
        return max(
            (incident for incident in ours if not incident.open),
            key=lambda i: (i.closed.sequence, i.closed.at) if i.closed else (0, 0.0),
            default=None,
        )

    def new(self, branch: BranchRef, nature: IncidentKind, key: str) -> Incident:
        """An incident that this run or moment opens; `record` adds it to the ledger."""
        point = self.run.point
        identity = (
            self.project,
            branch.repo,
            branch.branch,
            nature.value,
            key,
            point.run,
            repr(point.at),
        )
        name = hashlib.sha256("\0".join(identity).encode("utf-8", "replace")).hexdigest()[:16]
        return Incident(
            id=name, project=self.project, branch_ref=branch, kind=nature, key=key,
            opened=point, newest=point, bad=point,
        )  # fmt: skip

    def close(self, incident: Incident, condition: IncidentStatus) -> Incident:
        """The incident, closed by this run; `record` stores it."""
        return attrs.evolve(incident, status=condition, closed=self.run.point, broken=())

    def record(
        self,
        turn: TransitionKind,
        way: Routing,
        incident: Incident,
        jobs: Iterable[str] = (),
        *,
        previous: Incident | None = None,
        successors: tuple[Incident, ...] = (),
        sides: tuple[Observation | None, Observation | None] = (None, None),
        reason: str = "",
    ) -> Incident:
        """Stores the incident and appends its transition; returns the incident with its mail times set."""
        if way is Routing.REPLY and not incident.root_mailed:
            way = Routing.DIGEST  # no thread exists yet
        if incident.muted(self.now):
            way = Routing.SILENT
        if way in (Routing.ROOT, Routing.REPLY):
            root_at = self.now if way is Routing.ROOT else incident.root_mailed
            incident = attrs.evolve(incident, root_mailed=root_at, mailed=self.now)
        self.incidents[incident.id] = incident
        self.changes.append(
            Transition(
                kind=turn, routing=way, incident=incident, point=self._point(sides[1]),
                jobs=tuple(jobs), previous=previous, successors=successors,
                before=sides[0], after=sides[1], reason=reason,
            )
        )  # fmt: skip
        return incident

    def _point(self, after: Observation | None) -> RunRef:
        return after.point if after else self.run.point

    def cause(self, branch: BranchRef, key: str, default: Cause | None = None) -> Cause | None:
        """The cause with this run's findings on a branch, merged into the known ones."""
        seen = self.run.causes.get(key)
        if seen is None:
            return default
        ours = {o.job for o in self.run.observations.get(branch, ())}
        findings = {job: finding for job, finding in seen.findings.items() if job in ours}
        before = dict(default.findings) if default else {}
        return attrs.evolve(seen, findings=before | findings)
