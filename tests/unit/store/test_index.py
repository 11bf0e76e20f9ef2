"""The index answers about earlier runs, and can always be made anew from their files."""

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest

from ciforge.model.result import Result, Run, SourceUsed, Status, StepResult
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.history_schema import MIGRATIONS, connect, migrate
from ciforge.store.runs.run_folder import RunFolder, job_path, run_path
from ciforge.store.runs.run_index import Index

GCC, CLANG = "portable/debian-13/default", "portable/debian-13/clang"


def a_run(number: int, jobs: Sequence[str] = (GCC, CLANG), ended: bool = True) -> Run:
    return Run(
        id=f"20261122T1440{number:02}Z-1f3a9c",
        project="opensmtpd",
        started=f"2026-11-22T14:40:{number:02}Z",
        version="0.1",
        command=("ciforge", "run", "a b", "\udcff"),
        sources=(SourceUsed(repo="portable", origin="/src", revision="1f" * 20),),
        jobs=tuple(jobs),
        ended=f"2026-11-22T14:50:{number:02}Z" if ended else "",
        seconds=600.0 if ended else 0.0,
        exit_code=0 if ended else None,
    )


def a_result(job: str, status: Status = Status.PASSED, seconds: float = 60.0) -> Result:
    build = StepResult(name="build", exit_code=0, seconds=seconds / 2, started="")
    return Result(job=job, status=status, seconds=seconds, steps=(build,))


def on_disk(state: Path, run: Run, results: Sequence[Result]) -> None:
    folder = RunFolder.create(state, run)
    for result in results:
        (folder.job_folder(result.job) / "log.txt").write_bytes(b"built\n")
        folder.write_result(result)


def answers(index: Index) -> object:
    runs = index.runs()
    return runs, [index.results_of(run.id) for run in runs], index.typical_seconds(GCC, "build")


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


def test_proven_result_is_no_green_run_and_has_the_log_of_the_run_that_proved_it(
    tmp_path: Path,
) -> None:
    first, second = a_run(1, [GCC]), a_run(2, [GCC])
    on_disk(tmp_path, first, [a_result(GCC)])
    proven = attrs.evolve(a_result(GCC, seconds=0.0), proven_by=first.id, steps=())
    RunFolder.create(tmp_path, second).write_result(proven)
    with Index.open(tmp_path) as index:
        green, log = index.last_green(GCC), index.find_log(GCC, second.id)
        assert green and green.run == first.id
        assert index.typical_seconds(GCC) == 60.0
        assert index.results_of(second.id)[0].proven_by == first.id
        assert [(run.proven, run.counts[Status.PASSED]) for run in index.runs()] == [(1, 1), (0, 1)]
        assert log == index.find_log(GCC, first.id) is not None


def test_index_lists_runs_newest_first_with_status_counts(tmp_path: Path) -> None:
    with Index.open(tmp_path) as index:
        index.record(a_run(1), [a_result(GCC), a_result(CLANG, Status.FAILED)])
        index.record(a_run(2, [GCC]), [a_result(GCC)])
        newest, oldest = index.runs()
        assert newest.id == a_run(2).id
        assert oldest.counts == {Status.PASSED: 1, Status.FAILED: 1}
        assert oldest.command.startswith("ciforge run 'a b'")
        assert [run.id for run in index.runs(limit=1)] == [newest.id]
        assert [run.id for run in index.runs(job=CLANG)] == [oldest.id]
        assert index.run(oldest.id) == oldest
        assert index.run("20000101T000000Z-000000") is None


def test_index_keeps_the_order_of_runs_within_one_second(tmp_path: Path) -> None:
    with Index.open(tmp_path) as index:
        for fraction, end in (("1", "ffffff"), ("2", "000000")):
            started = f"2026-11-22T14:40:01.{fraction}Z"
            index.record(attrs.evolve(a_run(1), id=f"r-{end}", started=started), [])
        assert [run.id for run in index.runs()] == ["r-000000", "r-ffffff"]


def test_index_lists_results_in_the_order_of_the_jobs(tmp_path: Path) -> None:
    with Index.open(tmp_path) as index:
        index.record(a_run(1), [a_result(CLANG), a_result(GCC)])
        rows = index.results_of(a_run(1).id)
        assert [row.job for row in rows] == [GCC, CLANG]
        assert {row.revision for row in rows} == {"1f" * 20}


