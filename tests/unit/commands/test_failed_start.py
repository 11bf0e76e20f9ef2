"""`ciforge run --notify` where no engine answers: operators hear of it, and no incident ends."""

import os
import sys
from pathlib import Path

import pytest
from command_tests import Types

from ciforge.model.incident import IncidentKind
from ciforge.store.incidents.incident_database import Incidents


@pytest.fixture(autouse=True)
def maildir(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CIFORGE_MAIL", raising=False)


def test_unreachable_engine_is_mailed_after_two_runs(here: Path, types: Types, state: Path) -> None:
    first = types("run", "--notify", "daemon")
    assert first.code == 3
    assert "mail" not in first.err.split()
    second = types("run", "--notify", "daemon")
    assert second.code == 3
    assert "mail  infrastructure" in second.err
    (mail,) = [file.read_text() for file in (state / "mail" / "new").iterdir()]
    assert "daemon/debian-13/clang" in mail
    with Incidents.open(state) as incidents:
        found = incidents.ledger("mine").incidents.values()
        assert [incident.kind for incident in found] == [IncidentKind.INFRASTRUCTURE]


def test_run_without_an_engine_is_in_the_history(here: Path, types: Types) -> None:
    types("run", "--notify", "daemon/debian-13/default")
    assert "1 infrastructure" in types("history").out


def test_run_without_an_engine_and_notify_sends_no_mail(
    here: Path, types: Types, state: Path
) -> None:
    for _ in range(3):
        assert types("run", "daemon").code == 3
    assert not (state / "incidents.db").exists()


def test_record_of_a_failed_start_has_no_password_and_is_private(
    here: Path, types: Types, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0o022)
    words = ("run", "--notify", "daemon", "--source", f"filter={here}")
    secret = "https://user:s3cret@127.0.0.1:1/x"
    monkeypatch.setattr(sys, "argv", ["ciforge", *words, "--source", f"other={secret}"])
    typed = types(*words)
    os.umask(before)
    assert typed.code == 3
    files = [path for path in state.parent.rglob("*") if not path.is_symlink()]
    assert {"run.json", "history.db", "incidents.db"} <= {path.name for path in files}
    kept = b"".join(path.read_bytes() for path in files if path.is_file())
    assert b"https://127.0.0.1:1/x" in kept
    assert b"s3cret" not in kept
    assert {str(path) for path in (state.parent, *files) if path.stat().st_mode & 0o077} == set()


def test_password_is_in_no_error_message(types: Types) -> None:
    for source in ("https://user:s3cret@h/x", "nowhere=https://user:s3cret@h/x"):
        typed = types("run", "daemon", "--source", source)
        assert typed.code == 2
        assert "s3cret" not in typed.err


def test_run_with_a_budget_updates_no_incident(types: Types) -> None:
    typed = types("run", "--notify", "--budget", "60s")
    assert (typed.code, typed.out) == (2, "")
    assert "--budget leaves out jobs" in typed.err
