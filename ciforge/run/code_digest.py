"""The hash of ciforge's own files: a verdict of other code is no verdict of this one."""

import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import ciforge
from ciforge.resources import data_folder

_DATA = ("distros", "workflows")


def code_digest() -> str:
    """The hash of every file of the package and its data, and of Python's version. Raises OSError.

    Other packages do not count: what they read decides the plan, which has a hash of its own.
    """
    folders = [Path(ciforge.__file__).parent, *map(data_folder, _DATA)]
    return digest_of(folders, sys.version)


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
