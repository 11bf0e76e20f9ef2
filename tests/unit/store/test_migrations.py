"""A database of an earlier ciforge becomes one of today, or stays as it was."""

import sqlite3
from pathlib import Path

import pytest

from ciforge.store.runs.history_schema import MIGRATIONS, connect, migrate
from ciforge.store.sqlite import NewerDatabaseError, version

LATER = (*MIGRATIONS, "ALTER TABLE runs ADD COLUMN mood TEXT NOT NULL DEFAULT 'fine'")
BROKEN = (*LATER, "CREATE TABLE half (a); CREATE TABLE runs (a)")


def first_version(file: Path) -> sqlite3.Connection:
    db = connect(file)
    migrate(db, MIGRATIONS[:1])
    db.execute("INSERT INTO runs VALUES ('r1', 0, 'p', '', '', 0, NULL, '0.1', '')")
    return db


def test_new_database_has_every_table(tmp_path: Path) -> None:
    db = connect(tmp_path / "history.db")
    migrate(db)
    names = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"runs", "results", "steps"} <= names
    assert version(db) == len(MIGRATIONS)


def test_a_database_of_version_1_keeps_its_rows_when_later_code_opens_it(tmp_path: Path) -> None:
    first_version(tmp_path / "history.db").close()
    db = connect(tmp_path / "history.db")
    migrate(db, LATER)
    assert [tuple(row) for row in db.execute("SELECT id, mood FROM runs")] == [("r1", "fine")]
    assert version(db) == len(LATER)


def test_second_migration_changes_nothing(tmp_path: Path) -> None:
    db = first_version(tmp_path / "history.db")
    migrate(db, LATER)
    migrate(db, LATER)
    assert version(db) == len(LATER)


def test_failed_migration_leaves_the_index_unchanged(tmp_path: Path) -> None:
    db = first_version(tmp_path / "history.db")
    with pytest.raises(sqlite3.OperationalError):
        migrate(db, BROKEN)
    assert version(db) == 1
    assert not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchall()


def test_a_database_of_a_newer_ciforge_is_not_touched(tmp_path: Path) -> None:
    db = first_version(tmp_path / "history.db")
    migrate(db, LATER)
    with pytest.raises(NewerDatabaseError):
        migrate(db, MIGRATIONS)


def test_database_is_read_by_several_processes_while_one_writes(tmp_path: Path) -> None:
    db = connect(tmp_path / "history.db")
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert db.execute("PRAGMA busy_timeout").fetchone()[0] > 0
