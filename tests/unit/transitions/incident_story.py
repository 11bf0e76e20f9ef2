"""Runs in short form: `Story().run("c1", a="ok", b="K")` returns the transitions."""

from collections.abc import Iterable, Mapping

import attrs

from ciforge.model.cause import Cause
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.incident import (
    BranchRef,
    Incident,
    IncidentLedger,
    JobDeadline,
    Observation,
    ObservedRun,
    Routing,
    RunRef,
    Transition,
)
from ciforge.model.result import Status
from ciforge.transitions.due import due
from ciforge.transitions.step import apply_run

MASTER = BranchRef(repo="portable", branch="master")
HOUR, DAY = 3600.0, 86400.0
_WORDS = {
    "ok": Status.PASSED, "infra": Status.INFRASTRUCTURE, "cancelled": Status.CANCELLED,
    "skipped": Status.SKIPPED,
}  # fmt: skip


class Story:
    """Runs in sequence, by default a day apart."""

    def __init__(self) -> None:
        self.ledger = IncidentLedger(project="opensmtpd")
        self.now = 1_000 * DAY
        self.number = 0
        self.changes: tuple[Transition, ...] = ()

    def run(
        self,
        commit: str,
        *,
        after: float = DAY,
        branch_ref: BranchRef = MASTER,
        listed: Iterable[str] | None = None,
        packages: Mapping[str, str] | None = None,
        **words: str,
    ) -> list[str]:
        """The transitions of a run. `ok`, `infra`, `cancelled`, `skipped`; else causes, joined by `+`,
        with `?` for a job that may fail."""
        self.now += after
        self.number += 1
        point = RunRef(
            run=f"run-{self.number:04}", sequence=self.number, at=self.now, revision=commit
        )
        seen = tuple(_observation(job, word, point, packages or {}) for job, word in words.items())
        observed = ObservedRun(
            point=attrs.evolve(point, revision=""), observations={branch_ref: seen},
            causes=_causes(seen), matrix={} if listed is None else {branch_ref: frozenset(listed)},
        )  # fmt: skip
        self.ledger, self.changes = apply_run(self.ledger, observed, self.now + 60)
        return shown(self.changes)

    def wait(self, seconds: float, *expected: JobDeadline) -> list[str]:
        """The transitions that are due after that time."""
        self.now += seconds
        self.ledger, self.changes = due(self.ledger, expected, self.now + 60, sequence=self.number)
        return shown(self.changes)

    def open(self) -> list[Incident]:
        """The open incidents."""
        return [incident for incident in self.ledger.incidents.values() if incident.open]


def _observation(job: str, word: str, point: RunRef, packages: Mapping[str, str]) -> Observation:
    cause = word.removesuffix("?")
    return Observation(
        job=job, status=_WORDS.get(cause, Status.FAILED), point=point, packages=packages,
        causes=() if cause in _WORDS else tuple(cause.split("+")), allow_failure=cause != word,
        reason="the mirror is gone" if cause == "infra" else "",
    )  # fmt: skip


def _causes(seen: Iterable[Observation]) -> dict[str, Cause]:
    found: dict[str, dict[str, Finding]] = {}
    for one in seen:
        for key in one.causes:
            found.setdefault(key, {})[one.job] = Finding(kind=FindingKind.OTHER)
    return {
        key: Cause(key=key, kind=FindingKind.OTHER, findings=ones) for key, ones in found.items()
    }


def shown(changes: Iterable[Transition]) -> list[str]:
    """`root broken K a b`: routing, kind, cause, jobs; without silent ones."""
    return [
        " ".join((change.routing.value, change.kind.value, change.incident.key, *change.jobs))
        for change in changes
        if change.routing is not Routing.SILENT
    ]
