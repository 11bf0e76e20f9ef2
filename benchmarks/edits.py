"""Edits of a source tree that are undone, each time another one, so that no cache has seen it."""

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from timed_process import Broken

LINE = "int ciforge_edit_{};\n"
"""A line of C that compiles to another object."""
BROKEN = "int ciforge_edit_{} = ;\n"
CONFIGURE = "dnl edit {}\n"
_numbers = itertools.count(1)


@contextlib.contextmanager
def edited(file: Path, line: str) -> Iterator[None]:
    """Appends a line with a new number for `{}`; afterwards the file is as before, with its times."""
    text, info = file.read_bytes(), file.stat()
    file.write_bytes(text + line.format(next(_numbers)).encode())
    try:
        yield
    finally:
        file.write_bytes(text)
        os.utime(file, ns=(info.st_atime_ns, info.st_mtime_ns))


def found(tree: Path, name: str) -> Path:
    """The first file of that name below the tree. Raises Broken where there is none."""
    files = sorted(file for file in tree.rglob(name) if file.is_file())
    if not files:
        raise Broken(f"{tree.name} has no file {name}")
    return files[0]
