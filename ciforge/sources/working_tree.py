"""A git working tree with uncommitted changes: tracked files, and new files that are not ignored."""

import hashlib
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import attrs

from ciforge.errors import UsageError
from ciforge.sanitize import escaped
from ciforge.sources.checkout import own_checkout, work_tree_of
from ciforge.sources.commit import Objects, commit_of, commit_time, later, stored
from ciforge.sources.directory import names, read_folder
from ciforge.sources.git import Repository
from ciforge.sources.git_index import Tracked, edited_in, is_ignored, tracked_in, untracked_in
from ciforge.sources.safe_tree import SafeTree
from ciforge.sources.submodules import SubmoduleSources
from ciforge.sources.tree_entry import Entry, EntryKind, SourceTree, folder

_SPECIAL = (stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR, stat.S_IFBLK)


@attrs.frozen
class Clock:
    """Modification times for make: edited files are newer than files of the commit."""

    commit: int | None
    """None before the first commit: every file then keeps its own time."""

    def at(self, own: int, edited: bool) -> int:
        """The time for a file whose own time is `own`, in seconds."""
        if self.commit is None:
            return own
        return max(own, self.commit + 1) if edited else self.commit


def working_tree(
    here: Repository,
    modules: SubmoduleSources,
    left: tuple[bytes, ...] = (),
    since: int | None = None,
) -> SourceTree:
    """All files of a working tree below the folder of `here`; nothing is written.

    Files that a sparse checkout omits, and submodules that are not checked out, are taken from the
    index. `since` is the time of the commit of the outer tree if this is a submodule.
    """
    root, on_message = here.name, modules.on_message
    if is_ignored(here):
        on_message(
            f"{escaped(str(root))} is ignored by the git repository around it: all of its files are taken"
        )
        return read_folder(root, on_message, left)
    commit = commit_of(here, "HEAD")
    folder_tree = SafeTree(root, on_message, left)
    clock = Clock(max(commit_time(here, commit), since or 0) if commit else since)
    tracked = tracked_in(here, folder_tree)
    hidden = (item for item in tracked.values() if item.hidden)
    edited = edited_in(here) | {t.path for t in hidden if _differs(folder_tree, t, here.has_modes)}
    others = untracked_in(here, folder_tree)
    tracked_files = _known(_WorkTree(here, folder_tree, modules, clock, edited), tracked)
    new = _new(folder_tree, others, clock, modules)
    _report_special_files(folder_tree, [*tracked, *others])
    changes = tracked_files.changes + new.changes
    return SourceTree(entries=tracked_files.entries + new.entries, revision=commit, changes=changes)


@attrs.frozen
class _WorkTree:
    """A work tree, and what is known of it."""

    here: Repository
    folder_tree: SafeTree
    modules: SubmoduleSources
    clock: Clock
    edited: set[bytes]

    def time(self, item: Tracked, own: int) -> int:
        """The time of a tracked path whose own time is `own`."""
        return self.clock.at(own, item.path in self.edited)


def _known(work_tree: _WorkTree, tracked: dict[bytes, Tracked]) -> SourceTree:
    entries: list[Entry] = []
    changes = len(work_tree.edited)
    absent = []
    for path, item in tracked.items():
        info = work_tree.folder_tree.lstat(path)
        if info is None:
            if item.skipped and not work_tree.folder_tree.is_excluded(path):
                absent.append(item)
        elif stat.S_ISDIR(info.st_mode):
            # A folder in place of a file: its files are untracked, and listed as such.
            inner = _submodule(work_tree, item) if item.is_gitlink else SourceTree(entries=())
            entries += inner.entries
            changes += inner.changes
        elif entry := work_tree.folder_tree.entry(
            path, info, work_tree.time(item, int(info.st_mtime))
        ):
            entries.append(
                entry if work_tree.here.has_modes else attrs.evolve(entry, mode=item.bits)
            )
    return SourceTree(entries=(*entries, *_recorded(work_tree, absent)), changes=changes)


def _recorded(work_tree: _WorkTree, absent: list[Tracked]) -> Iterator[Entry]:
    """The files that a sparse checkout omits, from the repository's objects."""
    if not absent:
        return
    on_message = work_tree.folder_tree.on_message
    on_message(f"{len(absent)} files are not checked out (sparse checkout): taken as git has them")
    objects = work_tree.modules.stack.enter_context(closing(Objects(work_tree.here)))
    for item in absent:
        time = work_tree.time(item, 0)
        if item.is_gitlink:
            yield from _as_recorded(work_tree, item)
        else:
            yield stored(item.path, item.mode, item.name, time, objects)


