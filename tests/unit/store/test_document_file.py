"""Documents of the state folder are regular files of a bounded size."""

import os
from pathlib import Path

import pytest

from ciforge.model.watch_state import WatchState
from ciforge.store.document_file import read_document
from ciforge.store.documents import dump, to_document
from ciforge.store.history_problem import HistoryProblem


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "state.json"
    file.write_bytes(dump(to_document(WatchState())))
    return file


def test_document_of_the_largest_size_is_read(file: Path) -> None:
    assert read_document(file, WatchState, file.stat().st_size) == WatchState()


def test_larger_document_is_refused_not_cut(file: Path) -> None:
    with pytest.raises(HistoryProblem) as caught:
        read_document(file, WatchState, file.stat().st_size - 1)
    assert "damaged" not in str(caught.value)


def test_damaged_document_is_refused_with_what_to_do(file: Path) -> None:
    file.write_text("{")
    with pytest.raises(HistoryProblem, match="damaged: ") as caught:
        read_document(file, WatchState, 100, "remove it")
    assert caught.value.hint == "remove it"


def test_fifo_is_refused_without_waiting(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(HistoryProblem):
        read_document(file, WatchState, 100)
