"""A state folder of a ciforge that ordered by time: real runs and mails, a hosted run of another branch."""

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from ciforge.model.incident import BranchRef, Incident, IncidentStatus
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.runs.run_index import Index
from ciforge.store.sequence import next_sequence

MADE = Path(__file__).parent / "state-before-sequence.tar.xz"
"""Four runs of examples/hello-portable in boxes with --notify, one of them interrupted before, and an
artifact that was collected; without the artifacts and the outbox's folder."""
JOB = "hello/debian-13/default"
RUNS = (
    "20261129T173701Z-01fd65", "20261129T173730Z-98f1c6", "20261129T173920Z-171b25",
    "20261129T173937Z-241aa5", "github-501-1", "20261129T174002Z-df740d",
)  # fmt: skip
"""In the order in which they were taken in."""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    with tarfile.open(MADE) as archive:
        archive.extractall(tmp_path)
    return tmp_path / "hello-portable"


def test_runs_of_an_old_state_get_sequences_in_import_order(state: Path) -> None:
    with Incidents.open(state) as incidents:
        taken = incidents.taken()
    assert list(taken.values()) == [1, 2, 3, 4, 5, 6]
    assert list(taken) == list(RUNS)


def test_incidents_of_an_old_state_keep_ids_states_and_threads(state: Path) -> None:
    with Incidents.open(state) as incidents, incidents.writing("hello-portable") as writing:
        book = writing.ledger(["hello:header:nosuch.h"])
        fixed = book.incidents["f6c80697b21cffe9"]
        again = book.incidents["71d7eb5fbb817bf0"]
        other = book.incidents["9f6da2fc3582ae67"]
        assert writing.thread(fixed.id) is not None
        assert len(incidents.outbox.all()) == 4
    assert (fixed.status, again.open, other.open) == (IncidentStatus.FIXED, True, True)
    assert (_places(fixed), _places(again), _places(other)) == ((1, 4), (6, 0), (5, 0))
    assert other.branch_ref == BranchRef(repo="hello", branch="other")
    assert again.previous == fixed.id
    standing = book.job_states[BranchRef(repo="hello", branch="master"), JOB]
    assert standing.last is not None and standing.good is not None
    assert (standing.last.point.sequence, standing.good.point.sequence) == (6, 4)
    assert standing.last.packages


def _places(incident: Incident) -> tuple[int, int]:
    return incident.opened.sequence, incident.closed.sequence if incident.closed else 0


def test_copy_of_an_old_incidents_database_is_kept(state: Path) -> None:
    before = _dump(state / "incidents.db")
    Incidents.open(state).close()
    assert _dump(state / "incidents.db.version-1") == before


def _dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as db:
        return list(db.iterdump())


def test_history_of_an_old_state_opens_and_new_runs_follow(state: Path) -> None:
    with Index.open(state) as index:
        index.catch_up()
        assert len(index.runs()) == len(RUNS)
        assert {run.sequence for run in index.runs()} == {0}
        green = index.last_green(JOB)
    assert green is not None and green.run == RUNS[3]
    assert [next_sequence(state), next_sequence(state)] == [1, 2]
