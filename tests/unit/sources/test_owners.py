"""Which package owns a file, by the index of a mirror."""

import gzip
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ciforge.sources.owners import DAY, NotAskedError, owners

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


class Mirror(BaseHTTPRequestHandler):
    """Has one index, and counts who asks."""

    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        if self.path == "/slow":
            time.sleep(2)
        if self.path == "/none":
            self.send_error(404)
            return
        body = b"no gzip" if self.path == "/damaged" else gzip.compress(INDEX.encode())
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def mirror() -> Iterator[str]:
    Mirror.asked = 0
    server = HTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_each_file_has_its_owner_and_what_nobody_owns_has_none(mirror: str, tmp_path: Path) -> None:
    assert owners(ENDINGS, [f"{mirror}/index"], tmp_path, 5) == OWNED


def test_an_index_is_fetched_once_a_day(mirror: str, tmp_path: Path) -> None:
    for _ in range(3):
        owners(ENDINGS, [f"{mirror}/index"], tmp_path, 5)
    assert Mirror.asked == 1
    (file,) = tmp_path.iterdir()
    os.utime(file, (time.time() - DAY - 1,) * 2)
    owners(ENDINGS, [f"{mirror}/index"], tmp_path, 5)
    assert Mirror.asked == 2


@pytest.mark.parametrize("path", ["none", "damaged", "slow"])
def test_without_an_index_in_time_nobody_was_asked(mirror: str, tmp_path: Path, path: str) -> None:
    with pytest.raises(NotAskedError):
        owners(ENDINGS, [f"{mirror}/{path}"], tmp_path, 0.5)


def test_the_next_address_is_tried(mirror: str, tmp_path: Path) -> None:
    assert owners(ENDINGS, [f"{mirror}/none", f"{mirror}/index"], tmp_path, 5) == OWNED


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://x/y", "http://user:secret@127.0.0.1/x", "nonsense"]
)
def test_only_plain_addresses_of_the_web_are_asked(tmp_path: Path, address: str) -> None:
    with pytest.raises(NotAskedError):
        owners(ENDINGS, [address], tmp_path, 1)
    assert not list(tmp_path.iterdir())


def test_no_address_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(NotAskedError):
        owners(ENDINGS, [], tmp_path, 1)
