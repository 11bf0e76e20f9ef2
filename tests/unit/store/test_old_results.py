"""Results of format 1, whose sentences alone tell a limit or a signal."""

import json
import tarfile
from pathlib import Path

import pytest

from ciforge.model.result import Limit, Result, Status, StopSignal
from ciforge.store.documents import from_document
from ciforge.store.runs.run_folder import read_result
from tests.tables import each

STATE = Path(__file__).parent / "state-before-sequence.tar.xz"


def old(status: str, reason: str) -> Result:
    document = {"v": 1, "job": "p/debian-13/default", "status": status, "reason": reason}
    return from_document(json.dumps(document).encode(), Result)


@each(
    ("status", "reason", "limit"),
    [
        ("failed", "build failed: it used up its memory, 512 MiB", Limit.MEMORY),
        ("failed", "build failed: it used up its memory", Limit.MEMORY),
        ("failed", "build failed: it reached its limit of 2048 processes", Limit.PROCESSES),
        ("failed", "build failed: it wrote more than 10240 MiB to its disk", Limit.DISK),
        ("failed", "build failed: it wrote more than 1024 MiB to its compiler cache", Limit.DISK),
        (
            "infrastructure",
            "the machine ran out of memory, and the kernel ended a process of the job",
            Limit.ENGINE_MEMORY,
        ),
        ("infrastructure", "the disk of the engine is full", Limit.ENGINE_DISK),
        (
            "infrastructure",
            "the image cannot be built: the disk of the engine is full",
            Limit.ENGINE_DISK,
        ),
        ("timed-out", "build was still running at its limit: no end after 5 s", Limit.TIME),
        ("timed-out", "", Limit.TIME),
        ("failed", "build ended with exit code 2", None),
        ("passed", "", None),
    ],
)
def test_old_result_gets_the_limit_that_its_reason_names(
    status: str, reason: str, limit: Limit | None
) -> None:
    result = old(status, reason)
    assert (result.status, result.reason, result.limit) == (Status(status), reason, limit)


@each(
    ("status", "reason", "signal"),
    [
        *(("cancelled", f"interrupted by {one.value}", one) for one in StopSignal),
        ("cancelled", "interrupted by SIGKILL", None),
        ("cancelled", "p/debian-13/default failed, and --fail-fast was asked for", None),
        ("failed", "interrupted by SIGINT", None),
    ],
)
def test_old_result_gets_the_signal_that_its_reason_names(
    status: str, reason: str, signal: StopSignal | None
) -> None:
    assert old(status, reason).signal is signal


@pytest.mark.parametrize(
    ("job", "status"),
    [("p/netbsd-10/cross@arm64", Status.COMPILED), ("p/debian-13/default", Status.PASSED)],
)
@pytest.mark.parametrize("version", [1, 2])
def test_passed_cross_check_of_an_old_result_has_compiled(
    version: int, job: str, status: Status
) -> None:
    document = {"v": version, "job": job, "status": "passed", "reason": ""}
    assert from_document(json.dumps(document).encode(), Result).status is status


def test_new_result_gets_nothing_from_its_reason() -> None:
    document = {
        "v": 2, "job": "p/debian-13/default", "status": "failed",
        "reason": "build failed: it used up its memory",
    }  # fmt: skip
    assert from_document(json.dumps(document).encode(), Result).limit is None


@pytest.mark.parametrize("damage", [{"reason": 7}, {"status": ["timed-out"]}, {"reason": None}])
def test_damaged_old_result_is_refused(damage: dict[str, object]) -> None:
    document = {"v": 1, "job": "p/debian-13/default", "status": "failed", "reason": ""}
    with pytest.raises(ValueError, match="must be"):
        from_document(json.dumps(document | damage).encode(), Result)


def test_results_of_an_older_state_folder_are_read(tmp_path: Path) -> None:
    with tarfile.open(STATE) as archive:
        archive.extractall(tmp_path)
    files = list(tmp_path.glob("*/runs/2*/*/result.json"))
    results = {file.parents[1].name: read_result(file) for file in files}
    assert len(results) == 5
    assert results["20261129T173920Z-171b25"].signal is StopSignal.TERMINATE
    assert {result.limit for result in results.values()} == {None}
