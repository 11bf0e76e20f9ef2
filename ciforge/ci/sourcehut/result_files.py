"""The result of a job on builds.sr.ht as an archive like those of other services.

The service keeps files of builds that pass only. A task that fails prints `result.json` at the end of its
log (`workflows/sourcehut/task.sh`), so the result and the log are taken from the logs of the tasks.
"""

import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from itertools import islice
from typing import IO, BinaryIO

import attrs

from ciforge.ci.artifact_files import LARGEST, LARGEST_RESULT, ArtifactError, temporary_archive
from ciforge.model.log_marks import step_mark
from ciforge.sources.tar_reader import TarError, members

_MOST = 200
"""Files of an archive."""
_PIECE = 1 << 20
_BEGIN, _END = b'\n{\n "v": ', b"\n}\n"
"""Around a `result.json`, whose strings have no end of line."""
_TASK = re.compile(r'^  - "?(?P<task>[\w-]+)"?: .*/task\.sh (?:step )?(?P<step>[\w.+-]+)', re.M)
_REGULAR = (b"0", b"\0")


@attrs.frozen
class TaskLog:
    """Where the log of one task is, in a file with those of all tasks."""

    task: str
    offset: int
    size: int


def archive_of_tar(file: BinaryIO, name: str) -> zipfile.ZipFile:
    """Returns the regular files of `ciforge-result.tar.gz` as a zip archive; close it.

    Raises ArtifactError for one that is damaged or too large.
    """
    with tempfile.TemporaryFile() as plain:
        try:
            size = _unzip(file, plain, name)
            files = (member for member in members(plain, size) if member.type in _REGULAR)
            found = [*islice(files, _MOST + 1)]
        except (TarError, zlib.error) as error:
            raise ArtifactError(f"{name}: damaged: {error}") from None
        if len(found) > _MOST:
            raise ArtifactError(f"{name}: contains more files than {_MOST}")

        def fill(made: zipfile.ZipFile) -> None:
            for member in found:
                title = member.name.decode(errors="replace").removeprefix("./")
                with made.open(title, "w", force_zip64=True) as target:
                    _copy(plain, member.offset, member.size, target)

        return _archive(name, fill)


def archive_of_logs(
    file: BinaryIO, logs: Sequence[TaskLog], manifest: str, name: str
) -> zipfile.ZipFile:
    """Returns the result that the last task printed, with the logs of the steps, as a zip archive; close it.

    Raises ArtifactError where it printed none.
    """
    steps = {match["task"]: match["step"] for match in _TASK.finditer(manifest)}
    offset, result = _printed_result(file, logs[-1]) if logs else (0, b"")
    if not result:
        raise ArtifactError(f"{name}: the log of the job ends without a result")

    def fill(made: zipfile.ZipFile) -> None:
        made.writestr("result.json", result)
        with made.open(zipfile.ZipInfo("log.txt"), "w", force_zip64=True) as target:
            for log in logs:
                size = offset - log.offset if log is logs[-1] else log.size
                target.write(f"{step_mark(steps.get(log.task, log.task))}\n".encode())
                if _copy(file, log.offset, size, target)[-1:] not in (b"", b"\n"):
                    target.write(b"\n")

    return _archive(name, fill)


def _printed_result(file: BinaryIO, log: TaskLog) -> tuple[int, bytes]:
    """The last result in a log and its offset in the file; nothing if there is none.

    The shell of the task may print its own commands after it.
    """
    size = min(log.size, LARGEST_RESULT)
    start = log.offset + log.size - size
    file.seek(start)
    text = b"\n" + file.read(size)
    begin = text.rfind(_BEGIN)
    end = text.find(_END, begin) if begin >= 0 else -1
    return (start + begin, text[begin + 1 : end + len(_END)]) if end >= 0 else (0, b"")


def _archive(name: str, fill: Callable[[zipfile.ZipFile], None]) -> zipfile.ZipFile:
    """An archive in an unnamed temporary file, to be read; closing it removes the file."""

    def write(file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w") as made:
            fill(made)

    return temporary_archive(write, name)


def _unzip(file: BinaryIO, plain: BinaryIO, name: str) -> int:
    """Unpacks gzip within bounds; the size. Raises zlib.error, ArtifactError."""
    file.seek(0)
    unpacked, size = zlib.decompressobj(wbits=31), 0
    while not unpacked.eof and (piece := file.read(_PIECE)):
        while piece:
            data = unpacked.decompress(piece, _PIECE)
            piece, size = unpacked.unconsumed_tail, size + len(data)
            if size > LARGEST:
                raise ArtifactError(f"{name}: larger than {LARGEST} bytes")
            plain.write(data)
    if not unpacked.eof:
        raise ArtifactError(f"{name}: damaged: it is truncated")
    return size


def _copy(source: BinaryIO, offset: int, size: int, target: IO[bytes]) -> bytes:
    """Copies a part of a file, and returns the last piece of it."""
    source.seek(offset)
    last = b""
    while size and (piece := source.read(min(size, _PIECE))):
        size, last = size - len(piece), piece
        target.write(piece)
    return last
