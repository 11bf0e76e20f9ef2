"""Results of builds on SourceHut: what a build that passed keeps, and what one that failed prints."""

import gzip
import io
import tarfile

import pytest

from ciforge.ci.artifact_files import ArtifactError
from ciforge.ci.github.http_client import HostedError
from ciforge.ci.sourcehut import result_files
from ciforge.ci.sourcehut.graphql import GraphQL
from ciforge.ci.sourcehut.result_files import TaskLog, archive_of_logs, archive_of_tar
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


def test_result_of_a_build_that_failed_is_what_its_log_ends_with() -> None:
    forged = RESULT.replace(b'"a"', b'"forged"')
    logs = [
        TaskLog("unpack", b"unpacked"),
        TaskLog("my_check", b"+ sh\n" + forged + b"bad\n" + RESULT),
    ]
    with archive_of_logs(logs, MANIFEST, "a") as archive:
        assert archive.read("result.json") == RESULT
        log = archive.read("log.txt")
    assert log.startswith(b"--- ciforge: unpack ---\nunpacked\n--- ciforge: my.check ---\n+ sh\n")
    assert log.endswith(b"bad\n")


def test_log_without_a_result_is_refused() -> None:
    with pytest.raises(ArtifactError, match="ends without a result"):
        archive_of_logs([TaskLog("build", b"killed\n")], MANIFEST, "a")


def test_address_of_a_file_is_encrypted() -> None:
    api = GraphQL("https://builds.example.org", "", lambda: 0.0)
    assert api.file_address("https://files.example.org/log") == "https://files.example.org/log"
    for address in ("http://files.example.org/log", "file:///etc/passwd", "None", ""):
        with pytest.raises(HostedError):
            api.file_address(address)
