"""`ciforge status` and `ciforge notify`: what is known, and what is due."""

import datetime
import json
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from command_tests import Past, Types

from ciforge.model.result import Status
from ciforge.sources.branch_file import BranchFile
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.incident_errors import FILE_NAME

PASSED, FAILED = Status.PASSED, Status.FAILED
JOB, CLANG = "daemon/debian-13/default", "daemon/debian-13/clang"
FIRST, SECOND = "20260101T000000Z-aaaaaa", "20260202T000000Z-bbbbbb"
NOW = datetime.datetime(2026, 2, 2, 1, 0, tzinfo=datetime.UTC).timestamp()


@pytest.fixture
def two(past: Past, monkeypatch: pytest.MonkeyPatch) -> Past:
    """Two runs that have ended and that nobody took in; mail goes to a Maildir."""
    monkeypatch.setattr(time, "time", lambda: NOW)
    for name in ("CIFORGE_MAIL", "CIFORGE_MAIL_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    past.run(FIRST, "2026-01-01T00:00:00Z", {JOB: PASSED, CLANG: PASSED})
    past.run(SECOND, "2026-02-02T00:00:00Z", {JOB: FAILED, CLANG: PASSED})
    with Incidents.open(past.state) as incidents:
        for run in (FIRST, SECOND):
            incidents.announce(run, NOW)
    return past


def mails(state: Path) -> list[str]:
    return [file.read_text() for file in (state / "mail").glob("new/*")]


def test_status_before_the_first_run_says_so(types: Types, state: Path) -> None:
    typed = types("status")
    assert typed.code == 0
    assert typed.lines[0].split() == ["daemon/debian-12/default", "no", "result"]
    assert "only runs made with --notify and imported runs count" in typed.err
    assert not (state / FILE_NAME).exists()


def test_status_shows_each_job_with_its_state_and_since_when(two: Past, types: Types) -> None:
    types("notify")
    lines = [line for line in types("status").lines if "debian-13/" in line and "daemon" in line]
    assert [line.split()[:5] for line in lines] == [
        [JOB, "failed", "since", "2026-02-02", "00:00"],
        [CLANG, "passed", "since", "2026-01-01", "00:00"],
    ]


def test_status_json_has_one_object(two: Past, types: Types) -> None:
    types("notify")
    rows = {row["job"]: row for row in map(json.loads, types("status", "--json").lines)}
    assert (rows[JOB]["status"], rows[JOB]["since"]) == ("failed", "2026-02-02T00:00:00Z")
    assert rows[JOB]["why"]
    assert (rows[CLANG]["status"], rows[CLANG]["run"]) == ("passed", FIRST)
    assert rows["filter/debian-13/default"]["status"] == "no result"


def test_notify_imports_pending_runs_and_delivers(two: Past, types: Types) -> None:
    typed = types("notify")
    assert (typed.code, typed.out) == (0, "")
    assert "mail  broken" in typed.err
    (mail,) = mails(two.state)
    assert JOB in mail
    assert types("notify").code == 0
    assert len(mails(two.state)) == 1


def test_notify_dry_run_prints_the_mail_and_changes_nothing(two: Past, types: Types) -> None:
    typed = types("notify", "--dry-run")
    assert typed.code == 0
    assert "Subject: [mine] daemon" in typed.out
    assert mails(two.state) == []
    with Incidents.open(two.state) as incidents:
        assert len(incidents.announced()) == 2


def test_notify_replay_prints_the_mail_of_a_run(two: Past, types: Types) -> None:
    types("notify")
    typed = types("notify", "--replay", SECOND[:10])
    assert typed.code == 0
    assert "Subject: [mine] daemon" in typed.out
    assert len(mails(two.state)) == 1
    assert types("notify", "--replay", FIRST).out == ""


def test_notify_replay_compares_only_with_runs_that_count(past: Past, types: Types) -> None:
    past.run(FIRST, "2026-01-01T00:00:00Z", {JOB: PASSED})
    past.run(SECOND, "2026-02-02T00:00:00Z", {JOB: FAILED})
    alone = types("notify", "--replay", SECOND).out
    assert "last good run" not in alone
    assert f"ciforge log {JOB} --run {SECOND}" in " ".join(alone.split())
    with Incidents.open(past.state) as incidents:
        incidents.announce(FIRST, NOW - 86400 * 30)
    assert f"run {FIRST}" in " ".join(types("notify", "--replay", SECOND).out.split())


def test_notify_replay_of_an_edited_tree_says_that_notify_would_refuse(
    two: Past, types: Types
) -> None:
    file = two.state / "runs" / SECOND / "run.json"
    used = {"repo": "daemon", "origin": "/src/daemon", "revision": "a" * 40, "changes": 2}
    file.write_text(json.dumps(json.loads(file.read_text()) | {"sources": [used]}))
    typed = types("notify", "--replay", SECOND)
    assert "--rev" not in typed.out and f"ciforge run {JOB}\n" in typed.out
    assert "would have been refused with --notify: /src/daemon has 2 uncommitted" in typed.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["notify"], "no mail is due"),
        (["mail", "flush"], "no mail is queued"),
        (["mail", "retry"], "no mail was refused or has expired"),
    ],
)
def test_notify_with_nothing_due_prints_one_line(
    two: Past, types: Types, words: list[str], said: str
) -> None:
    types("notify")
    typed = types(*words)
    assert (typed.code, typed.out, typed.err) == (0, "", f"{said}\n")


