"""Verdicts by inputs are read only if they are whole, ours, and confirmed by the run that they name."""

import os
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from ciforge.model.past_verdict import PastVerdict
from ciforge.model.result import Result, Run, Status
from ciforge.store.past_verdicts import FOLDER, PastVerdicts, old_verdicts, verdict_files
from ciforge.store.runs.run_folder import RunFolder
from ciforge.timestamp import seconds_of
from tests.tables import each

INPUTS = "0" * 64
JOB = "tree/debian-13/default"
RUN = "20260101T000000Z-000000"
VERDICT = PastVerdict(inputs=INPUTS, job=JOB, run=RUN, ended="2026-01-01T00:00:00Z", passed=True)
PASSED = Result(job=JOB, status=Status.PASSED)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def store(tmp_path: Path, told: list[str]) -> PastVerdicts:
    run = Run(id=RUN, project="p", started="2026-01-01T00:00:00Z", version="0", jobs=(JOB,))
    RunFolder.create(tmp_path, run).write_result(PASSED)
    return PastVerdicts(tmp_path, told.append, limit=3)


def test_verdict_is_found_by_its_inputs_and_job_alone(store: PastVerdicts, told: list[str]) -> None:
    store.keep(VERDICT)
    assert store.find(INPUTS, JOB) == VERDICT
    assert store.find("1" * 64, JOB) is None
    assert not told


@each(
    "damage",
    [
        lambda file: file.write_bytes(file.read_bytes()[:40]),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"[" * 100_000),
        lambda file: file.write_text(file.read_text().replace(JOB, "tree/debian-12/default")),
        lambda file: file.write_text(file.read_text().replace(INPUTS, "1" * 64)),
        lambda file: file.write_text(file.read_text().replace("true", '"yes"')),
        lambda file: file.write_text(file.read_text().replace('"v": 1', '"v": 9')),
        lambda file: file.chmod(0o666),
        lambda file: (file.rename(file.with_name("elsewhere")), file.symlink_to("elsewhere")),
        lambda file: (file.unlink(), os.mkfifo(file)),
        lambda file: (file.unlink(), file.mkdir()),
    ],
)
def test_record_that_is_not_ours_is_ignored_with_a_message(
    damage: Callable[[Path], object], tmp_path: Path, told: list[str]
) -> None:
    store = PastVerdicts(tmp_path, told.append)
    store.keep(VERDICT)
    damage(tmp_path / FOLDER / f"{INPUTS}.json")
    del told[:]
    assert store.find(INPUTS, JOB) is None
    assert len(told) == 1, told
    assert "ignored: " in told[0]
    for file in (tmp_path / FOLDER).iterdir():
        file.rmdir() if file.is_dir() else file.unlink()


def test_result_is_that_of_the_run_and_only_if_it_says_passed(
    store: PastVerdicts, tmp_path: Path
) -> None:
    assert store.result_of(VERDICT) == PASSED
    assert store.result_of(attrs.evolve(VERDICT, passed=False)) is None
    assert store.result_of(attrs.evolve(VERDICT, run="../../x")) is None
    assert store.result_of(attrs.evolve(VERDICT, run="20260101T000000Z-000001")) is None
    for other in (
        attrs.evolve(PASSED, status=Status.FAILED),
        attrs.evolve(PASSED, proven_by="20250101T000000Z-000000"),
    ):
        RunFolder(tmp_path / "runs" / RUN).write_result(other)
        assert store.result_of(VERDICT) is None


def test_oldest_records_make_room_for_new_ones(store: PastVerdicts, tmp_path: Path) -> None:
    for number in range(5):
        store.keep(attrs.evolve(VERDICT, inputs=f"{number}" * 64))
        os.utime(tmp_path / FOLDER / f"{str(number) * 64}.json", (number, number))
    assert {file.name[0] for file in verdict_files(tmp_path)} == {"2", "3", "4"}


def test_old_records_and_those_of_removed_runs_are_listed_for_removal(
    store: PastVerdicts, tmp_path: Path
) -> None:
    began = seconds_of(VERDICT.ended) or 0.0
    store.keep(VERDICT)
    store.keep(attrs.evolve(VERDICT, inputs="1" * 64, run="20250101T000000Z-000000"))
    (tmp_path / FOLDER / "notes.txt").write_text("not a record")
    assert [file.name[0] for file in old_verdicts(tmp_path, began)] == ["1"]
    assert {file.name[0] for file in old_verdicts(tmp_path, began + 1)} == {"0", "1"}