def test_a_killed_run_is_unfinished_and_its_jobs_are_never_green(tmp_path: Path) -> None:
    with Index.open(tmp_path) as index:
        index.record(a_run(1, ended=False), [a_result(CLANG)])
        assert not index.runs()[0].finished
        assert index.runs()[0].counts == {None: 1, Status.PASSED: 1}
        assert index.results_of(a_run(1).id)[0].status is None
        assert index.last_green(GCC) is None
        assert index.last_result(GCC) is None


def test_index_recorded_again_adds_new_results(tmp_path: Path) -> None:
    with Index.open(tmp_path) as index:
        index.record(a_run(1, ended=False), [])
        index.record(a_run(1, ended=False), [a_result(GCC, Status.FAILED)])
        index.record(a_run(1), [a_result(CLANG), a_result(GCC)])
        (run,) = index.runs()
        assert (run.finished, run.counts) == (True, {Status.PASSED: 2})


def test_index_has_last_green_and_last_result_of_a_job(tmp_path: Path) -> None:
    with Index.open(tmp_path) as index:
        index.record(a_run(1), [a_result(GCC)])
        index.record(a_run(2), [a_result(GCC)])
        index.record(a_run(3), [a_result(GCC, Status.FAILED)])
        index.record(a_run(4, ended=False), [])
        green, last = index.last_green(GCC), index.last_result(GCC)
        assert green is not None and green.run == a_run(2).id
        assert last is not None and (last.run, last.status) == (a_run(3).id, Status.FAILED)


def test_job_that_was_cut_short_keeps_its_last_verdict(tmp_path: Path) -> None:
    with Index.open(tmp_path) as index:
        assert index.last_verdict(GCC) is None
        index.record(a_run(1), [a_result(GCC, Status.FAILED)])
        for number, status in enumerate(
            (Status.CANCELLED, Status.SKIPPED, Status.INFRASTRUCTURE), 2
        ):
            index.record(a_run(number), [a_result(GCC, status)])
            last = index.last_verdict(GCC)
            assert last is not None and last.status is Status.FAILED, status
        index.record(a_run(5), [a_result(GCC)])
        last = index.last_verdict(GCC)
        assert last is not None and last.status is Status.PASSED


