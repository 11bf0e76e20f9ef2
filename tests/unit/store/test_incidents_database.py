"""`incidents.db`: written as a whole or not at all, and never overwritten."""

import sqlite3
from pathlib import Path

import attrs
import pytest

from ciforge.model.cause import Cause
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.incident import (
    BranchRef,
    Incident,
    IncidentLedger,
    IncidentStatus,
    JobState,
    Observation,
    RunRef,
)
from ciforge.model.message import Delivery, Message, Notice, Recipient, Thread
from ciforge.model.result import Status
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.incident_errors import FILE_NAME
from ciforge.store.incidents.incident_schema import MIGRATIONS, open_ledger

LINE = BranchRef(repo="portable", branch="master")
POINT = RunRef(run="r1", at=1.5, revision="1f" * 20)
SEEN = Observation(
    job="portable/debian-13/default", status=Status.FAILED, causes=("K",), point=POINT,
    packages={"gcc": "14.2"},
)  # fmt: skip
STANDING = JobState(branch_ref=LINE, job=SEEN.job, last=SEEN, good=None, since=POINT, listed=1.0)
INCIDENT = Incident(
    id="ab" * 8, project="p", branch_ref=LINE, key="K", broken=(SEEN.job,), jobs=(SEEN.job,),
    cause=Cause(key="K", kind=FindingKind.OTHER, findings={SEEN.job: Finding(kind=FindingKind.OTHER)}),
)  # fmt: skip
BOOK = IncidentLedger(
    project="p", job_states={(LINE, SEEN.job): STANDING}, incidents={INCIDENT.id: INCIDENT}
)
MESSAGE = Message(
    message_id="<one@example.org>", notice="n1", kind="broken", incident=INCIDENT.id,
    sender="ci@example.org", to=("a@example.org", "b@example.org"), subject="[p] it broke",
    headers=(("List-Id", "<p.example.org>"),), text="é\udcff\x00", created=5.0,
)  # fmt: skip


def written(state: Path, book: IncidentLedger = BOOK) -> None:
    with Incidents.open(state) as incidents, incidents.writing("p") as writing:
        writing.save(writing.ledger(), book)


def test_ledger_is_read_back_unchanged(tmp_path: Path) -> None:
    written(tmp_path)
    with Incidents.open(tmp_path) as incidents, incidents.writing("p") as writing:
        assert writing.ledger() == BOOK


def test_last_closed_incident_of_each_wanted_fingerprint_is_read(tmp_path: Path) -> None:
    closed = [
        attrs.evolve(INCIDENT, id=f"{n:016}", key=key, status=IncidentStatus.FIXED,
                     closed=RunRef(run=f"r{n}", at=float(n)))
        for n, key in enumerate(("K", "K", "L"))
    ]  # fmt: skip
    written(tmp_path, attrs.evolve(BOOK, incidents={one.id: one for one in closed}))
    with Incidents.open(tmp_path) as incidents, incidents.writing("p") as writing:
        assert list(writing.ledger(["K"]).incidents.values()) == [closed[1]]


def test_failed_incident_transaction_leaves_nothing(tmp_path: Path) -> None:
    with Incidents.open(tmp_path) as incidents:
        with pytest.raises(KeyError), incidents.writing("p") as writing:
            assert writing.take("r1", 1.0, 2.0)
            writing.save(writing.ledger(), BOOK)
            writing.queue(MESSAGE)
            raise KeyError
        assert not incidents.is_imported("r1")
        assert incidents.ledger("p") == IncidentLedger(project="p")
        assert incidents.outbox.all() == []


def test_run_is_imported_into_incidents_once(tmp_path: Path) -> None:
    with Incidents.open(tmp_path) as incidents:
        incidents.announce("r1", 1.0)
        assert incidents.announced() == [("r1", 1.0)]
        with incidents.writing("p") as writing:
            assert writing.take("r1", 1.0, 2.0)
            assert not writing.take("r1", 1.0, 3.0)
        assert incidents.announced() == []
        assert incidents.taken() == {"r1": 1}


def test_mail_is_queued_once_and_keeps_its_thread(tmp_path: Path) -> None:
    written(tmp_path)
    thread = Thread(root="<one@example.org>", last="<two@example.org>", subject="s", to=("x",))
    with Incidents.open(tmp_path) as incidents:
        with incidents.writing("p") as writing:
            assert writing.thread(INCIDENT.id) is None
            assert writing.queue(MESSAGE, thread)
            assert not writing.queue(MESSAGE, thread)
            assert writing.thread(INCIDENT.id) == thread
        (queued,) = incidents.outbox.due(6.0)
        assert queued.message == MESSAGE
        assert [one.address for one in queued.recipients] == list(MESSAGE.to)


