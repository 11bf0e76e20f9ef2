"""`ciforge status` reads less than the whole ledger, and the same."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from ciforge.model.bisection import Bisection, Outcome
from ciforge.model.cause import Cause, Trouble
from ciforge.model.change import Commit
from ciforge.model.finding import FindingKind
from ciforge.model.incident import (
    BranchRef,
    Incident,
    IncidentKind,
    IncidentLedger,
    JobState,
    Observation,
    RunRef,
)
from ciforge.model.job_view import JobView, StatusView
from ciforge.model.open_cause import open_cause
from ciforge.model.result import Status
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.incidents import status_reader
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.incident_errors import FILE_NAME
from ciforge.store.incidents.read_only import present
from ciforge.store.incidents.status_reader import status_view

BRANCH = BranchRef(repo="portable", branch="master")
POINT = RunRef(run="r1", sequence=3, at=1.5, revision="1f" * 20)
LATER = RunRef(run="r2", sequence=4, at=2.5, revision="2e" * 20)


def job_state(status: Status | None, **more: Any) -> JobState:
    job = f"portable/debian-13/{status.value if status else 'none'}{more.get('retired', '')}"
    last = Observation(job=job, status=status, point=LATER) if status else None
    return JobState(branch_ref=BRANCH, job=job, last=last, since=POINT, **more)


def incident(number: int, **more: Any) -> Incident:
    cause = Cause(key="K", kind=FindingKind.OTHER, title="strlcpy undeclared")
    given = {
        "id": f"{number:016x}", "project": "p", "branch_ref": BRANCH, "key": "K", "cause": cause,
        "opened": attrs.evolve(POINT, at=float(number)), "bad": POINT,
        "broken": ("portable/debian-13/failed", "portable/alpine-3.23/failed"),
    }  # fmt: skip
    return Incident(**given | more)


FOUND = Bisection(
    outcome=Outcome.FOUND, job="portable/debian-13/failed", at=1.0,
    commits=(Commit(revision="3d" * 20, author="Ann", subject="Use it"),),
)  # fmt: skip
INCIDENTS = (
    incident(1), incident(2, good=LATER), incident(3, good=POINT), incident(4, bisection=FOUND),
    incident(5, cause=Cause(key="K", kind=FindingKind.OTHER, trouble=Trouble.DISTRIBUTION)),
    incident(6, muted_until=9e9, mute_reason="next libc", assignee="ann@example.org"),
    incident(7, cause=None), incident(8, kind=IncidentKind.STALE, cause=None, key="stale"),
    incident(9, kind=IncidentKind.INFRASTRUCTURE, branch_ref=BranchRef(), cause=None),
)  # fmt: skip
STATES = (
    *map(job_state, Status), job_state(None), job_state(Status.PASSED, retired=True),
    job_state(None, troubles=2, trouble="no mirror", listed=4.0),
)  # fmt: skip


@pytest.fixture
def state(tmp_path: Path) -> Path:
    ledger = IncidentLedger(
        project="p", job_states={(BRANCH, each.job): each for each in STATES},
        incidents={each.id: each for each in INCIDENTS},
    )  # fmt: skip
    with Incidents.open(tmp_path) as incidents, incidents.writing("p") as writing:
        writing.save(writing.ledger(), ledger)
    return tmp_path


def expected(ledger: IncidentLedger) -> StatusView:
    """The same from the whole ledger."""
    incidents = ledger.incidents.values()
    return StatusView(
        jobs=tuple(map(job_view, (each for each in ledger.job_states.values() if not each.retired))),
        causes=tuple(open_cause(each) for each in incidents if each.kind is IncidentKind.CAUSE),
        stale=frozenset(
            (BRANCH.repo, BRANCH.branch, job)
            for each in incidents if each.kind is IncidentKind.STALE for job in each.broken
        ),
        has_results=True,
    )  # fmt: skip


def job_view(each: JobState) -> JobView:
    last = each.last.point if each.last else RunRef()
    return JobView(
        repo=each.branch_ref.repo, branch=each.branch_ref.branch, job=each.job,
        status=each.last.status.value if each.last else "", since=each.since.at,
        commit=each.since.revision, run=each.since.run, last_commit=last.revision,
        last_run=last.run, troubles=each.troubles, trouble=each.trouble,
    )  # fmt: skip


def test_status_view_equals_the_whole_ledger(state: Path) -> None:
    view = status_view(state, "p")
    assert view == expected(present(state, "p"))
    assert len(view.jobs) == len(Status) + 1
    assert len(view.causes) == 7
    assert {cause.whose for cause in view.causes} > {"Ann's, by commit 3d3d3d3d3d3d"}


def test_status_view_has_what_another_process_wrote_meanwhile(state: Path) -> None:
    before = status_view(state, "p")
    with Incidents.open(state) as incidents, incidents.writing("p") as writing:
        ledger = writing.ledger()
        muted = attrs.evolve(INCIDENTS[0], muted_until=9e9, mute_reason="later")
        writing.save(ledger, attrs.evolve(ledger, incidents={**ledger.incidents, muted.id: muted}))
    after = status_view(state, "p")
    assert before.causes[0].mute_reason == ""
    assert after.causes[0].mute_reason == "later"


def test_status_view_without_a_database_creates_none(tmp_path: Path) -> None:
    assert status_view(tmp_path, "p") == StatusView()
    assert not (tmp_path / FILE_NAME).exists()


@pytest.mark.parametrize("table", ["standings", "incidents"])
def test_status_view_of_a_document_without_attributes_has_their_defaults(
    state: Path, table: str
) -> None:
    """Documents of older versions lack what was added since."""
    needed = {"v", "line", "job", "id", "project", "key"}
    rewrite(state, table, lambda document: {k: v for k, v in document.items() if k in needed})
    assert status_view(state, "p") == expected(present(state, "p"))


DAMAGE: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("standings", {"v": 2}), ("standings", {"job": 7}), ("standings", {"line": []}),
    ("standings", {"last": {"job": "x", "status": "splendid"}}), ("standings", {"since": "now"}),
    ("standings", {"troubles": "many"}), ("incidents", {"v": None}), ("incidents", {"broken": [1]}),
    ("incidents", {"cause": {"key": "K", "kind": "other", "trouble": "nobody"}}),
    ("incidents", {"nature": "mishap"}), ("incidents", {"muted_until": "later"}),
)  # fmt: skip


@pytest.mark.parametrize(("table", "damage"), DAMAGE)
def test_status_view_of_a_damaged_document_names_the_file(
    state: Path, table: str, damage: Mapping[str, Any]
) -> None:
    rewrite(state, table, lambda document: document | damage)
    with pytest.raises(HistoryProblem, match="damaged"):
        status_view(state, "p")


def rewrite(state: Path, table: str, change: Any) -> None:
    with closing(sqlite3.connect(state / FILE_NAME)) as db, db:
        rows = db.execute(f"SELECT document FROM {table}").fetchall()
        for (document,) in rows:
            words = f"UPDATE {table} SET document = ? WHERE document = ?"
            db.execute(words, [json.dumps(change(json.loads(document))), document])


def test_status_view_accepts_exactly_the_values_of_the_model() -> None:
    assert {each.value for each in Status} == status_reader._STATUSES
    assert {each.value for each in IncidentKind} == status_reader._KINDS
    assert {each.value for each in Trouble} == status_reader._TROUBLES
