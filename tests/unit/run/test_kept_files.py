"""The files that a job keeps: by a list that the machine prints, within bounds and by safe names."""

import subprocess
from pathlib import Path

import attrs
import pytest
from fakes import FakeBox
from projects import plan

from ciforge.model.job import Job
from ciforge.render.kept_script import KEPT
from ciforge.run.kept_files import MOST, keep_files

TEXT = """
project: p
repos:
  tree: {path: ., recipe: make, keep: ["*.deb", "**/core"], steps: {check: true}}
jobs: [debian-13]
"""


@pytest.fixture
def job() -> Job:
    (job,) = plan(TEXT).jobs
    return job


def kept(job: Job, folder: Path, files: dict[str, bytes]) -> tuple[dict[str, int], list[str]]:
    """Names and sizes of what is kept of these files, and the messages."""
    box = FakeBox({}, {f"/ciforge/src/{name}": data for name, data in files.items()})
    box.answers = "".join(f"./{name}\n" for name in files)
    heard: list[str] = []
    keep_files(box, job, folder, heard.append)
    return {file.name: file.stat().st_size for file in folder.iterdir()}, heard


def test_kept_files_are_logs_of_tests_and_those_of_the_project(job: Job) -> None:
    assert job.keep == ("test-logs", "*.deb", "**/core")
    (other,) = plan(TEXT.replace(", steps: {check: true}", "")).jobs
    assert other.keep == ("*.deb", "**/core")


def test_kept_file_has_the_path_in_its_name(job: Job, tmp_path: Path) -> None:
    files = {"sub/test-suite.log": b"1", "manifest.txt": b"22", "a@b": b"333"}
    sizes, heard = kept(job, tmp_path, files)
    assert sizes == {"kept,sub,test-suite.log": 1, "kept,manifest.txt": 2, "kept,a_b": 3}
    assert heard == []


def test_kept_files_of_a_job_have_at_most_20_mib(job: Job, tmp_path: Path) -> None:
    sizes, heard = kept(job, tmp_path, {"a": b"x" * (MOST - 1), "b": b"xx", "c": b"x"})
    assert sizes == {"kept,a": MOST - 1, "kept,c": 1}
    assert heard == ["not kept, for a job keeps 20 MiB: b"]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a b", "x" * 200, "\x1b[2J"])
def test_file_with_an_odd_name_is_not_kept(name: str, job: Job, tmp_path: Path) -> None:
    sizes, heard = kept(job, tmp_path, {name: b"x"})
    assert sizes == {}
    assert len(heard) == 1


def test_job_without_patterns_asks_the_machine_nothing(job: Job, tmp_path: Path) -> None:
    box = FakeBox({}, {})
    keep_files(box, attrs.evolve(job, keep=()), tmp_path, lambda _: None)
    assert box.asked == []


@pytest.mark.slow
def test_list_of_kept_files_follows_no_link_and_has_the_logs_of_failed_tests(
    tmp_path: Path,
) -> None:
    for name, text in (
        ("test-suite.log", ""), ("sub/bad.log", ""), ("sub/bad.trs", ":test-result: FAIL\n"),
        ("sub/good.log", ""), ("sub/good.trs", ":test-result: PASS\n"), ("core", ""),
        ("b/meson-logs/testlog.txt", ""), ("b/Testing/Temporary/LastTest.log", ""),
        ("x.deb", ""), ("sub/y.deb", ""), ("sub/core", ""),
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "z.deb").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/etc")
    (tmp_path / "linked.trs").write_text(":test-result: FAIL\n")
    (tmp_path / "linked.log").symlink_to("/etc/passwd")
    script = KEPT.replace("/ciforge/src", str(tmp_path))
    command = ["sh", "-c", script, "kept", ".", "test-logs", "*.deb", "**/core"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    logs = ["./b/Testing/Temporary/LastTest.log", "./b/meson-logs/testlog.txt", "./sub/bad.log"]
    named = ["./core", "./sub/core", "./sub/y.deb", "./test-suite.log", "./x.deb"]
    assert sorted(done.stdout.splitlines()) == sorted([*logs, *named])
