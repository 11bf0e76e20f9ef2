"""The book while it is written in."""

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
    """A book's standings and incidents, and the changes so far; one run or one moment long."""

    def __init__(self, book: IncidentLedger, taking: ObservedRun, now: float) -> None:
        self.project = book.project
        self.taking = taking
        self.now = now
        self.standings: dict[tuple[BranchRef, str], JobState] = dict(book.standings)
        self.incidents: dict[str, Incident] = dict(book.incidents)
        self.changes: list[Transition] = []

    def result(self) -> tuple[IncidentLedger, tuple[Transition, ...]]:
        """The book as it is now, and what there is to tell."""
        book = IncidentLedger(
            project=self.project, standings=self.standings, incidents=self.incidents
        )
        return book, tuple(self.changes)

    def of_line(self, line: BranchRef) -> list[JobState]:
        """The jobs of a line that are in the matrix."""
        return [s for (its, _), s in self.standings.items() if its == line and not s.retired]

    def last(self, line: BranchRef, job: str) -> Observation | None:
        """A job's last definitive result."""
        standing = self.standings.get((line, job))
        return standing.last if standing else None

    def open_one(self, line: BranchRef, nature: IncidentKind, key: str) -> Incident | None:
        """The open incident of a line with that key."""
        return next((i for i in self.all_open(line, nature) if i.key == key), None)

    def all_open(self, line: BranchRef, nature: IncidentKind) -> list[Incident]:
        """The open incidents of a line."""
        ours = (i for i in self.incidents.values() if i.line == line and i.nature is nature)
        return [incident for incident in ours if incident.open]

    def last_closed(self, line: BranchRef, key: str) -> Incident | None:
        """The newest closed incident of a line with that key."""
        ours = (i for i in self.incidents.values() if i.line == line and i.key == key)
        return max(
            (incident for incident in ours if not incident.open),
            key=lambda i: (i.closed.sequence, i.closed.at) if i.closed else (0, 0.0),
            default=None,
        )

    def new(self, line: BranchRef, nature: IncidentKind, key: str) -> Incident:
        """An incident that this run, or this moment, opens; not yet in the book."""
        point = self.taking.point
        words = (self.project, line.repo, line.branch, nature.value, key, point.run, repr(point.at))
        name = hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()[:16]
        return Incident(
            id=name, project=self.project, line=line, nature=nature, key=key,
            opened=point, newest=point, bad=point,
        )  # fmt: skip

    def close(self, incident: Incident, condition: IncidentStatus) -> Incident:
        """The incident at its end."""
        return attrs.evolve(incident, condition=condition, closed=self.taking.point, broken=())

    def tell(
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
        """Puts the incident into the book and the change to the others; the incident as it is now."""
        if way is Routing.REPLY and not incident.told:
            way = Routing.DIGEST  # there is no thread to reply in
        if way in (Routing.ROOT, Routing.REPLY):
            told = self.now if way is Routing.ROOT else incident.told
            incident = attrs.evolve(incident, told=told, mailed=self.now)
        self.incidents[incident.id] = incident
        self.changes.append(
            Transition(
                turn=turn, way=way, incident=incident, point=self._point(sides[1]),
                jobs=tuple(jobs), previous=previous, successors=successors,
                before=sides[0], after=sides[1], reason=reason,
            )
        )  # fmt: skip
        return incident

    def _point(self, after: Observation | None) -> RunRef:
        return after.point if after else self.taking.point

    def cause(self, line: BranchRef, key: str, known: Cause | None = None) -> Cause | None:
        """The cause as this run shows it on a line, with what was known of it before."""
        seen = self.taking.causes.get(key)
        if seen is None:
            return known
        ours = {o.job for o in self.taking.observations.get(line, ())}
        findings = {job: finding for job, finding in seen.findings.items() if job in ours}
        before = dict(known.findings) if known else {}
        return attrs.evolve(seen, findings=before | findings)
