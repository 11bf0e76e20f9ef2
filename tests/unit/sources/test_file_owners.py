"""Which package owns a file, by the index of a mirror."""

import contextlib
import gzip
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ciforge.sources import file_owners as module
from ciforge.sources.contents_index import DAY
from ciforge.sources.file_owners import NotAskedError, find_owners

INDEX = """\
usr/include/event.h                                     libdevel/libevent-dev
usr/include/event2/event.h                              libdevel/libevent-dev
usr/include/x/deep/event.h                              libdevel/other-dev
usr/include/prevent.h                                   libdevel/prevent-dev
usr/lib/x86_64-linux-gnu/libz.so                        libdevel/zlib1g-dev,otherosfs/a-very-long-name
usr/lib/x86_64-linux-gnu/pkgconfig/lmdb.pc              libdevel/liblmdb-dev
usr/bin/bison                                           devel/bison
"""
ENDINGS = ["include/event.h", "libz.so", "pkgconfig/lmdb.pc", "bin/bison", "include/none.h"]
OWNED = {
    "include/event.h": "libevent-dev",
    "libz.so": "zlib1g-dev",
    "pkgconfig/lmdb.pc": "liblmdb-dev",
    "bin/bison": "bison",
}


ended = threading.Event()
"""Set when a test is over: then nobody waits for an answer any more."""


class Mirror(BaseHTTPRequestHandler):
    """Has one index, and counts who asks."""

    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        if self.path == "/never":
            ended.wait(30)
        if self.path == "/none":
            self.send_error(404)
            return
        if self.path == "/drops":
            self.drop()
            return
        body = b"no gzip" if self.path == "/damaged" else gzip.compress(INDEX.encode())
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drop(self) -> None:
        """A byte at a time, each soon enough for whoever only waits for the next one."""
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        with contextlib.suppress(OSError):
            while not ended.wait(0.05):
                self.wfile.write(b"x")

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def mirror() -> Iterator[str]:
    Mirror.asked = 0
    ended.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    ended.set()
    server.shutdown()
    server.server_close()


def test_file_owner_is_its_package_and_other_files_have_none(mirror: str, tmp_path: Path) -> None:
    assert find_owners(ENDINGS, [f"{mirror}/index"], tmp_path, 5) == OWNED


def test_contents_index_is_fetched_once_a_day(mirror: str, tmp_path: Path) -> None:
    for _ in range(3):
        find_owners(ENDINGS, [f"{mirror}/index"], tmp_path, 5)
    assert Mirror.asked == 1
    (file,) = tmp_path.glob("*.gz")
    os.utime(file, (time.time() - DAY - 1,) * 2)
    find_owners(ENDINGS, [f"{mirror}/index"], tmp_path, 5)
    assert Mirror.asked == 2


@pytest.mark.parametrize("path", ["none", "damaged", "never", "drops"])
def test_file_owner_is_unknown_without_an_index_in_time(
    mirror: str, tmp_path: Path, path: str
) -> None:
    with pytest.raises(NotAskedError):
        find_owners(ENDINGS, [f"{mirror}/{path}"], tmp_path, 0.5)


@pytest.mark.slow
def test_file_owner_read_in_time_counts(mirror: str, tmp_path: Path) -> None:
    found = find_owners(ENDINGS, [f"{mirror}/index", f"{mirror}/never"], tmp_path, 2)
    assert found == OWNED


@pytest.mark.parametrize("name", ["a name that is not resolved", "an index that is slow to search"])
def test_file_owner_search_ends_at_its_deadline(
    mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def slow(*_: object) -> None:
        ended.wait(30)
        raise OSError

    monkeypatch.setattr(module, "fetch_index" if "resolved" in name else "_search", slow)
    with pytest.raises(NotAskedError):
        find_owners(ENDINGS, [f"{mirror}/index"], tmp_path, 0.2)


@pytest.mark.parametrize("seconds", [0.0, -3.0])
def test_file_owner_search_without_time_left_asks_no_mirror(
    mirror: str, tmp_path: Path, seconds: float
) -> None:
    with pytest.raises(NotAskedError):
        find_owners(ENDINGS, [f"{mirror}/index"], tmp_path, seconds)
    assert Mirror.asked == 0


def test_contents_index_that_cannot_be_read_is_not_kept(mirror: str, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(NotAskedError):
            find_owners(ENDINGS, [f"{mirror}/damaged"], tmp_path, 5)
    assert Mirror.asked == 2


def test_contents_index_is_fetched_from_the_next_address_after_a_failure(
    mirror: str, tmp_path: Path
) -> None:
    assert find_owners(ENDINGS, [f"{mirror}/none", f"{mirror}/index"], tmp_path, 5) == OWNED


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://x/y", "http://user:secret@127.0.0.1/x", "nonsense"]
)
def test_contents_index_is_fetched_by_http_only(tmp_path: Path, address: str) -> None:
    with pytest.raises(NotAskedError):
        find_owners(ENDINGS, [address], tmp_path, 1)
    assert not list(tmp_path.iterdir())


def test_file_owner_is_unknown_without_an_address(tmp_path: Path) -> None:
    with pytest.raises(NotAskedError):
        find_owners(ENDINGS, [], tmp_path, 1)
