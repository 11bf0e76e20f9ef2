"""Reads and writes the ledger of the state machine."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import TypeVar

import attrs

from ciforge.model.incident import BranchRef, Incident, IncidentLedger, JobState, Observation
from ciforge.store.documents import from_document, to_document
from ciforge.store.history_problem import HistoryProblem

T = TypeVar("T")


def text_of(value: attrs.AttrsInstance) -> str:
    """A value as one line of JSON, in ASCII."""
    return json.dumps(to_document(value), separators=(",", ":"))


def value_of(document: str, model: type[T]) -> T:
    """A value from its document. Raises HistoryProblem."""
    try:
        return from_document(document.encode(), model)
    except ValueError as error:
        raise HistoryProblem(f"incidents.db: damaged: {model.__name__}: {error}") from None


def read_ledger(
    db: sqlite3.Connection, project: str, keys: Iterable[str] = (), *, packages: bool = True
) -> IncidentLedger:
    """All standings, all open incidents, and of each line and key of `keys` the last closed one."""
    lists = _packages(db) if packages else {}
    job_states = [_job_state(row, lists) for row in db.execute("SELECT * FROM standings")]
    incidents = [*_open(db), *_closed(db, keys)]
    return IncidentLedger(
        project=project,
        job_states={(job_state.branch_ref, job_state.job): job_state for job_state in job_states},
        incidents={incident.id: incident for incident in incidents},
    )


def _packages(db: sqlite3.Connection) -> dict[str, dict[str, str]]:
    rows = db.execute("SELECT digest, document FROM packages")
    return {row["digest"]: _mapping(row["document"]) for row in rows}


def _mapping(document: str) -> dict[str, str]:
    try:
        value = json.loads(document)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise HistoryProblem("incidents.db: damaged: a list of packages is not valid")
    return {str(name): str(version) for name, version in value.items()}


def _job_state(row: sqlite3.Row, lists: Mapping[str, Mapping[str, str]]) -> JobState:
    job_state = value_of(row["document"], JobState)
    return attrs.evolve(
        job_state,
        last=_with(job_state.last, lists.get(row["last_packages"], {})),
        good=_with(job_state.good, lists.get(row["good_packages"], {})),
    )


def _with(seen: Observation | None, packages: Mapping[str, str]) -> Observation | None:
    return attrs.evolve(seen, packages=packages) if seen else None


def _open(db: sqlite3.Connection) -> list[Incident]:
    rows = db.execute("SELECT document FROM incidents WHERE open = 1 ORDER BY opened, id")
    return [value_of(row["document"], Incident) for row in rows]


def _closed(db: sqlite3.Connection, keys: Iterable[str]) -> list[Incident]:
    newest = (
        "SELECT document FROM incidents AS one WHERE open = 0 AND key = ? AND NOT EXISTS ("
        "SELECT 1 FROM incidents AS other WHERE other.open = 0 AND other.repo = one.repo "
        "AND other.branch = one.branch AND other.key = one.key AND (other.closed_sequence, "
        "other.closed, other.id) > (one.closed_sequence, one.closed, one.id))"
    )
    return [
        value_of(row["document"], Incident)
        for key in dict.fromkeys(keys)
        for row in db.execute(newest, [key])
    ]


def write_ledger(db: sqlite3.Connection, before: IncidentLedger, after: IncidentLedger) -> None:
    """Writes what differs from `before`, which was read in the same transaction."""
    for place, job_state in after.job_states.items():
        if before.job_states.get(place) is not job_state:
            _put_job_state(db, job_state)
    for name, incident in after.incidents.items():
        if before.incidents.get(name) is not incident:
            _put_incident(db, incident)
    db.execute(
        "DELETE FROM packages WHERE digest NOT IN (SELECT last_packages FROM standings "
        "UNION SELECT good_packages FROM standings)"
    )


def _put_job_state(db: sqlite3.Connection, job_state: JobState) -> None:
    lists = [_put_packages(db, seen) for seen in (job_state.last, job_state.good)]
    bare = attrs.evolve(job_state, last=_with(job_state.last, {}), good=_with(job_state.good, {}))
    line = job_state.branch_ref
    db.execute(
        "INSERT OR REPLACE INTO standings VALUES (?, ?, ?, ?, ?, ?)",
        [*_names(line), job_state.job, text_of(bare), *lists],
    )


def _put_packages(db: sqlite3.Connection, seen: Observation | None) -> str:
    if seen is None or not seen.packages:
        return ""
    document = json.dumps(dict(seen.packages), sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(document.encode()).hexdigest()[:32]
    db.execute("INSERT OR IGNORE INTO packages VALUES (?, ?)", [digest, document])
    return digest


def _put_incident(db: sqlite3.Connection, incident: Incident) -> None:
    closed, place = (incident.closed.at, incident.closed.sequence) if incident.closed else (None, 0)
    db.execute(
        "INSERT INTO incidents (id, repo, branch, nature, key, open, opened, closed, document, "
        "closed_sequence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "open = excluded.open, closed = excluded.closed, document = excluded.document, "
        "closed_sequence = excluded.closed_sequence",
        [
            incident.id, *_names(incident.branch_ref), incident.kind.value, storable(incident.key),
            incident.open, incident.opened.at, closed, text_of(incident), place,
        ],
    )  # fmt: skip


def _names(line: BranchRef) -> list[str]:
    return [storable(line.repo), storable(line.branch)]


def storable(text: str) -> str:
    """Text for a column; invalid characters become `?`."""
    return text.encode("utf-8", "replace").decode()
