"""Getting a file of a mirror: once a day, by one at a time, and going on with what is half there."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ciforge.sources import contents_index as module
from ciforge.sources.contents_index import DAY, fetch_index

BODY = bytes(range(256)) * 40


class Mirror(ThreadingHTTPServer):
    """Serves BODY; cuts the line after `cut` bytes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body = BODY
        self.tag = '"one"'
        self.cut: int | None = None
        self.pause = 0.0
        self.from_elsewhere = False
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/index.gz"


class Handler(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        mirror = self.server
        mirror.asked.append(self.headers.get("Range", ""))
        time.sleep(mirror.pause)
        begin = 0
        if self.headers.get("Range") and self.headers.get("If-Range") == mirror.tag:
            begin = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        if begin >= len(mirror.body):
            self.send_error(416)
            return
        rest = mirror.body[begin:]
        self.send_response(206 if begin else 200)
        if begin:
            begin += mirror.from_elsewhere
            self.send_header("Content-Range", f"bytes {begin}-{len(BODY) - 1}/{len(BODY)}")
        if mirror.tag:
            self.send_header("ETag", mirror.tag)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: mirror.cut])

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def get(mirror: Mirror, folder: Path, seconds: float = 5) -> bytes:
    return fetch_index(mirror.address, folder, time.monotonic() + seconds).read_bytes()


def cut_off(mirror: Mirror, folder: Path, cut: int) -> None:
    """A first try that ends in the middle."""
    mirror.cut = cut
    with pytest.raises(ConnectionError):
        get(mirror, folder)
    mirror.cut = None


def test_index_download_resumes_where_it_stopped(mirror: Mirror, tmp_path: Path) -> None:
    cut_off(mirror, tmp_path, 1000)
    cut_off(mirror, tmp_path, 500)
    assert get(mirror, tmp_path) == BODY
    assert mirror.asked == ["", "bytes=1000-", "bytes=1500-"]


def test_index_download_of_a_changed_file_starts_again(mirror: Mirror, tmp_path: Path) -> None:
    cut_off(mirror, tmp_path, 1000)
    mirror.body, mirror.tag = BODY[::-1], '"two"'
    assert get(mirror, tmp_path) == BODY[::-1]


@pytest.mark.parametrize("tag", ["", 'W/"weak"', '"a\tb"'])
def test_index_download_without_an_etag_starts_again(
    mirror: Mirror, tmp_path: Path, tag: str
) -> None:
    mirror.tag = tag
    cut_off(mirror, tmp_path, 1000)
    assert get(mirror, tmp_path) == BODY
    assert mirror.asked == ["", ""]


def test_index_download_refuses_the_range_of_another_file(mirror: Mirror, tmp_path: Path) -> None:
    cut_off(mirror, tmp_path, 1000)
    mirror.from_elsewhere = True
    with pytest.raises(ValueError, match="bytes 1001-"):
        get(mirror, tmp_path)
    assert get(mirror, tmp_path) == BODY


def test_index_download_with_an_empty_rest_starts_again(mirror: Mirror, tmp_path: Path) -> None:
    cut_off(mirror, tmp_path, 1000)
    (part,) = tmp_path.glob("*.part")
    part.write_bytes(BODY)
    with pytest.raises(OSError, match="416"):
        get(mirror, tmp_path)
    assert get(mirror, tmp_path) == BODY


def test_index_download_is_awaited_by_a_second_process(mirror: Mirror, tmp_path: Path) -> None:
    mirror.pause = 0.2
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: get(mirror, tmp_path, 20), range(8)))
    assert found == [BODY] * 8
    assert mirror.asked == [""]


def test_index_download_is_not_awaited_beyond_the_deadline(mirror: Mirror, tmp_path: Path) -> None:
    mirror.pause = 1
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(get, mirror, tmp_path, 20)
        while not mirror.asked:
            time.sleep(0.01)
        with pytest.raises(TimeoutError):
            get(mirror, tmp_path, 0.1)
        assert first.result() == BODY


def test_index_download_that_is_too_large_is_not_resumed(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LARGEST", len(BODY) - 1)
    for _ in range(2):
        with pytest.raises(ValueError, match="index"):
            get(mirror, tmp_path)
    assert mirror.asked == ["", ""]


def test_partial_index_download_is_removed_after_a_day(mirror: Mirror, tmp_path: Path) -> None:
    old, new = tmp_path / "old.part", tmp_path / "new.part"
    for file in (old, old.with_suffix(".mark"), new):
        file.write_bytes(b"half")
        if file != new:
            os.utime(file, (time.time() - DAY - 1,) * 2)
    get(mirror, tmp_path)
    left = {file.suffix: file.stem for file in tmp_path.iterdir()}
    assert left == {".gz": left[".gz"], ".lock": left[".gz"], ".part": "new"}
