"""Generated files in a tree: what is there, what should be, and only what is ours is changed."""

import difflib
import errno
import fnmatch
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from ciforge.ci.checksum_header import has_mark, is_untouched
from ciforge.errors import UsageError
from ciforge.generated_file import remove_generated, write_generated
from ciforge.sources.directory import names
from ciforge.sources.safe_tree import SafeTree

_MOST = 4 << 20
"""Bytes of a present file that are compared; no generated one is as large."""


@attrs.frozen(kw_only=True)
class OutputFolder:
    """Where the files of one repository lie: `folder` below `root`."""

    root: Path
    folder: str

    def present(self) -> dict[str, str]:
        """Paths below `root` to the texts of files with our mark or a name that we would take."""
        ground = SafeTree(self.root, lambda _: None)
        folder = self.folder.encode()
        found = {}
        for name in names(ground, folder) if self._is_there(ground) else ():
            if fnmatch.fnmatchcase(os.fsdecode(name), "ciforge*.yml"):
                path = folder + b"/" + name
                found[os.fsdecode(path)] = _read(ground, path)
        return found

    def _is_there(self, ground: SafeTree) -> bool:
        """Whether the folder is one. Raises UsageError where it, or one above it, is a link."""
        parts = self.folder.encode().split(b"/")
        for count in range(1, len(parts) + 1):
            part = b"/".join(parts[:count])
            info = ground.lstat(part)
            if info is None:
                return False
            if not stat.S_ISDIR(info.st_mode):
                raise UsageError(
                    f"{os.fsdecode(ground.absolute(part))}: not a folder, or a symbolic link",
                    hint="symbolic links are not followed; use a real folder",
                )
        return True


def _read(ground: SafeTree, path: bytes) -> str:
    """The text of a file, empty where it is none that we wrote. Raises UsageError."""
    shown = os.fsdecode(ground.absolute(path))
    try:
        with open(ground.open(path), "rb") as file:  # noqa: PTH123 - a descriptor, no path
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UsageError(f"{shown}: not a regular file")
            return file.read(_MOST).decode()
    except UnicodeDecodeError:
        return ""
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UsageError(
                f"{shown}: this is a symbolic link, which is not followed", hint="remove it"
            ) from None
        raise UsageError(f"{shown}: {error.strerror}") from None


@attrs.frozen(kw_only=True)
class FileChange:
    """What is to become of one file; None where it is not there before or after."""

    root: Path
    name: str
    before: str | None
    after: str | None

    @property
    def path(self) -> Path:
        """Where it lies, for people."""
        return self.root / self.name

    @property
    def by_hand(self) -> bool:
        """Whether somebody else's work would be lost."""
        return self.before is not None and not is_untouched(self.before)

    @property
    def verb(self) -> str:
        """What was done, for people."""
        if self.after is None:
            return "removed"
        return "created" if self.before is None else "updated"

    @property
    def diff(self) -> str:
        """In the unified form."""
        old, new = ((text or "").splitlines(keepends=True) for text in (self.before, self.after))
        names = (f"a/{self.name}", f"b/{self.name}")
        return "".join(_ended(line) for line in difflib.unified_diff(old, new, *names))


def changes(
    place: OutputFolder, present: Mapping[str, str], wanted: Mapping[str, str]
) -> Iterator[FileChange]:
    """What differs, in the order of the names; files without our mark are nobody's to remove."""
    for name in sorted({*present, *wanted}):
        before, after = present.get(name), wanted.get(name)
        if before == after or (after is None and not has_mark(before or "")):
            continue
        yield FileChange(root=place.root, name=name, before=before, after=after)


def write(change: FileChange) -> None:
    """Raises UsageError where the tree does not let us."""
    if change.after is None:
        remove_generated(change.root, change.name)
    else:
        write_generated(change.root, change.name, change.after.encode())


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
