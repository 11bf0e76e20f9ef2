"""`ciforge run --notify` where no engine answers: operators hear of it, and no incident ends."""

from pathlib import Path

import pytest
from conftest import Types

from ciforge.history.incidents import Incidents
from ciforge.model.incident import Nature


@pytest.fixture(autouse=True)
def maildir(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CIFORGE_MAIL", raising=False)


def test_an_engine_that_stays_away_is_told_after_two_runs(
    here: Path, types: Types, state: Path
) -> None:
    first = types("run", "--notify", "daemon")
    assert first.code == 3
    assert "mail" not in first.err.split()
    second = types("run", "--notify", "daemon")
    assert second.code == 3
    assert "mail  infrastructure" in second.err
    (mail,) = [file.read_text() for file in (state / "mail" / "new").iterdir()]
    assert "daemon/debian-13/clang" in mail
    with Incidents.open(state) as incidents:
        found = incidents.book("mine").incidents.values()
        assert [incident.nature for incident in found] == [Nature.INFRASTRUCTURE]


def test_such_a_run_stands_in_the_history(here: Path, types: Types) -> None:
    types("run", "--notify", "daemon/debian-13/default")
    assert "1 infrastructure" in types("history").out


def test_without_notify_nobody_is_told(here: Path, types: Types, state: Path) -> None:
    for _ in range(3):
        assert types("run", "daemon").code == 3
    assert not (state / "incidents.db").exists()
