"""An artifact brings its known files along, and nothing leaves the job's folder."""

import io
import zipfile
from pathlib import Path

import pytest
from api import archive, packed

from ciforge.ci.artifact_files import ArtifactError, folders, of_archive, of_folder, write


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def test_artifact_files_of_a_job_are_written(tmp_path: Path) -> None:
    write(of_archive(opened(archive("a/b-1/c", "passed")), "x"), tmp_path)
    found = {
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    }
    assert found == {"result.json", "log.txt", "artifacts/config.log"}


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/passwd", "artifacts/../../evil", "artifacts/.ssh", "artifacts/a/b", "run.json",
     "artifacts/-rf", "log.txt/x", "artifacts/a\nb"],
)  # fmt: skip
def test_artifact_file_with_an_unknown_name_is_left_out(tmp_path: Path, name: str) -> None:
    data = packed({"result.json": b"{}", name: b"evil"})
    write(of_archive(opened(data), "x"), tmp_path / "job")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["result.json"]


def test_artifact_without_a_result_is_ignored() -> None:
    with pytest.raises(ArtifactError, match=r"holds no result\.json"):
        of_archive(opened(packed({"log.txt": b""})), "x")


def test_artifact_with_too_many_files_is_refused() -> None:
    files = {f"artifacts/{number}": b"" for number in range(300)} | {"result.json": b"{}"}
    with pytest.raises(ArtifactError, match="more than 200 files"):
        of_archive(opened(packed(files)), "x")


def test_artifact_file_larger_than_declared_is_refused(tmp_path: Path) -> None:
    data = bytearray(packed({"result.json": b"{}", "log.txt": b"0" * 100_000}))
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = (50).to_bytes(4, "little")
    with pytest.raises(ArtifactError):
        write(of_archive(opened(bytes(data)), "x"), tmp_path)
    assert not (tmp_path / "result.json").exists()


@pytest.mark.parametrize("at", ["in the data", "in the header"])
def test_damaged_artifact_file_is_refused_as_an_artifact(tmp_path: Path, at: str) -> None:
    data = bytearray(packed({"result.json": b"{}", "log.txt": bytes(range(256)) * 400}))
    header = data.index(b"log.txt") - 30
    place = header + 60 if at == "in the data" else header
    data[place : place + 20] = b"\xff" * 20
    with pytest.raises(ArtifactError, match="damaged"):
        write(of_archive(opened(bytes(data)), "x"), tmp_path)
    assert not (tmp_path / "result.json").exists()


def test_link_in_an_artifact_folder_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    job = tmp_path / "top" / "job"
    (job / "artifacts").mkdir(parents=True)
    (job / "result.json").write_text("{}")
    (job / "log.txt").symlink_to(secret)
    (job / "artifacts" / "config.log").symlink_to(secret)
    (folder,) = folders(tmp_path / "top")
    assert [piece.name for piece in of_folder(folder)] == ["result.json"]
