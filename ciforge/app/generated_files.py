"""Generated files in a tree: what is there, what should be, and only what is ours is changed."""

import difflib
import errno
import fnmatch
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import attrs

from ciforge.ci.checksum_header import has_mark, is_untouched
from ciforge.ci.file_set import SetPlace, is_intact, listed
from ciforge.errors import UsageError
from ciforge.generated_file import remove_generated, write_generated
from ciforge.sources.directory import names
from ciforge.sources.safe_tree import SafeTree

_MOST = 4 << 20
"""Bytes of a present file that are compared; no generated one is as large."""


@attrs.frozen(kw_only=True)
class OutputFolder:
    """Where the files of one repository lie: those of `place` below `root`."""

    root: Path
    place: SetPlace
    single: str = ""
    """A pattern of files that older versions wrote, each with its own checksum: `.builds/ciforge-*.yml`."""

    def present(self, wanted: Collection[str]) -> "PresentFiles":
        """What is there of the set, of older files, and of the paths that are `wanted`.

        Raises UsageError for links.
        """
        tree = SafeTree(self.root, lambda _: None)
        for folder in {path.rpartition("/")[0] for path in (*wanted, self.place.list)}:
            self._refuse_links(tree, folder)
        texts = dict(self._marked(tree))
        old = frozenset(texts)
        named: tuple[str, ...] = ()
        if (text := _text(tree, self.place.list)) is not None:
            texts[self.place.list] = text
            named = listed(text, self.place)
        for path in {*named, *wanted} - set(texts):
            if (text := _text(tree, path)) is not None:
                texts[path] = text
        of_set = {path: texts[path] for path in named if path in texts}
        whole = len(of_set) == len(named) and is_intact(texts.get(self.place.list, ""), of_set)
        ours = {*named, self.place.list} if whole else set[str]()
        ours |= {path for path in old if is_untouched(texts[path])}
        return PresentFiles(texts=texts, removable=frozenset({*named, *old}), ours=frozenset(ours))

    def _marked(self, tree: SafeTree) -> Iterator[tuple[str, str]]:
        """Files with a checksum of their own, and those that look like one."""
        folder, _, pattern = self.single.rpartition("/")
        if not pattern:
            return
        self._refuse_links(tree, folder)
        for name in names(tree, os.fsencode(folder)):
            path = f"{folder}/{os.fsdecode(name)}"
            if fnmatch.fnmatchcase(path, self.single):
                text = _read(tree, os.fsencode(path))
                if has_mark(text):
                    yield path, text

    def _refuse_links(self, tree: SafeTree, folder: str) -> None:
        """Raises UsageError where a part of the path is a link or no folder."""
        parts = os.fsencode(folder).split(b"/")
        for count in range(1, len(parts) + 1):
            part = b"/".join(parts[:count])
            info = tree.lstat(part)
            if info is None:
                return
            if not stat.S_ISDIR(info.st_mode):
                raise UsageError(
                    f"{os.fsdecode(tree.absolute(part))}: not a folder, or a symbolic link",
                    hint="symbolic links are not followed; use a real folder",
                )


@attrs.frozen(kw_only=True)
class PresentFiles:
    """What is in a tree of what would be written or removed."""

    texts: Mapping[str, str]
    removable: frozenset[str]
    """Paths that ciforge wrote, changed since or not."""
    ours: frozenset[str]
    """Paths whose texts are as ciforge wrote them."""


def _text(tree: SafeTree, path: str) -> str | None:
    """The text of a file that may not be there. Raises UsageError."""
    if tree.lstat(os.fsencode(path)) is None:
        return None
    return _read(tree, os.fsencode(path))


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
    by_hand: bool = False
    """Whether somebody else's work would be lost."""

    @property
    def path(self) -> Path:
        """Where it lies, for people."""
        return self.root / self.name

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
    place: OutputFolder, present: PresentFiles, wanted: Mapping[str, str]
) -> Iterator[FileChange]:
    """What differs, in the order of the names; only what ciforge wrote is removed."""
    for name in sorted({*present.texts, *wanted}):
        before, after = present.texts.get(name), wanted.get(name)
        if before == after or (after is None and name not in present.removable):
            continue
        yield FileChange(
            root=place.root, name=name, before=before, after=after,
            by_hand=before is not None and not _is_ours(place, present, name, before),
        )  # fmt: skip


def _is_ours(place: OutputFolder, present: PresentFiles, name: str, text: str) -> bool:
    """A list changes with every file that it names, so it is no loss where ciforge wrote it."""
    return name in present.ours or (name == place.place.list and has_mark(text))


def write(change: FileChange) -> None:
    """Raises UsageError where the tree does not let us."""
    if change.after is None:
        remove_generated(change.root, change.name)
    else:
        write_generated(change.root, change.name, change.after.encode())


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
