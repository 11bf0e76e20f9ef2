"""The hash of ciforge's own files: a verdict of other code is no verdict of this one."""

import hashlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import ciforge
from ciforge.resources import data_folder

_DATA = ("distros", "workflows")
_SETTLED = 2 * 10**9
"""Nanoseconds after which another change of a file has another time, on every file system."""
_Stamp = tuple[tuple[str, int, int, int, int], ...]
_known: dict[_Stamp, str] = {}
"""The digest of this process for files with these times, sizes and numbers."""


def code_digest() -> str:
    """The hash of every file of the package and its data, and of Python's version. Raises OSError.

    Other packages do not count: what they read decides the plan, which has a hash of its own. Files
    that were read by this process are read again if one of them was changed since.
    """
    folders = [Path(ciforge.__file__).parent, *map(data_folder, _DATA)]
    return settled_digest(folders, sys.version)


def settled_digest(folders: Sequence[Path], version: str) -> str:
    """The same as `digest_of`, known from before if no file changed. Raises OSError."""
    stamp = _stamp(folders)
    if stamp in _known:
        return _known[stamp]
    began = time.time_ns()
    digest = digest_of(folders, version)
    if all(changed < began - _SETTLED for _, _, changed, _, _ in stamp):
        _known[stamp] = digest
    return digest


def _stamp(folders: Sequence[Path]) -> _Stamp:
    """What changes if a file is written, replaced, added or removed: its change time cannot be set."""
    found = []
    for file in (file for folder in folders for file in _files(folder)):
        info = file.stat()
        row = (str(file), info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino)
        found.append(row)
    return tuple(sorted(found))


def digest_of(folders: Sequence[Path], version: str) -> str:
    """The hash of a version and of each file's place and contents, compiled ones left out."""
    whole = hashlib.sha256(version.encode())
    for at, folder in enumerate(folders):
        for file in sorted(_files(folder)):
            data = file.read_bytes()
            name = os.fsencode(file.relative_to(folder))
            whole.update(b"%d %d %d\0" % (at, len(name), len(data)) + name + data)
    return whole.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (Path(path, name) for name in names)
