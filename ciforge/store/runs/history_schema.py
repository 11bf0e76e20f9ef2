"""The tables of `history.db`, and the migrations of older databases."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from ciforge.store import sqlite

MIGRATIONS: tuple[str, ...] = (
    # A job of the run that has no result (yet) stands in `results` with the status NULL.
    # `at` is repeated there so that one index answers "the newest of this job".
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY, at REAL NOT NULL, project TEXT NOT NULL, started TEXT NOT NULL,
        ended TEXT NOT NULL, seconds REAL NOT NULL, exit_code INTEGER, version TEXT NOT NULL,
        command TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX runs_by_time ON runs (at DESC, id DESC);
    CREATE TABLE results (
        run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, job TEXT NOT NULL,
        position INTEGER NOT NULL, at REAL NOT NULL, status TEXT, failed_step TEXT,
        reason TEXT NOT NULL DEFAULT '', started TEXT NOT NULL DEFAULT '',
        seconds REAL NOT NULL DEFAULT 0, allow_failure INTEGER NOT NULL DEFAULT 0,
        revision TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (run, job)
    ) WITHOUT ROWID;
    CREATE INDEX results_by_job ON results (job, at DESC, run DESC);
    CREATE INDEX results_by_status ON results (job, status, at DESC, run DESC);
    CREATE TABLE steps (
        run TEXT NOT NULL, job TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,
        exit_code INTEGER, seconds REAL NOT NULL,
        PRIMARY KEY (run, job, position),
        FOREIGN KEY (run, job) REFERENCES results (run, job) ON DELETE CASCADE
    ) WITHOUT ROWID;
    """,
    # Runs that count as unfinished are read again, which fills the new columns.
    """
    ALTER TABLE results ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE results ADD COLUMN patch TEXT NOT NULL DEFAULT '';
    UPDATE runs SET ended = '';
    """,
    # Runs are ordered by their sequence; those of an older ciforge have 0, and come first by time.
    """
    ALTER TABLE runs ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE results ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
    DROP INDEX runs_by_time;
    DROP INDEX results_by_job;
    DROP INDEX results_by_status;
    CREATE INDEX runs_by_sequence ON runs (sequence DESC, at DESC, id DESC);
    CREATE INDEX results_by_job ON results (job, sequence DESC, at DESC, run DESC);
    CREATE INDEX results_by_status ON results (job, status, sequence DESC, at DESC, run DESC);
    UPDATE runs SET ended = '';
    """,
    # The run that proved a job which was not run; such a result is no success of its own.
    """
    ALTER TABLE results ADD COLUMN proven_by TEXT NOT NULL DEFAULT '';
    """,
    # A cross check whose steps passed has compiled.
    """
    UPDATE results SET status = 'compiled'
    WHERE status = 'passed' AND (job LIKE '%/cross' OR job LIKE '%/cross@%');
    """,
)
"""The script at index N migrates version N to N + 1; released scripts never change."""

_TIMEOUT = 120
"""Seconds to wait for another process that writes, which may be a rebuild."""


def connect(file: Path) -> sqlite3.Connection:
    """Opens or creates the index, not yet migrated. Raises sqlite3.Error."""
    return sqlite.connect(file, timeout=_TIMEOUT, synchronous="NORMAL")  # it can be rebuilt


def migrate(db: sqlite3.Connection, scripts: Sequence[str] = MIGRATIONS) -> None:
    """Migrates the index to the last version. Raises sqlite3.Error and NewerDatabaseError."""
    sqlite.migrate(db, scripts)
