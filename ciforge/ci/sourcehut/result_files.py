"""The result of a job on builds.sr.ht as an archive like those of other services.

The service keeps files of builds that pass only. A task that fails prints `result.json` at the end of its
log (`workflows/sourcehut/task.sh`), so the result and the log are taken from the logs of the tasks.
"""

import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import BinaryIO

import attrs

from ciforge.ci.artifact_files import LARGEST, ArtifactError, open_archive
from ciforge.sources.tar_reader import Member, TarError, members

_MOST = 200
"""Files of an archive."""
_PIECE = 1 << 20
_RESULT = re.compile(rb'^\{\n "v": [0-9]+,\n.*?^\}\n', re.M | re.S)
_TASK = re.compile(r'^  - "?(?P<task>[\w-]+)"?: .*/task\.sh (?:step )?(?P<step>[\w.+-]+)', re.M)
_REGULAR = (b"0", b"\0")


@attrs.frozen
class TaskLog:
    """The log of one task."""

    task: str
    text: bytes


def archive_of_tar(file: BinaryIO, name: str) -> zipfile.ZipFile:
    """Returns the regular files of `ciforge-result.tar.gz` as a zip archive; close it.

    Raises ArtifactError for one that is damaged or too large.
    """
    with tempfile.TemporaryFile() as plain:
        try:
            size = _unzip(file, plain, name)
            found = [member for member in members(plain, size) if member.type in _REGULAR]
        except (TarError, zlib.error) as error:
            raise ArtifactError(f"{name}: damaged: {error}") from None
        if len(found) > _MOST:
            raise ArtifactError(f"{name}: contains more files than {_MOST}")

        def fill(made: zipfile.ZipFile) -> None:
            for member in found:
                _copy(plain, member, made)

        return _archive(name, fill)


def archive_of_logs(logs: Sequence[TaskLog], manifest: str, name: str) -> zipfile.ZipFile:
    """Returns the result that the last task printed, with the logs of the steps, as a zip archive; close it.

    Raises ArtifactError where it printed none.
    """
    steps = {match["task"]: match["step"] for match in _TASK.finditer(manifest)}
    printed = [*_RESULT.finditer(logs[-1].text)] if logs else []
    if not printed:
        raise ArtifactError(f"{name}: the log of the job ends without a result")
    last = printed[-1]

    def fill(made: zipfile.ZipFile) -> None:
        made.writestr("result.json", last[0])
        with made.open(zipfile.ZipInfo("log.txt"), "w", force_zip64=True) as log:
            for each in logs:
                text = each.text[: last.start()] if each is logs[-1] else each.text
                log.write(f"--- ciforge: {steps.get(each.task, each.task)} ---\n".encode())
                log.write(text if text.endswith(b"\n") or not text else text + b"\n")

    return _archive(name, fill)


def _archive(name: str, fill: Callable[[zipfile.ZipFile], None]) -> zipfile.ZipFile:
    """An archive in an unnamed temporary file, to be read; closing it removes the file."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the archive closes it
    try:
        with zipfile.ZipFile(file, "w") as made:
            fill(made)
        return open_archive(file, name)
    except BaseException:
        file.close()
        raise


def _unzip(file: BinaryIO, plain: BinaryIO, name: str) -> int:
    """Unpacks gzip within bounds; the size. Raises zlib.error, ArtifactError."""
    file.seek(0)
    unpacked, size = zlib.decompressobj(wbits=31), 0
    while piece := file.read(_PIECE):
        while piece:
            data = unpacked.decompress(piece, _PIECE)
            piece, size = unpacked.unconsumed_tail, size + len(data)
            if size > LARGEST:
                raise ArtifactError(f"{name}: larger than {LARGEST} bytes")
            plain.write(data)
    if not unpacked.eof:
        raise ArtifactError(f"{name}: damaged: it is truncated")
    return size


def _copy(plain: BinaryIO, member: Member, made: zipfile.ZipFile) -> None:
    plain.seek(member.offset)
    title, left = member.name.decode(errors="replace").removeprefix("./"), member.size
    with made.open(title, "w", force_zip64=True) as target:
        while left and (piece := plain.read(min(left, _PIECE))):
            left -= len(piece)
            target.write(piece)
