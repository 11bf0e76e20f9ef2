"""Results of builds on SourceHut: what a build that passed keeps, and what one that failed prints."""

import gzip
import io
import tarfile
import time
import tracemalloc
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from ciforge.ci.artifact_files import ArtifactError
from ciforge.ci.github.http_client import HostedError
from ciforge.ci.sourcehut import result_files
from ciforge.ci.sourcehut.graphql import GraphQL
from ciforge.ci.sourcehut.result_files import TaskLog, archive_of_logs, archive_of_tar
from ciforge.sources.tar_reader import Member, members
from tests.tables import each

MANIFEST = '  - unpack: "sh ~/*/x/task.sh unpack"\n  - my_check: "sh ~/*/x/task.sh step my.check || { y; }"\n'
RESULT = b'{\n "v": 3,\n "job": "a",\n "steps": [\n  {\n   "name": "x"\n  }\n ]\n}\n'


def tar(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as made:
        for name, data in files.items():
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("./link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        made.addfile(link)
    return stream.getvalue()


def test_files_of_a_build_that_passed_are_read_and_links_are_not() -> None:
    data = gzip.compress(tar(**{"result.json": b"{}", "artifacts/config.log": b"x" * 3_000_000}))
    with archive_of_tar(io.BytesIO(data), "a") as archive:
        assert archive.namelist() == ["result.json", "artifacts/config.log"]
        assert archive.read("artifacts/config.log") == b"x" * 3_000_000


@each(
    "data",
    [b"", b"no gzip", gzip.compress(b"no tar"), gzip.compress(tar(a=b"x"))[:-9], gzip.compress(b"x" * 5000)],
)  # fmt: skip
def test_damaged_or_large_result_is_refused(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_files, "LARGEST", 4000)
    with pytest.raises(ArtifactError):
        archive_of_tar(io.BytesIO(data), "a")


def test_bytes_after_a_packed_result_are_not_kept_in_memory() -> None:
    file = io.BytesIO(gzip.compress(tar(**{"result.json": b"{}"})) + bytes(24 << 20))
    tracemalloc.start()
    try:
        archive_of_tar(file, "a").close()
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_no_more_files_of_a_result_are_read_than_it_may_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = list[bytes]()

    def counted(file: BinaryIO, end: int) -> Iterator[Member]:
        for member in members(file, end):
            names.append(member.name)
            yield member

    monkeypatch.setattr(result_files, "members", counted)
    data = gzip.compress(tar(**{str(number): b"" for number in range(1000)}))
    with pytest.raises(ArtifactError, match="more files than 200"):
        archive_of_tar(io.BytesIO(data), "a")
    assert len(names) == 201


def unpacked(**logs: bytes) -> tuple[bytes, bytes]:
    """The result and the log that are taken from the logs of tasks."""
    file, places = io.BytesIO(), []
    for task, text in logs.items():
        places.append(TaskLog(task, file.tell(), len(text)))
        file.write(text)
    with archive_of_logs(file, places, MANIFEST, "a") as archive:
        return archive.read("result.json"), archive.read("log.txt")


def test_result_of_a_build_that_failed_is_what_its_log_ends_with() -> None:
    forged = RESULT.replace(b'"a"', b'"forged"')
    result, log = unpacked(unpack=b"unpacked", my_check=b"+ sh\n" + forged + b"bad\n" + RESULT)
    assert result == RESULT
    assert log.startswith(b"--- ciforge: unpack ---\nunpacked\n--- ciforge: my.check ---\n+ sh\n")
    assert log.endswith(b"bad\n")


@each("after", [b"", b"+ '[' 1 -eq 10 ']'\n"])
def test_result_is_found_after_a_test_that_prints_the_beginning_of_one(after: bytes) -> None:
    text = b'{\n "v": 1,\n printed by a test\nFAIL\n'
    assert unpacked(my_check=text + RESULT + after) == (
        RESULT,
        b"--- ciforge: my.check ---\n" + text,
    )
    assert unpacked(my_check=RESULT + after) == (RESULT, b"--- ciforge: my.check ---\n")


def test_result_is_found_in_a_log_of_many_beginnings_in_time() -> None:
    text, begun = b'{\n "v": 1,\n' * 20_000, time.process_time()
    with pytest.raises(ArtifactError, match="ends without a result"):
        unpacked(my_check=text)
    assert unpacked(my_check=text + RESULT)[0] == RESULT
    assert time.process_time() - begun < 5


def test_result_is_looked_for_at_the_end_of_a_log_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_files, "LARGEST_RESULT", len(RESULT) + 5)
    assert unpacked(my_check=b"x" * 50 + b"\n" + RESULT + b"+ x\n")[0] == RESULT
    with pytest.raises(ArtifactError, match="ends without a result"):
        unpacked(my_check=RESULT + b"x" * 50)


def test_log_without_a_result_is_refused() -> None:
    for logs in ({"build": b"killed\n"}, {"build": b""}, {}):
        with pytest.raises(ArtifactError, match="ends without a result"):
            unpacked(**logs)


def test_address_of_a_file_is_encrypted() -> None:
    api = GraphQL("https://builds.example.org", "", lambda: 0.0)
    assert api.file_address("https://files.example.org/log") == "https://files.example.org/log"
    for address in ("http://files.example.org/log", "file:///etc/passwd", "None", ""):
        with pytest.raises(HostedError):
            api.file_address(address)
