"""Runs in a few words, for tests: `Story().run("c1", a="ok", b="K")` is what they bring about."""

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
from ciforge.transitions.step import decide

MASTER = BranchRef(repo="portable", branch="master")
HOUR, DAY = 3600.0, 86400.0
_WORDS = {
    "ok": Status.PASSED, "infra": Status.INFRASTRUCTURE, "cancelled": Status.CANCELLED,
    "skipped": Status.SKIPPED,
}  # fmt: skip


class Story:
    """Runs one after the other, a day apart unless `after` says otherwise."""

    def __init__(self) -> None:
        self.book = IncidentLedger(project="opensmtpd")
        self.now = 1_000 * DAY
        self.number = 0
        self.changes: tuple[Transition, ...] = ()

    def run(
        self,
        commit: str,
        *,
        after: float = DAY,
        line: BranchRef = MASTER,
        listed: Iterable[str] | None = None,
        packages: Mapping[str, str] | None = None,
        **words: str,
    ) -> list[str]:
        """What it brings about. `ok`, `infra`, `cancelled`, `skipped`; else causes, joined by `+`,
        with `?` for a job that may fail."""
        self.now += after
        self.number += 1
        point = RunRef(
            run=f"run-{self.number:04}", sequence=self.number, at=self.now, revision=commit
        )
        seen = tuple(_observation(job, word, point, packages or {}) for job, word in words.items())
        taking = ObservedRun(
            point=attrs.evolve(point, revision=""), observations={line: seen},
            causes=_causes(seen), matrix={} if listed is None else {line: frozenset(listed)},
        )  # fmt: skip
        self.book, self.changes = decide(self.book, taking, self.now + 60)
        return told(self.changes)

    def wait(self, seconds: float, *expected: JobDeadline) -> list[str]:
        """What time alone brings about."""
        self.now += seconds
        self.book, self.changes = due(self.book, expected, self.now + 60, sequence=self.number)
        return told(self.changes)

    def open(self) -> list[Incident]:
        """The incidents that are not over."""
        return [incident for incident in self.book.incidents.values() if incident.open]


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


def told(changes: Iterable[Transition]) -> list[str]:
    """`root broken K a b`: way, turn, cause, jobs; what is silent is left out."""
    return [
        " ".join((change.way.value, change.turn.value, change.incident.key, *change.jobs))
        for change in changes
        if change.way is not Routing.SILENT
    ]
