"""The index of a state folder that cannot be written."""

import errno
from pathlib import Path

import pytest

from ciforge.model.result import Result, Run, Status
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs import history_database
from ciforge.store.runs.run_folder import RunFolder
from ciforge.store.runs.run_index import Index

RUN = Run(
    id="20261130T120000Z-000001",
    project="p",
    started="2026-11-30T12:00:00Z",
    version="1",
    jobs=("a/b/c",),
    sequence=1,
)


def refusing(code: int) -> object:
    """In place of the lock of a file system that refuses to make one."""

    def locked(file: Path) -> object:
        raise OSError(code, "no", str(file))

    return locked


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_history_of_a_folder_that_cannot_be_written_is_read(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    RunFolder.create(tmp_path, RUN).write_result(Result(job="a/b/c", status=Status.FAILED))
    monkeypatch.setattr(history_database, "locked", refusing(code))
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")}
    with Index.open(tmp_path) as index:
        assert [run.id for run in index.runs()] == [RUN.id]
        last = index.last_result("a/b/c")
        assert last is not None and last.status is Status.FAILED
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")} == before


def test_history_with_another_error_of_the_system_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_database, "locked", refusing(errno.ENOSPC))
    with pytest.raises(HistoryProblem):
        Index.open(tmp_path)