def test_notify_counts_mails_that_wait_for_a_retry(
    two: Past, types: Types, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIFORGE_MAIL", "smtp+plain://127.0.0.1:1")
    assert types("notify").code == 4
    typed = types("notify")
    assert typed.err == "no mail is due; 1 queued for retry, see `ciforge mail`\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--replay"], "--replay and RUN must be used together"),
        ([FIRST], "--replay and RUN must be used together"),
        (["--replay", "2026"], "'2026' matches 2 runs"),
        (["--replay", "1999"], "'1999' matches no run"),
    ],
)
def test_notify_replay_of_an_unknown_run_is_wrong_input(
    two: Past, types: Types, words: list[str], told: str
) -> None:
    typed = types("notify", *words)
    assert typed.code == 2
    assert told in typed.err


def test_notify_with_an_invalid_transport_keeps_the_mail_and_ends_with_2(
    two: Past, types: Types, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIFORGE_MAIL", "pigeon:north")
    typed = types("notify")
    assert typed.code == 2
    assert "mail stays queued" in typed.err
    with Incidents.open(two.state) as incidents:
        assert len(incidents.outbox.due(time.time())) == 1
    monkeypatch.delenv("CIFORGE_MAIL")
    assert types("notify").code == 0
    assert len(mails(two.state)) == 1


@pytest.mark.parametrize("command", ["status", "notify"])
def test_status_with_a_damaged_database_is_wrong_input_and_keeps_it(
    two: Past, types: Types, command: str
) -> None:
    file = two.state / FILE_NAME
    for end in ("-wal", "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)
    file.write_bytes(b"no database, but long enough to be taken for one" * 40)
    typed = types(command)
    assert typed.code == 2
    assert "it was left as it is" in typed.err
    assert file.read_bytes().startswith(b"no database")


def test_status_with_a_newer_database_is_wrong_input_and_keeps_it(two: Past, types: Types) -> None:
    with sqlite3.connect(two.state / FILE_NAME) as db:
        db.execute("PRAGMA user_version = 99")
    typed = types("status")
    assert typed.code == 2
    assert "a newer ciforge wrote it" in typed.err


def test_status_of_a_job_past_its_deadline_is_late(
    two: Past, types: Types, monkeypatch: pytest.MonkeyPatch
) -> None:
    types("notify")
    monkeypatch.setattr(time, "time", lambda: NOW + 15 * 86400)
    typed = types("notify")
    assert "mail  stale" in typed.err
    assert any(line.endswith("stale") or ", stale" in line for line in types("status").lines)


def test_status_html_writes_a_page_and_badges(two: Past, types: Types, tmp_path: Path) -> None:
    types("notify")
    typed = types("status", "--html", tmp_path / "public")
    assert (typed.code, typed.out) == (0, "")
    assert typed.err == f"status: {tmp_path}/public/index.html\n"
    text = (tmp_path / "public" / "index.html").read_text()
    assert '<time datetime="2026-02-02T01:00:00Z">2026-02-02 01:00 UTC</time>' in text
    (failed,) = (tmp_path / "public").glob("badges/daemon/*/jobs/debian-13,default.svg")
    assert "debian-13/default: failed (2026-02-02 01:00 UTC)" in failed.read_text()
    (unbuilt,) = (tmp_path / "public").glob("badges/filter/*/repository.svg")
    assert "filter main: no result" in unbuilt.read_text()
    assert types("status", "--json", "--html", tmp_path / "public").lines


def test_status_html_is_stale_by_the_clock_without_notify(
    two: Past, types: Types, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    types("notify")
    monkeypatch.setattr(time, "time", lambda: NOW + 15 * 86400)
    types("status", "--html", tmp_path / "public")
    (badge,) = (tmp_path / "public").glob("badges/daemon/*/jobs/debian-13,clang.svg")
    assert "debian-13/clang: stale" in badge.read_text()


def test_status_html_refuses_a_folder_with_other_files(
    two: Past, types: Types, tmp_path: Path
) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "index.html").write_text("mine")
    typed = types("status", "--html", tmp_path / "public")
    assert typed.code == 2
    assert "is not a status page of ciforge" in typed.err
    assert (tmp_path / "public" / "index.html").read_text() == "mine"


def test_status_of_a_state_branch_changes_no_local_state(
    two: Past, types: Types, here: Path, tmp_path: Path
) -> None:
    types("notify")
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", remote], check=True)
    subprocess.run(["git", "init", "--quiet"], cwd=here, check=True)
    subprocess.run(["git", "remote", "add", "origin", remote], cwd=here, check=True)
    typed = types("status", "--state-branch", "ciforge-state")
    assert typed.code == 2
    assert f"--state-branch ciforge-state: {remote} has no such branch" in typed.err
    made = BranchFile(
        remote=str(remote), branch="ciforge-state", name=FILE_NAME, scratch=tmp_path / "scratch"
    )
    with Incidents.open(two.state) as incidents:
        incidents.copy(tmp_path / FILE_NAME)
    assert made.take(tmp_path / "nothing") == ""
    assert made.put(tmp_path / FILE_NAME, "", "State")
    elsewhere = ("--state-dir", tmp_path / "empty")
    assert "no results" in types("status", *elsewhere).err
    typed = types("status", *elsewhere, "--state-branch", "ciforge-state")
    assert [line.split()[:2] for line in typed.lines if "daemon/debian-13" in line] == [
        [JOB, "failed"], [CLANG, "passed"],
    ]  # fmt: skip
    assert not (tmp_path / "empty" / "mine").exists()


def test_status_of_a_state_branch_outside_of_a_checkout_is_refused(two: Past, types: Types) -> None:
    typed = types("status", "--state-branch", "ciforge-state")
    assert typed.code == 2
    assert "not in a checkout with a remote" in typed.err
