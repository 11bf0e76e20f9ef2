"""Reads what `ciforge status` shows, and no more.

The classes of the whole ledger take longer to import than the documents take to read. What is damaged is
reported by the reader of the whole ledger, which knows every key.
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from ciforge.model.job_view import JobView, StatusView
from ciforge.model.open_cause import OpenCause, whose_unsearched
from ciforge.store.incidents.incident_errors import FILE_NAME, explained
from ciforge.store.incidents.incident_schema import open_ledger

_LARGEST = 2**53
_STATUSES = frozenset(
    ("passed", "compiled", "flaky", "failed", "timed-out", "cancelled", "infrastructure", "skipped")
)
_KINDS = frozenset(("cause", "infrastructure", "stale"))
_TROUBLES = frozenset(("source", "distribution"))


def status_view(state: Path, project: str) -> StatusView:
    """All job states and open incidents; a missing database is not created.

    Raises HistoryProblem if the database is damaged or newer, and leaves it unchanged.
    """
    file = state / FILE_NAME
    if not file.exists():
        return StatusView()
    with explained(file), closing(open_ledger(file)) as db:
        try:
            return _view(db)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            from ciforge.store.incidents.state_rows import read_ledger

            read_ledger(db, project, packages=False)
            raise


def _view(db: sqlite3.Connection) -> StatusView:
    states = [_document(row) for row in db.execute("SELECT document FROM standings")]
    rows = db.execute("SELECT document FROM incidents WHERE open = 1 ORDER BY opened, id")
    incidents = [(_document(row), str(row["document"])) for row in rows]
    return StatusView(
        jobs=tuple(_job(state) for state in states if not state.get("retired")),
        causes=tuple(_cause(*each) for each in incidents if _kind(each[0]) == "cause"),
        stale=frozenset(
            (*_branch(incident), job)
            for incident, _ in incidents if _kind(incident) == "stale" for job in _broken(incident)
        ),
        has_results=bool(states),
    )  # fmt: skip


def _document(row: sqlite3.Row) -> Mapping[str, Any]:
    document = json.loads(row["document"], parse_constant=_refuse)
    if type(document["v"]) is not int or document["v"] != 1:
        raise ValueError("another version of the format")
    return dict(document)


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _job(state: Mapping[str, Any]) -> JobView:
    last, since = state.get("last") or {}, state.get("since", {})
    point = last.get("point", {})
    repo, branch = _branch(state)
    return JobView(
        repo=repo, branch=branch, job=_text(state, "job", None),
        status=_member(last, "status", _STATUSES, None) if last else "",
        since=_number(since, "at"), commit=_text(since, "revision"), run=_text(since, "run"),
        last_commit=_text(point, "revision"), last_run=_text(point, "run"),
        troubles=int(_number(state, "troubles")), trouble=_text(state, "trouble"),
    )  # fmt: skip


def _cause(incident: Mapping[str, Any], document: str) -> OpenCause:
    if incident.get("bisection"):
        return _searched(document)
    cause, good = incident.get("cause") or {}, incident.get("good") or {}
    distribution = _member(cause, "trouble", _TROUBLES, "source") == "distribution"
    repo, branch = _branch(incident)
    return OpenCause(
        id=_text(incident, "id", None), repo=repo, branch=branch,
        title=_text(cause, "title") or _text(incident, "key", None), broken=_broken(incident),
        opened=_number(incident.get("opened", {}), "at"),
        whose=whose_unsearched(
            distribution, _text(good, "revision"), _text(incident.get("bad", {}), "revision"),
            unchanged=incident.get("same_packages") is True,
        ),
        bisection="", muted_until=_number(incident, "muted_until"),
        mute_reason=_text(incident, "mute_reason"), assignee=_text(incident, "assignee"),
    )  # fmt: skip


def _searched(document: str) -> OpenCause:
    """An incident with the answer of a bisect, which needs the classes that word it."""
    from ciforge.model.incident import Incident
    from ciforge.model.open_cause import open_cause
    from ciforge.store.incidents.state_rows import value_of

    return open_cause(value_of(document, Incident))


def _branch(document: Mapping[str, Any]) -> tuple[str, str]:
    line = document["line"]
    return _text(line, "repo"), _text(line, "branch")


def _broken(incident: Mapping[str, Any]) -> tuple[str, ...]:
    found = tuple(incident.get("broken", ()))
    if not all(type(job) is str for job in found):
        raise TypeError("broken must be texts")
    return found


def _kind(incident: Mapping[str, Any]) -> str:
    return _member(incident, "nature", _KINDS, "cause")


def _member(part: Mapping[str, Any], key: str, values: frozenset[str], default: str | None) -> str:
    found = _text(part, key, default)
    if found not in values:
        raise ValueError(f"{key} is none of its values")
    return found


def _text(part: Mapping[str, Any], key: str, default: str | None = "") -> str:
    found = part.get(key, default)
    if type(found) is not str:
        raise TypeError(f"{key} must be text")
    return found


def _number(part: Mapping[str, Any], key: str) -> float:
    found = part.get(key, 0.0)
    if type(found) not in (int, float) or not -_LARGEST <= found <= _LARGEST:
        raise TypeError(f"{key} must be a number")
    return float(found)
