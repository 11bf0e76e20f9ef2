"""The disk of a virtual machine: its digest, its format, and a server that is a real one."""

import gzip
import hashlib
import http.server
import lzma
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from ciforge.engines.machine_disk import DiskStore
from ciforge.engines.protocol import Stop, Stopped
from ciforge.errors import EngineError
from ciforge.model.host_machine import HostMachine

DISK = b"boots" + bytes(3 << 20) + b"end"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of a server of the folder `served`."""
    (tmp_path / "served").mkdir()
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "served"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Redirects(http.server.BaseHTTPRequestHandler):
    """Answers every request with a redirect to `target`."""

    target = ""

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", self.target)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def secure(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server with a valid certificate, which redirects to `address`/disk."""
    pem = tmp_path / "server.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", pem, "-out", tmp_path / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    monkeypatch.setattr(Redirects, "target", f"{address}/disk")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirects) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}/disk"
        server.shutdown()


def find(tmp_path: Path, disk: str, sha256: str = "") -> tuple[Path, str, str]:
    heard = bytearray()
    machine = HostMachine(disk=disk, sha256=sha256)
    found = DiskStore(tmp_path / "own").find("obsd", machine, heard.extend, Stop())
    return found.file, found.format, heard.decode()


@pytest.mark.parametrize("pack", [bytes, lzma.compress, gzip.compress])
def test_disk_is_downloaded_once_and_unpacked(
    tmp_path: Path, address: str, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "served" / "disk").write_bytes(pack(DISK))
    file, form, heard = find(tmp_path, f"{address}/disk")
    assert (file.read_bytes(), form) == (DISK, "raw")
    assert hashlib.sha256((tmp_path / "served" / "disk").read_bytes()).hexdigest() in heard
    (tmp_path / "served" / "disk").unlink()
    assert find(tmp_path, f"{address}/disk") == (file, "raw", "")


def test_changed_download_is_refused_until_its_digest_is_written(
    tmp_path: Path, address: str
) -> None:
    served = tmp_path / "served" / "disk"
    served.write_bytes(DISK)
    file, _, _ = find(tmp_path, f"{address}/disk")
    file.unlink()
    served.write_bytes(DISK + b"changed")
    with pytest.raises(EngineError, match="the disk of obsd has changed") as raised:
        find(tmp_path, f"{address}/disk")
    digest = hashlib.sha256(served.read_bytes()).hexdigest()
    assert f"write `sha256: {digest}`" in raised.value.hint
    assert not list((tmp_path / "own").glob("*.part"))
    assert find(tmp_path, f"{address}/disk", digest)[0].read_bytes() == DISK + b"changed"


def test_file_with_another_digest_is_refused(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.write_bytes(DISK)
    digest = hashlib.sha256(DISK).hexdigest()
    assert find(tmp_path, str(disk), digest)[0] == disk
    disk.write_bytes(DISK + b"changed")
    with pytest.raises(EngineError, match="has changed: its SHA-256 is"):
        find(tmp_path, str(disk), digest)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xfd7zXZ\0", "is packed"),
        (struct.pack(">4sIQ", b"QFI\xfb", 3, 0x200) + bytes(72), "is a part of another file"),
        (struct.pack(">4sIQ", b"QFI\xfb", 3, 0) + bytes(56) + struct.pack(">Q", 4), "another file"),
        (b"QFI\xfb", "is a part of another file"),
    ],
)
def test_disk_that_names_another_file_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "disk").write_bytes(data)
    with pytest.raises(EngineError, match=said):
        find(tmp_path, f"{tmp_path}/disk")


def test_whole_qcow2_is_read_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(struct.pack(">4sIQ", b"QFI\xfb", 3, 0) + bytes(88))
    assert find(tmp_path, f"{tmp_path}/disk")[1] == "qcow2"


def test_missing_disk_and_server_are_named(tmp_path: Path, address: str) -> None:
    with pytest.raises(EngineError, match=r"the disk of obsd, /no/disk: No such file"):
        find(tmp_path, "/no/disk")
    with pytest.raises(EngineError, match=r"the disk of obsd, http.*: .*404"):
        find(tmp_path, f"{address}/none")


def test_download_ends_when_a_stop_is_requested(tmp_path: Path, address: str) -> None:
    (tmp_path / "served" / "disk").write_bytes(DISK)
    stop = Stop()
    stop.ask("enough")
    with pytest.raises(Stopped):
        DiskStore(tmp_path / "own").find(
            "obsd", HostMachine(disk=f"{address}/disk"), lambda _: None, stop
        )


@pytest.mark.slow
def test_redirect_from_https_to_http_needs_a_digest(tmp_path: Path, secure: str) -> None:
    (tmp_path / "served" / "disk").write_bytes(DISK)
    with pytest.raises(EngineError, match=r"redirects to http://127") as raised:
        find(tmp_path, secure)
    assert "sha256" in raised.value.hint
    assert not list((tmp_path / "own").glob("*.disk"))
    assert find(tmp_path, secure, hashlib.sha256(DISK).hexdigest())[0].read_bytes() == DISK


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/disk"])
def test_redirect_to_anything_but_http_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setattr(Redirects, "target", target)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirects) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(EngineError, match=r"(?i)redirect.* (to|url) '?(file|ftp):"):
            find(tmp_path, f"http://127.0.0.1:{server.server_port}/disk", "0" * 64)
        server.shutdown()
