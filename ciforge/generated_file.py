"""The only way to write or remove a file in a tree that may be untrusted.

No link below the root is followed, files are replaced atomically, and temporary files are new.
"""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ciforge.errors import UsageError
from ciforge.private import shared_files

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class GeneratedTree:
    """The files below one root; a folder stays open while one after the other file of it is written."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._parents: list[str] | None = None
        self._folder = -1

    def __enter__(self) -> "GeneratedTree":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def write(self, name: str, data: bytes) -> None:
        """Replaces the file `name`; missing folders are created. Raises UsageError."""
        with _explained(self._root, name), shared_files():
            _replace(self._open(name, make=True), name.rpartition("/")[2], data)

    def remove(self, name: str) -> None:
        """Removes the file `name`. Raises UsageError."""
        with _explained(self._root, name):
            os.unlink(name.rpartition("/")[2], dir_fd=self._open(name, make=False))

    def _open(self, name: str, *, make: bool) -> int:
        """A descriptor of the folder of `name`."""
        *parents, last = name.split("/")
        if not {"", ".", ".."}.isdisjoint((*parents, last)):
            raise ValueError(f"{name!r} is not a path below a folder")
        if parents != self._parents:
            self._close()
            self._folder = _folder_below(self._root, parents, make=make)
            self._parents = parents
        return self._folder

    def _close(self) -> None:
        if self._parents is not None:
            os.close(self._folder)
        self._parents = None


def write_generated(root: Path, name: str, data: bytes) -> None:
    """Replaces the file `name` below `root`; missing folders are created. Raises UsageError."""
    with GeneratedTree(root) as tree:
        tree.write(name, data)


def remove_generated(root: Path, name: str) -> None:
    """Removes the file `name` below `root`. Raises UsageError."""
    with GeneratedTree(root) as tree:
        tree.remove(name)


def refuse_link(folder: Path) -> None:
    """Raises UsageError if a folder for output is a link, which an untrusted tree may contain."""
    if folder.is_symlink():
        raise UsageError(
            f"{folder}: this is a symbolic link, which is not followed",
            hint=f"name the folder itself: {folder.resolve()}",
        )


def _folder_below(root: Path, parents: Sequence[str], *, make: bool) -> int:
    """A descriptor of a folder; each part is opened from the one above it."""
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parents:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=here)
            here, above = os.open(part, _FOLDER, dir_fd=here), here
            os.close(above)
    except BaseException:
        os.close(here)
        raise
    return here


def _replace(folder: int, name: str, data: bytes) -> None:
    mode = _mode(folder, name)
    temporary = f".{name}.{os.urandom(8).hex()}.new"
    try:
        # Group and others have what the umask leaves them, as with any new file.
        _write(os.open(temporary, _NEW, mode, dir_fd=folder), data)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        raise


def _write(descriptor: int, data: bytes) -> None:
    """Writes all of `data`, and closes the file."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)


def _mode(folder: int, name: str) -> int:
    """The permissions for the new file. Raises OSError if `name` exists and is not a file."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return 0o666
    if stat.S_ISREG(found.st_mode):
        return stat.S_IMODE(found.st_mode) & 0o777
    if stat.S_ISLNK(found.st_mode):
        return 0o666  # the link itself is replaced
    raise OSError(0, "this is a folder, a device or a pipe, which is not replaced")


@contextmanager
def _explained(root: Path, name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ELOOP, errno.EMLINK):
            raise UsageError(
                f"{root / name}: a part of this path is not a folder, or is a symbolic link",
                hint="symbolic links are not followed; use a real folder",
            ) from None
        raise UsageError(f"{root / name}: {error.strerror}") from None