@pytest.mark.parametrize("command", [("bisect", GCC, "#", "libc=1.1"), ("audit",)])
def test_run_of_bisect_or_audit_is_neither_the_last_result_nor_the_last_green_one(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    search = attrs.evolve(a_run(3), command=("ciforge", *command))
    with Index.open(tmp_path) as index:
        index.record(a_run(1), [a_result(GCC)])
        index.record(a_run(2), [a_result(GCC, Status.FAILED)])
        index.record(search, [a_result(GCC, seconds=900)])
        green, last = index.last_green(GCC), index.last_result(GCC)
        before = index.last_green(GCC, before=a_run(4).id)
        assert [row and row.run for row in (green, last, before)] == [
            a_run(1).id, a_run(2).id, a_run(1).id,
        ]  # fmt: skip
        assert index.typical_seconds(GCC) == 60.0
        for run in (a_run(2), search):
            log = job_path(run_path(tmp_path, run.id), GCC) / "log.txt"
            log.parent.mkdir(parents=True)
            log.touch()
        newest, log_of_newest = index.newest_run(), index.find_log(GCC)
        assert newest is not None and newest.id == a_run(2).id
        assert log_of_newest is not None and a_run(2).id in str(log_of_newest)


def test_run_of_bisect_is_the_newest_one_where_there_is_no_other(tmp_path: Path) -> None:
    with Index.open(tmp_path) as index:
        assert index.newest_run() is None
        index.record(attrs.evolve(a_run(3), command=("ciforge", "bisect", GCC)), [a_result(GCC)])
        newest = index.newest_run()
        assert newest is not None and newest.id == a_run(3).id


def test_index_compares_a_run_with_earlier_ones(tmp_path: Path) -> None:
    with Index.open(tmp_path) as index:
        index.record(a_run(1), [a_result(GCC)])
        index.record(a_run(3), [a_result(GCC)])
        for at, green in ((2, a_run(1).id), (3, a_run(1).id), (4, a_run(3).id), (1, None)):
            row = index.last_green(GCC, before=a_run(at).id)
            assert (row.run if row else None) == green


def test_typical_seconds_are_the_median_of_the_last_five_that_passed(tmp_path: Path) -> None:
    with Index.open(tmp_path) as index:
        assert index.typical_seconds(GCC) is None
        for number, seconds in enumerate((900.0, 10.0, 20.0, 30.0, 40.0, 50.0)):
            index.record(a_run(number), [a_result(GCC, seconds=seconds)])
        index.record(a_run(9), [a_result(GCC, Status.FAILED, 1.0)])
        assert index.typical_seconds(GCC) == 30.0
        assert index.typical_seconds(GCC, "build") == 15.0
        assert index.typical_seconds(GCC, "smoke") is None


def test_log_is_found_in_the_newest_run_that_has_one(tmp_path: Path) -> None:
    on_disk(tmp_path, a_run(1), [a_result(GCC)])
    RunFolder.create(tmp_path, a_run(2))
    with Index.open(tmp_path) as index:
        found = tmp_path / "runs" / a_run(1).id / "portable,debian-13,default/log.txt"
        assert index.find_log(GCC) == found
        assert index.find_log(GCC, a_run(1).id) == found
        assert index.find_log(GCC, a_run(2).id) is None
        assert index.find_log(CLANG) is None


def test_log_of_a_killed_job_is_found(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, a_run(1, ended=False))
    log = folder.job_folder(GCC) / "log.txt"
    log.write_bytes(b"cc\n")
    with Index.open(tmp_path) as index:
        assert index.find_log(GCC) == log


@pytest.mark.parametrize("run", ["..", "../../etc", ""])
def test_log_outside_of_the_run_folders_is_not_found(tmp_path: Path, run: str) -> None:
    with Index.open(tmp_path) as index, pytest.raises(HistoryProblem):
        index.find_log(GCC, run)


def test_known_jobs_are_those_of_any_run(tmp_path: Path) -> None:
    with Index.open(tmp_path) as index:
        assert index.known_jobs() == []
        index.record(a_run(1), [])
        index.record(a_run(2, ["extras/alpine-3.22/default"]), [])
        assert index.known_jobs() == ["extras/alpine-3.22/default", CLANG, GCC]


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


def test_index_query_with_a_lone_surrogate_finds_nothing(tmp_path: Path) -> None:
    with Index.open(tmp_path) as index:
        assert index.last_green("\udcff") is None
        assert index.results_of("\udcff") == []


WRITER = """
import sys
from pathlib import Path
from ciforge.store.runs.run_index import Index
from ciforge.model.result import Result, Run, Status
state, name = Path(sys.argv[1]), sys.argv[2]
with Index.open(state) as index:
    for number in range(25):
        run = Run(id=f"{name}-{number}", project="p", started="", version="", jobs=("a/b-1/c",))
        index.record(run, [])
        index.record(run, [Result(job="a/b-1/c", status=Status.PASSED)])
"""


@pytest.mark.slow
@pytest.mark.parametrize("before", [None, b"no database"])
def test_index_is_written_by_several_processes_at_the_same_time(
    tmp_path: Path, before: bytes | None
) -> None:
    if before is not None:
        (tmp_path / "history.db").write_bytes(before)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name]) for name in "xyz"
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    with Index.open(tmp_path) as index:
        runs = index.runs(limit=None)
        assert len(runs) == 75
        assert all(run.counts == {Status.PASSED: 1} for run in runs)


MANY = """
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
INSERT INTO runs (id, at, project, started, ended, seconds, exit_code, version, command)
SELECT 'r' || i, i, 'p', '', 'x', 1, 0, '', '' FROM n;
WITH RECURSIVE m (j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM m WHERE j < 39)
INSERT INTO results (run, job, position, at, status)
SELECT id, 'portable/debian-13/v' || j, j, at, iif(j, 'passed', 'failed') FROM runs, m;
"""


def test_index_of_a_thousand_runs_answers_every_query(tmp_path: Path) -> None:
    Index.open(tmp_path).close()
    with sqlite3.connect(tmp_path / "history.db") as db:
        db.executescript("PRAGMA synchronous = OFF; BEGIN;" + MANY + "COMMIT;")
    db.close()
    with Index.open(tmp_path) as index:
        latest = index.runs()[0]
        rows = index.results_of(latest.id)
        jobs = index.known_jobs()
        never, always = index.last_green(jobs[0]), index.last_green(jobs[1])
        index.last_result(jobs[0])
        index.typical_seconds(jobs[1])
    assert (latest.id, len(rows), len(jobs), never) == ("r999", 40, 40, None)
    assert always is not None and always.run == "r999"
