"""Runs on disk: what is written comes back, and what is damaged is named."""

import datetime
import json
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciforge.model.result import Result, Run, SourceUsed, Status, StepResult
from ciforge.store.documents import dump, from_document, key_of
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.run_folder import (
    RunFolder,
    job_path,
    new_run_id,
    read_result,
    read_run,
    result_to_json,
    run_path,
)

JOB = "portable/debian-13/clang@arm64"
SOURCE = SourceUsed(repo="portable", origin="/src", revision="1f" * 20, changes=3)
RUN = Run(
    id="20261122T144057Z-1f3a9c",
    project="opensmtpd",
    started="2026-11-22T14:40:57Z",
    version="0.1",
    command=("ciforge", "run", "a b", "\udcff"),
    sources=(SOURCE,),
    jobs=(JOB,),
)
RESULT = Result(
    job=JOB,
    status=Status.TIMED_OUT,
    failed_step="build",
    reason="ended after 1800 s",
    seconds=1801.5,
    steps=(
        StepResult(name="configure", exit_code=0, seconds=20.0, started="2026-11-22T14:41:00Z"),
        StepResult(name="build", exit_code=None, seconds=1800.0, started="2026-11-22T14:41:20Z"),
    ),
    tail=("cc -c a.c", "\x1b[31mnoch ein Fehler: ä\ufffd"),
    packages={"zlib1g-dev": "1:1.3"},
    artifacts=("config.log", "obj/config.h"),
    source=SOURCE,
)


def test_run_id_is_the_time_in_utc_and_six_hex_digits() -> None:
    east = datetime.timezone(datetime.timedelta(hours=2))
    now = datetime.datetime(2026, 11, 22, 16, 40, 57, tzinfo=east)
    assert new_run_id(now, "1f3a9c") == "20261122T144057Z-1f3a9c"
    assert len(new_run_id(now, "any other text")) == len("20261122T144057Z-1f3a9c")


def test_run_and_results_are_read_back_unchanged(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "state", RUN)
    folder.write_result(RESULT)
    assert folder.path == tmp_path / "state/runs/20261122T144057Z-1f3a9c"
    assert read_run(folder.path) == RUN
    assert read_result(folder.path / "portable,debian-13,clang@arm64/result.json") == RESULT


def test_finished_run_has_its_end_and_exit_status(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, RUN)
    ended = attrs.evolve(RUN, ended="2026-11-22T15:00:00Z", seconds=1143.0, exit_code=1)
    folder.finish(ended)
    assert read_run(folder.path) == ended


def test_run_never_replaces_another_run(tmp_path: Path) -> None:
    RunFolder.create(tmp_path, RUN)
    with pytest.raises(HistoryProblem, match="already exists"):
        RunFolder.create(tmp_path, RUN)


def test_run_folder_has_only_its_documents(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, RUN)
    folder.write_result(RESULT)
    folder.finish(RUN)
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.json"))
    run = "runs/20261122T144057Z-1f3a9c"
    assert files == [f"{run}/portable,debian-13,clang@arm64/result.json", f"{run}/run.json"]
    assert not list(tmp_path.rglob(".*"))


def test_run_folder_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, RUN)
    assert folder.path.stat().st_mode & 0o777 == 0o700


def test_result_json_keeps_the_order_of_its_keys_and_has_null_for_unknown_values() -> None:
    document = result_to_json(RESULT)
    assert list(document)[:4] == ["v", "job", "status", "failed_step"]
    assert document["v"] == 3
    assert document["status"] == "timed-out"
    assert document["steps"][1]["exit_code"] is None
    assert list(document)[1:] == [key_of(field) for field in attrs.fields(Result)]


def test_unknown_keys_of_a_newer_result_are_ignored() -> None:
    document = result_to_json(RESULT) | {"mood": "fine"}
    document["source"]["signed_by"] = "somebody"
    assert from_document(dump(document), Result) == RESULT


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"v": 4}, "written by a newer ciforge"),
        ({"v": True}, "no format version"),
        ({"status": "green"}, "status must be one of passed, compiled"),
        ({"status": ["passed"]}, "status must be one of"),
        ({"seconds": "12"}, "seconds must be a number"),
        ({"seconds": True}, "seconds must be a number"),
        ({"seconds": 10**400}, "seconds must be a number"),
        ({"allow_failure": 1}, "allow_failure must be true or false"),
        ({"steps": [{"name": "build"}]}, r"steps\[0\].exit_code is missing"),
        ({"steps": {}}, "steps must be a list"),
        ({"tail": [1]}, r"tail\[0\] must be text"),
        ({"packages": {"zlib": 1}}, "packages.zlib must be text"),
        ({"source": "here"}, "source must be an object"),
        ({"job": "../../etc"}, "is not the id of a job"),
        ({"job": "portable/debian-13/.."}, "is not the id of a job"),
        ({"artifacts": ["../../../passwd"]}, "does not name an artifact"),
        ({"artifacts": ["/etc/passwd"]}, "does not name an artifact"),
    ],
)
def test_damaged_result_is_refused_with_a_sentence(
    tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    file = tmp_path / "result.json"
    file.write_text(json.dumps(result_to_json(RESULT) | change))
    with pytest.raises(HistoryProblem, match=sentence) as caught:
        read_result(file)
    assert str(file) in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"v": NaN}', b"[" * 100_000, b"9" * 9999]
)
def test_run_document_of_any_bytes_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "result.json").write_bytes(text)
    with pytest.raises(HistoryProblem):
        read_result(tmp_path / "result.json")


def test_missing_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(HistoryProblem, match=r"run\.json: No such file"):
        read_run(tmp_path)


def test_run_in_the_folder_of_another_is_refused(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, RUN)
    moved = folder.path.rename(folder.path.with_name("20261122T144057Z-000000"))
    with pytest.raises(HistoryProblem, match="belongs to run"):
        read_run(moved)


@pytest.mark.parametrize("run", ["..", "a/b", "", ".hidden", "x\0"])
def test_invalid_run_id_names_no_folder(tmp_path: Path, run: str) -> None:
    with pytest.raises(HistoryProblem):
        run_path(tmp_path, run)


@pytest.mark.parametrize("job", ["..", "a/b", "a/b/../c", "a//b", "a/b/c\n", "a/b/" + "c" * 300])
def test_invalid_job_id_names_no_folder(tmp_path: Path, job: str) -> None:
    with pytest.raises(HistoryProblem):
        job_path(tmp_path, job)


@given(st.text(st.characters()), st.lists(st.text(st.characters())))
def test_any_text_is_read_back_from_a_run_document(reason: str, tail: list[str]) -> None:
    result = attrs.evolve(RESULT, reason=reason, tail=tuple(tail))
    assert from_document(dump(result_to_json(result)), Result) == result