def _as_recorded(work_tree: _WorkTree, item: Tracked) -> Iterator[Entry]:
    """The entries of a submodule that is not checked out."""
    nested = work_tree.modules.of_work_tree(work_tree.here)
    yield from (later(entry, work_tree.time(item, 0)) for entry in nested(item.path, item.name))


def _new(
    folder_tree: SafeTree, others: list[bytes], clock: Clock, modules: SubmoduleSources
) -> SourceTree:
    entries: list[Entry] = []
    for path in others:
        info = folder_tree.lstat(path.removesuffix(b"/"))
        if info is None:
            continue
        if path.endswith(b"/"):
            entries += _nested(folder_tree, path.removesuffix(b"/"), clock, modules)
        elif entry := folder_tree.entry(path, info, clock.at(int(info.st_mtime), edited=True)):
            entries.append(entry)
    return SourceTree(
        entries=tuple(entries), changes=sum(e.kind is not EntryKind.FOLDER for e in entries)
    )


def _submodule(work_tree: _WorkTree, item: Tracked) -> SourceTree:
    path = item.path
    place = _place(work_tree.folder_tree, path)
    if not own_checkout(place):
        if any(place.iterdir()):
            raise UsageError(
                f"{escaped(path)}: a submodule that is not checked out, but has files",
                hint="move them away; git submodule update --init",
            )
        return SourceTree(entries=tuple(_as_recorded(work_tree, item)))
    work_tree.modules.of_work_tree(work_tree.here).module(path)
    inner = _inner(work_tree.folder_tree, path, work_tree.clock.commit, work_tree.modules)
    below = (attrs.evolve(e, path=path + b"/" + e.path) for e in inner.entries)
    top = folder(path, work_tree.clock.at(0, edited=False))
    return SourceTree(entries=(top, *below), changes=inner.changes)


def _nested(
    folder_tree: SafeTree, path: bytes, clock: Clock, modules: SubmoduleSources
) -> Iterator[Entry]:
    """The entries of an untracked repository in this tree: all of its files count as new."""
    for entry in _inner(folder_tree, path, None, modules).entries:
        mtime = clock.at(entry.mtime, edited=True)
        yield attrs.evolve(entry, path=path + b"/" + entry.path, mtime=mtime)


def _inner(
    folder_tree: SafeTree, path: bytes, since: int | None, modules: SubmoduleSources
) -> SourceTree:
    place = _place(folder_tree, path)
    left = tuple(p[len(path) + 1 :] for p in folder_tree.left if p.startswith(path + b"/"))
    if own_checkout(place):
        here = work_tree_of(place)
        return working_tree(here, modules.below(here), left, since)
    return read_folder(place, folder_tree.on_message, left)


def _place(folder_tree: SafeTree, path: bytes) -> Path:
    return folder_tree.root / path.decode(errors="surrogateescape")


def _differs(folder_tree: SafeTree, item: Tracked, has_modes: bool) -> bool:
    """Whether a file that git is configured not to check differs from the index."""
    info = folder_tree.lstat(item.path)
    if item.is_gitlink or info is None:
        return info is None and not item.skipped and not folder_tree.is_excluded(item.path)
    entry = folder_tree.entry(item.path, info, 0)
    if entry is None or entry.kind is not item.kind:
        return True
    if has_modes and entry.kind is EntryKind.FILE and (entry.mode ^ item.bits) & stat.S_IXUSR:
        return True
    kind = hashlib.sha256 if len(item.name) == 64 else hashlib.sha1
    with entry.open() as (size, stream):
        digest = kind(b"blob %d\0" % (size or len(entry.target)) + entry.target)
        while block := stream.read(1 << 16):
            digest.update(block)
    return digest.hexdigest().encode() != item.name


def _report_special_files(folder_tree: SafeTree, paths: list[bytes]) -> None:
    """Prints a message for special files, which git does not list."""
    parents = {path.rpartition(b"/")[0] for path in paths if not path.endswith(b"/")} | {b""}
    listed = set(paths)
    for parent in sorted(p for p in parents if folder_tree.is_real(p)):
        for name in names(folder_tree, parent):
            path = parent + b"/" + name if parent else name
            info = None if path in listed else folder_tree.lstat(path)
            if info and stat.S_IFMT(info.st_mode) in _SPECIAL:
                folder_tree.entry(path, info, 0)
