"""The disk of a virtual machine: a file here, or one that is downloaded once and checked."""

import gzip
import hashlib
import lzma
import os
import struct
import urllib.parse
import urllib.request
from contextlib import suppress
from http.client import HTTPMessage
from pathlib import Path
from typing import IO, Any

import attrs

from ciforge.engines.protocol import OutputHandler, Stop
from ciforge.errors import EngineError
from ciforge.file_lock import locked
from ciforge.model.host_machine import HostMachine
from ciforge.private import private_folder

_PIECE = 1 << 20
_LARGEST = 256 * 1024**3
"""Bytes of a disk, unpacked."""
_SILENT = 60.0
"""Seconds in which a server has to send something."""
_PACKED = {b"\xfd7zXZ\0": lzma.open, b"\x1f\x8b": gzip.open}
"""The first bytes of packed files, and what reads them."""
_QCOW2 = b"QFI\xfb"
_DATA_FILE = 1 << 2
"""The bit of a qcow2 header for data in another file (qemu docs/interop/qcow2.rst)."""


@attrs.frozen
class Disk:
    """A disk that QEMU can read."""

    file: Path
    format: str
    """`raw` or `qcow2`."""


class DiskStore:
    """Finds disks; `folder` keeps downloads, and the digest of each first download."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, name: str, machine: HostMachine, on_output: OutputHandler, stop: Stop) -> Disk:
        """The disk of a machine, with its digest checked. Raises EngineError, Stopped."""
        try:
            if "://" in machine.disk:
                file = self._downloaded(name, machine, on_output, stop)
            else:
                file = Path(machine.disk).expanduser()
                self._check_file(name, file, machine.sha256, stop)
            return Disk(file, _format(name, file))
        except (OSError, EOFError, lzma.LZMAError) as error:
            reason = getattr(error, "strerror", None) or error
            raise EngineError(f"the disk of {name}, {machine.disk}: {reason}") from None

    def is_here(self, machine: HostMachine) -> bool:
        """Whether the disk needs no download."""
        if "://" in machine.disk:
            return self._place(machine.disk).exists()
        return Path(machine.disk).expanduser().is_file()

    def _place(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.disk"

    def _downloaded(
        self, name: str, machine: HostMachine, on_output: OutputHandler, stop: Stop
    ) -> Path:
        file = self._place(machine.disk)
        record = file.with_suffix(".sha256")
        private_folder(self._folder)
        with locked(file.with_suffix(".lock"), between_tries=lambda: _pause(stop)):
            first = record.read_text(encoding="ascii") if record.exists() else ""
            wanted = machine.sha256 or first
            if not file.exists() or first != wanted:
                on_output(f"downloading {machine.disk}\n".encode())
                part = file.with_suffix(".part")
                digest = _download(machine.disk, part, stop, is_known=bool(wanted))
                _compare(name, digest, wanted, part)
                _unpack(part, file.with_suffix(".new"), stop)
                record.write_text(digest, encoding="ascii")
                file.with_suffix(".new").replace(file)
                part.unlink()
                on_output(f"its SHA-256 is {digest}\n".encode())
        return file

    def _check_file(self, name: str, file: Path, wanted: str, stop: Stop) -> None:
        """Compares the digest; a file that was not touched since is not read again."""
        state = file.stat()
        if not wanted:
            return
        seen = self._place(str(file)).with_suffix(".seen")
        mark = f"{state.st_dev} {state.st_ino} {state.st_size} {state.st_mtime_ns} {wanted}"
        if seen.exists() and seen.read_text(encoding="ascii") == mark:
            return
        with file.open("rb") as data:
            digest = _copy(data, None, stop)
        _compare(name, digest, wanted, None)
        private_folder(self._folder)
        seen.write_text(mark, encoding="ascii")


def _pause(stop: Stop) -> None:
    stop.wait(0.5)
    stop.check()


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to http and https, and from https to http only where the digest `is_known`."""

    def __init__(self, *, is_known: bool) -> None:
        self._is_known = is_known

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        allowed = ("http", "https") if self._is_known or req.type == "http" else ("https",)
        if urllib.parse.urlsplit(newurl).scheme.lower() not in allowed:
            raise EngineError(
                f"{req.full_url} redirects to {newurl}, which is not followed",
                hint="from https only https is, unless machines.yml has the `sha256:` of the disk",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _download(address: str, part: Path, stop: Stop, *, is_known: bool) -> str:
    """The digest of what was written to `part`. Raises EngineError, OSError, Stopped."""
    opener = urllib.request.build_opener(_Redirects(is_known=is_known))
    # machines.yml is the person's own, and its reader takes http and https only.
    with opener.open(address, timeout=_SILENT) as answer, part.open("wb") as out:
        digest = _copy(answer, out, stop)
        length = answer.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) != out.tell():
            raise EngineError(
                f"{address} ended after {out.tell()} of {length} bytes", hint="try again"
            )
    return digest


def _compare(name: str, digest: str, wanted: str, part: Path | None) -> None:
    if wanted in ("", digest):
        return
    if part:
        part.unlink()
    raise EngineError(
        f"the disk of {name} has changed: its SHA-256 is {digest}, not {wanted}",
        hint=f"if the new one is meant, write `sha256: {digest}` in machines.yml",
    )


def _unpack(part: Path, target: Path, stop: Stop) -> None:
    """The disk in a file with holes where it is empty."""
    with part.open("rb") as packed:
        head = packed.read(8)
    opener: Any = next((way for magic, way in _PACKED.items() if head.startswith(magic)), open)
    with opener(part, "rb") as data, target.open("wb") as out:
        _copy(data, out, stop)


def _copy(source: IO[bytes], out: IO[bytes] | None, stop: Stop) -> str:
    """The SHA-256 of all that `source` has, written to `out`; empty pieces become holes."""
    digest, size = hashlib.sha256(), 0
    while piece := source.read(_PIECE):
        stop.check()
        digest.update(piece)
        size += len(piece)
        if size > _LARGEST:
            raise EngineError("the disk is larger than 256 GiB")
        if out and piece.count(0) == len(piece):
            out.seek(len(piece), os.SEEK_CUR)
        elif out:
            out.write(piece)
    if out:
        out.truncate(size)
    return digest.hexdigest()


def _format(name: str, file: Path) -> str:
    """The format by the first bytes. Raises EngineError for a disk that names other files."""
    with file.open("rb") as data:
        head = data.read(80)
    for magic in _PACKED:
        if head.startswith(magic):
            raise EngineError(f"the disk of {name} is packed", hint=f"unpack {file} first")
    if not head.startswith(_QCOW2):
        return "raw"
    with suppress(struct.error):
        version, backing = struct.unpack_from(">IQ", head, 4)
        (features,) = struct.unpack_from(">Q", head, 72) if version > 2 else (0,)
        if not backing and not features & _DATA_FILE:
            return "qcow2"
    raise EngineError(
        f"the disk of {name} is a part of another file, which a guest could read",
        hint="`qemu-img convert -O qcow2 DISK NEW` makes a whole one",
    )
