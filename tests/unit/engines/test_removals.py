"""Containers are removed beside the work, and not for ever waited for."""

import threading

import pytest

from ciforge.engines.removals import Removals


def test_removals_go_on_beside_the_work_and_are_waited_for() -> None:
    go, gone = threading.Event(), list[str]()

    def remove(container: str) -> None:
        go.wait(20)
        gone.append(container)

    removals = Removals(remove)
    removals.begin("one")
    removals.begin("two")
    assert gone == []
    go.set()
    removals.wait(20)
    assert sorted(gone) == ["one", "two"]
    removals.wait(20)


def test_removal_of_many_files_is_left_to_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ciforge.engines.removals._WITH_MANY_FILES", 0.01)
    go, gone = threading.Event(), list[str]()

    def remove(container: str) -> None:
        if container == "many":
            go.wait(20)
        gone.append(container)

    removals = Removals(remove)
    removals.begin("many", many_files=True)
    removals.begin("few")
    removals.wait()
    assert gone == ["few"]
    go.set()
    removals.wait(20)
    assert gone == ["few", "many"]
