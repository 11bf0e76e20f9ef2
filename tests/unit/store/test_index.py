"""The index answers about earlier runs."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from index_runs import CLANG, GCC, a_result, a_run, on_disk

from ciforge.model.result import Status
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.run_folder import RunFolder, job_path, run_path
from ciforge.store.runs.run_index import Index


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
