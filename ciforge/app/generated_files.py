"""Compares and writes generated files; files that ciforge did not generate are not changed."""

import errno
import fnmatch
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import attrs

from ciforge.ci.checksum_header import has_mark, is_untouched
from ciforge.ci.file_set import SetPlace, in_journal, is_intact, journal, journal_entries, listed
from ciforge.errors import UsageError
from ciforge.generated_file import GeneratedTree
from ciforge.untrusted import read_each_below

_MOST = 4 << 20
"""Bytes of an existing file that are compared; generated files are smaller."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class OutputFolder:
    """The folder of generated files of a repository: `place` below `root`."""

    root: Path
    place: SetPlace
    single: str = ""
    """A pattern of files that older versions wrote, each with its own checksum: `.builds/ciforge-*.yml`."""

    def present(self, wanted: Collection[str]) -> "PresentFiles":
        """Reads the files of the set, older generated files, and the paths that are `wanted`.

        Raises UsageError for links.
        """
        for folder in {path.rpartition("/")[0] for path in (*wanted, self.place.list)}:
            self._refuse_links(folder)
        texts = dict(self._marked())
        old = frozenset(texts)
        named: tuple[str, ...] = ()
        texts |= _texts(self.root, {self.place.list})
        if self.place.list in texts:
            named = listed(texts[self.place.list], self.place)
        texts |= _texts(self.root, {*named, *wanted} - set(texts))
        of_set = {path: texts[path] for path in named if path in texts}
        list_ = texts.get(self.place.list, "")
        whole = len(of_set) == len(named) and is_intact(list_, of_set)
        ours = {*named, self.place.list} if whole else {*in_journal(list_, of_set)}
        ours |= {path for path in old if is_untouched(texts[path])}
        return PresentFiles(texts=texts, removable=frozenset({*named, *old}), ours=frozenset(ours))

    def _marked(self) -> Iterator[tuple[str, str]]:
        """Files with a checksum of their own, and those that look like one."""
        folder, _, pattern = self.single.rpartition("/")
        if not pattern:
            return
        self._refuse_links(folder)
        paths = (f"{folder}/{name}" for name in _names(self.root / folder))
        found = {path for path in paths if fnmatch.fnmatchcase(path, self.single)}
        yield from (
            (path, text) for path, text in _texts(self.root, found).items() if has_mark(text)
        )

    def _refuse_links(self, folder: str) -> None:
        """Raises UsageError where a part of the path is a link or no folder."""
        part = self.root
        for name in folder.split("/"):
            part /= name
            try:
                mode = os.lstat(part).st_mode
            except (FileNotFoundError, NotADirectoryError):
                return
            if not stat.S_ISDIR(mode):
                raise UsageError(
                    f"{part}: not a folder, or a symbolic link",
                    hint="symbolic links are not followed; use a real folder",
                )


@attrs.frozen(kw_only=True, eq=False, repr=False)
class PresentFiles:
    """The existing files of a tree that would be written or removed."""

    texts: Mapping[str, str]
    removable: frozenset[str]
    """Paths that ciforge wrote, changed since or not."""
    ours: frozenset[str]
    """Paths whose texts are as ciforge wrote them."""


def _names(folder: Path) -> list[str]:
    """The names in a folder; none if it is not there. Raises UsageError."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - names alone: a Path for each would take longer
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}") from None


def _texts(root: Path, paths: Collection[str]) -> dict[str, str]:
    """The texts of those files that are there; empty for what is no text. Raises UsageError."""
    try:
        return {
            path: _decoded(data)
            for path, data in read_each_below(root, paths, _MOST)
            if data is not None
        }
    except OSError as error:
        shown = root / (error.filename or "")
        if error.errno == errno.ELOOP:
            raise UsageError(
                f"{shown}: this is a symbolic link, which is not followed", hint="remove it"
            ) from None
        raise UsageError(f"{shown}: {error.strerror}") from None


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class FileChange:
    """The change of one file; None means a missing file, before or after."""

    root: Path
    name: str
    before: str | None
    after: str | None
    by_hand: bool = False
    """Whether the file was written or edited by hand, so that the change would lose work."""

    @property
    def path(self) -> Path:
        """The path to print."""
        return self.root / self.name

    @property
    def verb(self) -> str:
        """The past participle to print: what was done to the file."""
        if self.after is None:
            return "removed"
        return "created" if self.before is None else "updated"

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        import difflib

        old, new = ((text or "").splitlines(keepends=True) for text in (self.before, self.after))
        names = (f"a/{self.name}", f"b/{self.name}")
        return "".join(_ended(line) for line in difflib.unified_diff(old, new, *names))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SetChanges:
    """The changes that one `ciforge generate` makes to one repository."""

    root: Path
    place: SetPlace
    changes: tuple[FileChange, ...]
    """Files that differ, in the order of their names."""
    unchanged: Mapping[str, str]
    """Texts of the other files of the set."""


def set_changes(
    place: OutputFolder, present: PresentFiles, wanted: Mapping[str, str]
) -> SetChanges:
    """The files that differ; only files that ciforge wrote are removed."""
    same = {name: text for name, text in wanted.items() if present.texts.get(name) == text}
    return SetChanges(
        root=place.root, place=place.place, unchanged=same,
        changes=tuple(_changes(place, present, wanted)),
    )  # fmt: skip


def _changes(
    place: OutputFolder, present: PresentFiles, wanted: Mapping[str, str]
) -> Iterator[FileChange]:
    """The differences, sorted by name; only files that ciforge wrote are removed."""
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
    if name == place.place.list:
        return has_mark(text) or bool(journal_entries(text))
    return name in present.ours


_FEW = 3
"""Files of a set's folder that are named one by one."""


def summary_lines(found: SetChanges, *, verbose: bool) -> Iterator[str]:
    """One line per changed file; many files of the set's folder are one line, unless `verbose`."""
    home = f"{found.place.home}/"
    for verb in ("created", "updated", "removed"):
        names = [change.name for change in found.changes if change.verb == verb]
        inside = [name for name in names if name.startswith(home)]
        fold = not verbose and len(inside) > _FEW
        shown = [name for name in names if not name.startswith(home)] if fold else names
        yield from (f"{verb} {found.root / name}" for name in shown)
        if fold:
            yield f"{verb} {found.root / found.place.home}/: {len(inside)} files"


def write_set(found: SetChanges, command: str) -> None:
    """Writes and removes files. Raises UsageError if the system refuses.

    If it is interrupted, `command` finishes it: until the set is complete, its list is a journal."""
    before = {change.name: change.before for change in found.changes if change.before is not None}
    after = {change.name: change.after for change in found.changes if change.after is not None}
    list_ = found.place.list
    with GeneratedTree(found.root) as tree:
        if list_ in before.keys() | after.keys():
            same = found.unchanged
            text = journal({**before, **same}, {**after, **same}, found.place, command)
            tree.write(list_, text.encode())
        for change in sorted(found.changes, key=lambda change: change.name == list_):
            _write(tree, change)


def _write(tree: GeneratedTree, change: FileChange) -> None:
    if change.after is None:
        tree.remove(change.name)
    else:
        tree.write(change.name, change.after.encode())


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
