"""The index is rebuilt from the files of the runs, whether it is damaged, old or missing."""

import sqlite3
from pathlib import Path

import attrs
import pytest
from index_runs import CLANG, GCC, a_result, a_run, answers, on_disk

from ciforge.model.result import SourceUsed, Status
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.history_schema import MIGRATIONS, connect, migrate
from ciforge.store.runs.run_folder import RunFolder
from ciforge.store.runs.run_index import Index


def test_index_of_version_1_is_completed_from_the_run_folders(tmp_path: Path) -> None:
    edited = SourceUsed(repo="portable", origin="/src", revision="1f" * 20, changes=3)
    run, result = a_run(1, [GCC]), attrs.evolve(a_result(GCC), source=edited)
    on_disk(tmp_path, run, [result])
    db = connect(tmp_path / "history.db")
    migrate(db, MIGRATIONS[:1])
    db.execute("INSERT INTO runs VALUES (?, 1, 'p', 'then', 'later', 600, 0, '0.1', '')", (run.id,))
    db.execute("INSERT INTO results (run, job, position, at) VALUES (?, ?, 0, 1)", (run.id, GCC))
    db.close()
    with Index.open(tmp_path) as index:
        index.catch_up()
        (row,) = index.results_of(run.id)
        assert (row.status, row.changes) == (Status.PASSED, 3)
        assert index.runs()[0].finished


def test_rebuilt_index_answers_as_before(tmp_path: Path) -> None:
    results = [a_result(GCC), a_result(CLANG, Status.TIMED_OUT)]
    with Index.open(tmp_path) as index:
        for number in range(3):
            on_disk(tmp_path, a_run(number), results)
            index.record(a_run(number), results)
        before = answers(index)
        assert index.rebuild().runs == 3
        assert answers(index) == before


def test_index_rebuild_names_unreadable_runs_and_imports_the_rest(tmp_path: Path) -> None:
    for number in range(3):
        on_disk(tmp_path, a_run(number), [a_result(GCC), a_result(CLANG)])
    runs = tmp_path / "runs"
    (runs / a_run(0).id / "run.json").write_text("{")
    broken = runs / a_run(1).id / "portable,debian-13,clang"
    (broken / "result.json").write_text("")
    with Index.open(tmp_path) as index:
        rebuilt = index.rebuild()
        assert rebuilt.runs == 2
        assert [damage.folder for damage in rebuilt.damaged] == [runs / a_run(0).id, broken]
        assert index.results_of(a_run(1).id)[1].status is None


def test_result_in_the_folder_of_another_job_is_ignored(tmp_path: Path) -> None:
    on_disk(tmp_path, a_run(1), [a_result(GCC)])
    folder = tmp_path / "runs" / a_run(1).id
    (folder / "portable,debian-13,default").rename(folder / "portable,debian-13,clang")
    with Index.open(tmp_path) as index:
        assert "belongs to job" in index.rebuild().damaged[0].reason
        assert index.runs()[0].counts == {None: 2}


def test_index_update_adds_new_and_ended_runs_and_drops_removed_ones(tmp_path: Path) -> None:
    with Index.open(tmp_path) as index:
        on_disk(tmp_path, a_run(1, ended=False), [])
        index.record(a_run(1, ended=False), [])
        index.record(a_run(2), [a_result(GCC)])
        RunFolder(tmp_path / "runs" / a_run(1).id).finish(a_run(1))
        on_disk(tmp_path, a_run(3), [a_result(GCC)])
        assert index.catch_up().runs == 2
        assert [run.id for run in index.runs()] == [a_run(3).id, a_run(1).id]
        assert index.catch_up().runs == 0


def test_removed_index_is_rebuilt_from_the_run_folders(tmp_path: Path) -> None:
    on_disk(tmp_path, a_run(1), [a_result(GCC)])
    said: list[str] = []
    with Index.open(tmp_path, said.append) as index:
        assert index.last_green(GCC) is not None
    assert len(said) == 1 and "rebuilt from 1 runs" in said[0]


def test_index_of_an_empty_state_folder_is_created_silently(tmp_path: Path) -> None:
    said: list[str] = []
    Index.open(tmp_path / "new", said.append).close()
    assert said == []


def spoil_header(file: Path) -> None:
    file.write_bytes(b"this is no database at all\n" * 40)


def spoil_version(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()


def spoil_tables(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("DROP TABLE steps")
    db.close()


def spoil_pages(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[100:] = b"\xa5" * (len(data) - 100)
    file.write_bytes(bytes(data))


def spoil_size(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize(
    "spoil", [spoil_header, spoil_version, spoil_tables, spoil_pages, spoil_size]
)
def test_unusable_index_is_rebuilt_with_a_note(tmp_path: Path, spoil: object) -> None:
    on_disk(tmp_path, a_run(1), [a_result(GCC)])
    Index.open(tmp_path).close()
    assert callable(spoil)
    spoil(tmp_path / "history.db")
    said: list[str] = []
    with Index.open(tmp_path, said.append) as index:
        on_disk(tmp_path, a_run(2), [])
        index.record(a_run(2), [])
        assert index.typical_seconds(GCC, "build") == 30.0
        assert len(index.runs()) == 2
    assert len(said) == 1 and "rebuilt" in said[0]


def test_index_damaged_while_open_is_rebuilt(tmp_path: Path) -> None:
    on_disk(tmp_path, a_run(1), [a_result(GCC)])
    said: list[str] = []
    with Index.open(tmp_path, said.append) as index:
        spoil_tables(tmp_path / "history.db")
        assert index.typical_seconds(GCC, "build") == 30.0
    assert len(said) == 2


def test_impossible_state_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(HistoryProblem, match=r"state: File exists"):
        Index.open(tmp_path / "state")
