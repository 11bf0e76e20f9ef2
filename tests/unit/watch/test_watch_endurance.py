"""`kill -9` of a watch and of its builds, and its memory; `make proof` does it a hundred times as often."""

from pathlib import Path

import pytest
from endurance import after_deaths, after_kills, memory_of_polls

pytestmark = pytest.mark.slow


def test_killed_watch_loses_no_commit_and_no_mail(tmp_path: Path) -> None:
    faults, pushing = after_kills(tmp_path, 4, 20261130)
    assert faults == []
    assert len(pushing.pushed) >= 2


def test_watch_that_dies_at_any_line_loses_and_doubles_nothing(tmp_path: Path) -> None:
    faults, lines = after_deaths(tmp_path, 2, 20261130)
    assert faults == []
    assert lines > 10_000


def test_memory_does_not_grow_with_polls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "CIFORGE_STATE"):
        monkeypatch.setenv(name, "")
    first, last = memory_of_polls(tmp_path, 500, [200, 500])
    assert last - first < 1024