def test_sent_mail_is_not_due_again(tmp_path: Path) -> None:
    with Incidents.open(tmp_path) as incidents:
        with incidents.writing("p") as writing:
            writing.queue(MESSAGE)
        one, other = incidents.outbox.due(6.0)[0].recipients
        incidents.outbox.put([attrs.evolve(one, delivery=Delivery.SENT)])
        incidents.outbox.put([attrs.evolve(other, next_try=100.0, attempts=1, reply="450 later")])
        assert incidents.outbox.due(6.0) == []
        (again,) = incidents.outbox.due(100.0)
        assert [it.delivery for it in again.recipients] == [Delivery.SENT, Delivery.QUEUED]
        assert [it.message for it in incidents.outbox.find("one@")] == [MESSAGE]


def test_delivery_failure_is_reported_once(tmp_path: Path) -> None:
    refused = Recipient(
        message_id=MESSAGE.message_id, address="a@example.org", delivery=Delivery.REFUSED,
        reply="550 no such user",
    )  # fmt: skip
    with Incidents.open(tmp_path) as incidents:
        with incidents.writing("p") as writing:
            writing.queue(MESSAGE)
        incidents.outbox.put([refused])
        with incidents.writing("p") as writing:
            failures = writing.failures()
            assert failures == ((MESSAGE.message_id, "a@example.org", "550 no such user"),)
            writing.reported(failures)
        with incidents.writing("p") as writing:
            assert writing.failures() == ()


def test_digest_entry_is_queued_once(tmp_path: Path) -> None:
    inner = Notice(id="n2", project="p", at=2.0)
    notice = Notice(id="n1", project="p", at=1.0, items=(inner,), remarks=("é\n",))
    with Incidents.open(tmp_path) as incidents, incidents.writing("p") as writing:
        writing.hold(notice)
        writing.hold(notice)
        assert writing.held() == (notice,)
        writing.remove_held([notice])
        assert writing.held() == ()


def test_incidents_database_is_written_by_two_processes_in_turn(tmp_path: Path) -> None:
    with Incidents.open(tmp_path) as one, Incidents.open(tmp_path) as other:
        with one.writing("p") as writing:
            writing.take("r1", 1.0, 2.0)
            assert not other.is_imported("r1")
        assert other.is_imported("r1")


@pytest.mark.parametrize(
    "damage", [b"not a database" * 100, b"SQLite format 3\x00" + b"\xff" * 4096]
)
def test_damaged_incidents_database_is_an_error_and_stays(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / FILE_NAME
    file.write_bytes(damage)
    with pytest.raises(HistoryProblem, match=FILE_NAME) as told:
        Incidents.open(tmp_path)
    assert "left as it is" in told.value.hint
    assert file.read_bytes() == damage


def test_overwritten_page_of_the_incidents_database_is_an_error(tmp_path: Path) -> None:
    written(tmp_path)
    file = tmp_path / FILE_NAME
    data = bytearray(file.read_bytes())
    data[4096 : 4096 * 6] = b"\xa5" * 4096 * 5
    file.write_bytes(data)
    with pytest.raises(HistoryProblem, match=FILE_NAME), Incidents.open(tmp_path) as incidents:
        incidents.check()


def test_invalid_document_in_the_incidents_database_is_an_error(tmp_path: Path) -> None:
    written(tmp_path)
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("UPDATE standings SET document = '{\"v\": 1}'")
    with (
        Incidents.open(tmp_path) as incidents,
        pytest.raises(HistoryProblem, match="line is missing"),
    ):
        incidents.ledger("p")


def test_newer_incidents_database_is_an_error_and_stays(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    open_ledger(file, (*MIGRATIONS, "CREATE TABLE later (a)")).close()
    before = file.read_bytes()
    with pytest.raises(HistoryProblem, match="a newer ciforge wrote it"):
        Incidents.open(tmp_path)
    assert file.read_bytes() == before


def test_incidents_database_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    written(tmp_path)
    file = tmp_path / FILE_NAME
    later = (*MIGRATIONS, "ALTER TABLE taken ADD COLUMN mood TEXT")
    open_ledger(file, later).close()
    copy = file.with_name(f"{FILE_NAME}.version-{len(MIGRATIONS)}")
    with sqlite3.connect(copy) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert db.execute("SELECT count(*) FROM standings").fetchone() == (1,)


def test_failed_migration_leaves_the_incidents_database_unchanged(tmp_path: Path) -> None:
    written(tmp_path)
    broken = (*MIGRATIONS, "CREATE TABLE half (a); CREATE TABLE taken (a)")
    with pytest.raises(sqlite3.OperationalError):
        open_ledger(tmp_path / FILE_NAME, broken)
    with Incidents.open(tmp_path) as incidents:
        incidents.check()
        assert incidents.ledger("p").incidents


def test_incidents_database_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    written(tmp_path / "state")
    assert (tmp_path / "state" / FILE_NAME).stat().st_mode & 0o077 == 0
