"""The only way to open files of an untrusted tree.

Only regular files are opened, so that no device, fifo or socket is waited for, and no more is read
than the caller allows. Below a tree no link is followed unless its target is in the tree.
"""

import errno
import itertools
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

Name = str | bytes

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: a fifo that took a file's place must not hang us.
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def read_file(file: Path | str, limit: int) -> bytes:
    """A file by its path; links are followed. Raises OSError, also if it is larger."""
    return _whole(open_file(file), limit)


def open_file(file: Path | str) -> int:
    """A descriptor of a regular file by its path. Raises OSError."""
    return _regular(os.fsencode(file), _FILE)


def read_start(file: Path, limit: int) -> bytes:
    """The first `limit` bytes of a file by its path. Raises OSError."""
    return _start(open_file(file), limit)


def read_below(root: Path, name: Name, limit: int) -> bytes:
    """A file of the tree `root`; no part of `name` may be a link. Raises OSError."""
    return _whole(open_below(root, name), limit)


def read_inside(root: Path, name: Name, limit: int) -> bytes:
    """The first `limit` bytes of a file of the tree; a link is followed if its target is in the
    tree.
    """
    top = os.path.realpath(os.fsencode(root))
    real = os.path.realpath(os.path.join(top, os.fsencode(name)))  # noqa: PTH118
    if not real.startswith(top.rstrip(b"/") + b"/"):
        raise OSError(errno.EPERM, "it is outside the tree")
    return _start(open_below(Path(os.fsdecode(top)), real[len(top.rstrip(b"/")) + 1 :]), limit)


def read_each_below(
    root: Path, names: Iterable[str], limit: int
) -> Iterator[tuple[str, bytes | None]]:
    """Names to the first `limit` bytes of these files of the tree, None for one that is not there.

    No part of a name may be a link. Each folder is opened once. Raises OSError, whose `filename` is the name.
    """
    for folder, some in itertools.groupby(sorted(names), key=lambda name: name.rpartition("/")[0]):
        try:
            here = _folder_below(root, os.fsencode(folder).split(b"/") if folder else [])
        except (FileNotFoundError, NotADirectoryError):
            yield from ((name, None) for name in some)
            continue
        try:
            for name in some:
                yield name, _start_in(here, name, limit)
        finally:
            os.close(here)


def _start_in(folder: int, name: str, limit: int) -> bytes | None:
    try:
        last = os.fsencode(name.rpartition("/")[2])
        return _start(_regular(last, _FILE | os.O_NOFOLLOW, folder), limit)
    except FileNotFoundError:
        return None
    except OSError as error:
        error.filename = name
        raise


def open_below(root: Path, name: Name) -> int:
    """A descriptor of a regular file; no part of its path is followed as a link."""
    *parents, last = os.fsencode(name).split(b"/")
    here = _folder_below(root, parents)
    try:
        return _regular(last, _FILE | os.O_NOFOLLOW, here)
    finally:
        os.close(here)


class FileOpener:
    """Opens files of one tree as `open_below` does; the folder of the last one stays open."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._name = b""
        self._folder: int | None = None

    def open(self, name: Name) -> int:
        """A descriptor of a regular file; no part of its path is followed as a link."""
        path = name if isinstance(name, bytes) else os.fsencode(name)
        folder, _, last = path.rpartition(b"/")
        if self._folder is None or folder != self._name:
            self.close()
            parts = folder.split(b"/") if folder else ()
            self._folder, self._name = _folder_below(self._root, parts), folder
        return _regular(last, _FILE | os.O_NOFOLLOW, self._folder)

    def close(self) -> None:
        """Closes the folder."""
        if self._folder is not None:
            os.close(self._folder)
            self._folder = None

    def __del__(self) -> None:
        self.close()


def _folder_below(root: Path, parts: Iterable[bytes]) -> int:
    """A descriptor of a folder of the tree; no part of its path is followed as a link."""
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            here, above = os.open(part, _FOLDER, dir_fd=here), here
            os.close(above)
    except OSError:
        os.close(here)
        raise
    return here


def _regular(name: bytes, flags: int, folder: int | None = None) -> int:
    # Opening alone can do something to a device, so look first; and again, for it may have changed.
    follow = not flags & os.O_NOFOLLOW
    _check(os.stat(name, dir_fd=folder, follow_symlinks=follow))
    descriptor = os.open(name, flags, dir_fd=folder)
    try:
        _check(os.fstat(descriptor))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _check(info: os.stat_result) -> None:
    if stat.S_ISREG(info.st_mode):
        return
    if stat.S_ISDIR(info.st_mode):
        raise IsADirectoryError(errno.EISDIR, "this is a folder, not a file")
    if stat.S_ISLNK(info.st_mode):
        raise OSError(errno.ELOOP, "this is a link, which is not followed")
    raise OSError(errno.EINVAL, "this is a device, a pipe or a socket, not a file")


def _start(descriptor: int, limit: int) -> bytes:
    # Not more at once than there is: room for `limit` bytes would be made for each file.
    try:
        data = os.read(descriptor, min(limit, os.fstat(descriptor).st_size + 1))
        while data and len(data) < limit:
            more = os.read(descriptor, min(limit - len(data), 1 << 20))
            if not more:
                break
            data += more
        return data
    finally:
        os.close(descriptor)


def _whole(descriptor: int, limit: int) -> bytes:
    data = _start(descriptor, limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"it is larger than {limit} bytes")
    return data
