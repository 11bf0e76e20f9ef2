"""The tables of `incidents.db`, and the migrations of older databases."""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from ciforge.store import sqlite
from ciforge.store.history_problem import HistoryProblem


def _numbered(*points: str) -> str:
    """Arguments of json_set that add the sequence of its run to each point, unless it is null."""
    return ", ".join(
        f"'$.{point}.sequence', coalesce((SELECT sequence FROM taken WHERE run = "  # noqa: S608 - ours
        f"json_extract(document, '$.{point}.run')), 0)"
        for point in points
    )


MIGRATIONS: tuple[str, ...] = (
    # Values that are searched for have a column; the whole value is a JSON document.
    # `thread_*`: the mails of an incident so far; known here alone, since composing names them.
    """
    CREATE TABLE taken (
        run TEXT PRIMARY KEY, at REAL NOT NULL, taken REAL NOT NULL, outcome TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE announced (run TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
    CREATE TABLE packages (digest TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE standings (
        repo TEXT NOT NULL, branch TEXT NOT NULL, job TEXT NOT NULL, document TEXT NOT NULL,
        last_packages TEXT NOT NULL, good_packages TEXT NOT NULL,
        PRIMARY KEY (repo, branch, job)
    ) WITHOUT ROWID;
    CREATE TABLE incidents (
        id TEXT PRIMARY KEY, repo TEXT NOT NULL, branch TEXT NOT NULL, nature TEXT NOT NULL,
        key TEXT NOT NULL, open INTEGER NOT NULL, opened REAL NOT NULL, closed REAL,
        document TEXT NOT NULL, thread_root TEXT NOT NULL DEFAULT '',
        thread_last TEXT NOT NULL DEFAULT '', thread_subject TEXT NOT NULL DEFAULT '',
        thread_to TEXT NOT NULL DEFAULT '[]'
    ) WITHOUT ROWID;
    CREATE INDEX incidents_by_key ON incidents (open, repo, branch, key, closed DESC);
    CREATE TABLE messages (
        message_id TEXT PRIMARY KEY, notice TEXT NOT NULL, incident TEXT NOT NULL,
        kind TEXT NOT NULL, created REAL NOT NULL, not_before REAL NOT NULL,
        expires REAL NOT NULL, document TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX messages_by_time ON messages (created DESC);
    CREATE TABLE recipients (
        message_id TEXT NOT NULL REFERENCES messages (message_id) ON DELETE CASCADE,
        address TEXT NOT NULL, delivery TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
        next_try REAL NOT NULL, said TEXT NOT NULL DEFAULT '', at REAL NOT NULL,
        reported INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (message_id, address)
    ) WITHOUT ROWID;
    CREATE INDEX recipients_by_delivery ON recipients (delivery, next_try);
    CREATE TABLE waiting (
        notice TEXT PRIMARY KEY, at REAL NOT NULL, document TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
    # Results get a sequence; earlier results keep the order in which they were imported.
    f"""
    ALTER TABLE taken ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE announced ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE incidents ADD COLUMN closed_sequence INTEGER NOT NULL DEFAULT 0;
    UPDATE taken SET sequence = ordered.place FROM (
        SELECT run, row_number() OVER (ORDER BY taken, at, run) AS place FROM taken
    ) AS ordered WHERE ordered.run = taken.run;
    UPDATE announced SET sequence = ordered.place + (SELECT count(*) FROM taken) FROM (
        SELECT run, row_number() OVER (ORDER BY at, run) AS place FROM announced
    ) AS ordered WHERE ordered.run = announced.run;
    UPDATE standings SET document = json_set(document, {
        _numbered("newest", "since", "last.point", "good.point")
    });
    UPDATE incidents SET document = json_set(document, {
        _numbered("newest", "opened", "closed", "good", "bad")
    });
    UPDATE incidents SET closed_sequence =
        coalesce(json_extract(document, '$.closed.sequence'), 0);
    DROP INDEX incidents_by_key;
    CREATE INDEX incidents_by_key
        ON incidents (open, repo, branch, key, closed_sequence DESC, closed DESC);
    """,  # noqa: S608 - paths of our own
)
"""The script at index N migrates version N to N + 1; released scripts never change."""

_TIMEOUT = 60
"""Seconds to wait for another process that writes."""


def open_ledger(file: Path, scripts: Sequence[str] = MIGRATIONS) -> sqlite3.Connection:
    """Opens or creates `incidents.db`, and migrates it after making a copy.

    Raises HistoryProblem if it is damaged or newer, and leaves it unchanged; sqlite3.Error.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    db = sqlite.connect(file, timeout=_TIMEOUT, synchronous="FULL")  # it cannot be rebuilt
    try:
        sqlite.migrate(db, scripts, lambda old: sqlite.copy(file, _backup(file, old)))
    except BaseException as error:
        db.close()
        if isinstance(error, sqlite.NewerDatabaseError):
            raise HistoryProblem(
                f"{file}: a newer ciforge wrote it ({error})",
                hint="use that ciforge; the file was left as it is",
            ) from None
        raise
    return db


def _backup(file: Path, old: int) -> Path:
    return file.with_name(f"{file.name}.version-{old}")


def last_sequence(db: sqlite3.Connection) -> int:
    """The highest sequence of any imported or announced run; 0 if there is none."""
    statement = "SELECT max(sequence) FROM (SELECT sequence FROM taken UNION SELECT sequence FROM announced)"
    return int(db.execute(statement).fetchone()[0] or 0)
