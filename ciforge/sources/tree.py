"""A git work tree as it lies there now: what git tracks, and what is new and not ignored."""

import hashlib
import stat
from collections.abc import Iterator

import attrs

from ciforge.sources.checkout import own_checkout, work_tree_of
from ciforge.sources.commit import commit_of, commit_time
from ciforge.sources.entry import Entry, Hear, Kind, Tree, folder, shown
from ciforge.sources.folder import names, plain_folder
from ciforge.sources.git import Repository
from ciforge.sources.ground import Ground
from ciforge.sources.index import Tracked, edited_in, is_ignored, tracked_in, untracked_in

_SPECIAL = (stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR, stat.S_IFBLK)


@attrs.frozen
class Clock:
    """Times that make understands: what was edited is newer than what the commit has."""

    commit: int | None
    """None before the first commit: then every file keeps its own time."""

    def at(self, own: int, edited: bool) -> int:
        """Seconds for a file whose own time is `own`."""
        if self.commit is None:
            return own
        return max(own, self.commit + 1) if edited else self.commit


def working_tree(
    here: Repository, hear: Hear, left: tuple[bytes, ...] = (), since: int | None = None
) -> Tree:
    """Everything of a work tree that is below the folder of `here`; nothing is written.

    `since` is the time of the outer tree's commit where this one is a submodule.
    """
    root = here.name
    if is_ignored(here):
        hear(f"{shown(str(root))} is ignored by the git repository around it: all of it is carried")
        return plain_folder(root, hear, left)
    commit = commit_of(here, "HEAD")
    ground = Ground(root, hear, left)
    clock = Clock(max(commit_time(here, commit), since or 0) if commit else since)
    tracked = tracked_in(here, ground)
    edited = edited_in(here) | {
        t.path for t in tracked.values() if t.hidden and _differs(ground, t)
    }
    others = untracked_in(here, ground)
    known, new = _known(ground, tracked, edited, clock), _new(ground, others, clock)
    _tell_of_special_files(ground, [*tracked, *others])
    changes = len(edited) + known.changes + new.changes
    return Tree(entries=known.entries + new.entries, revision=commit, changes=changes)


def _known(ground: Ground, tracked: dict[bytes, Tracked], edited: set[bytes], clock: Clock) -> Tree:
    entries: list[Entry] = []
    changes = 0
    for path, item in tracked.items():
        info = ground.lstat(path)
        if info is None:
            continue
        if stat.S_ISDIR(info.st_mode):
            # A folder in a file's place: what is in it is untracked, and listed as such.
            inner = _submodule(ground, path, clock) if item.is_gitlink else Tree(entries=())
            entries += inner.entries
            changes += inner.changes
        elif entry := ground.entry(path, info, clock.at(int(info.st_mtime), path in edited)):
            entries.append(entry)
    return Tree(entries=tuple(entries), changes=changes)


def _new(ground: Ground, others: list[bytes], clock: Clock) -> Tree:
    entries: list[Entry] = []
    for path in others:
        info = ground.lstat(path.removesuffix(b"/"))
        if info is None:
            continue
        if path.endswith(b"/"):
            entries += _nested(ground, path.removesuffix(b"/"), clock)
        elif entry := ground.entry(path, info, clock.at(int(info.st_mtime), edited=True)):
            entries.append(entry)
    return Tree(entries=tuple(entries), changes=sum(e.kind is not Kind.FOLDER for e in entries))


def _submodule(ground: Ground, path: bytes, clock: Clock) -> Tree:
    inner = _inner(ground, path, clock.commit)
    below = (attrs.evolve(e, path=path + b"/" + e.path) for e in inner.entries)
    top = folder(path, clock.at(0, edited=False))
    return Tree(entries=(top, *below), changes=inner.changes)


def _nested(ground: Ground, path: bytes, clock: Clock) -> Iterator[Entry]:
    """A repository that lies here untracked: its files, all of them new to this tree."""
    for entry in _inner(ground, path, None).entries:
        mtime = clock.at(entry.mtime, edited=True)
        yield attrs.evolve(entry, path=path + b"/" + entry.path, mtime=mtime)


def _inner(ground: Ground, path: bytes, since: int | None) -> Tree:
    place = ground.root / path.decode(errors="surrogateescape")
    left = tuple(p[len(path) + 1 :] for p in ground.left if p.startswith(path + b"/"))
    if own_checkout(place):
        return working_tree(work_tree_of(place), ground.hear, left, since)
    return plain_folder(place, ground.hear, left)


def _differs(ground: Ground, item: Tracked) -> bool:
    info = ground.lstat(item.path)
    entry = None if info is None else ground.entry(item.path, info, 0)
    if entry is None or entry.kind is Kind.FOLDER:
        return False
    kind = hashlib.sha256 if len(item.name) == 64 else hashlib.sha1
    with entry.open() as (size, stream):
        digest = kind(b"blob %d\0" % (size or len(entry.target)) + entry.target)
        while block := stream.read(1 << 16):
            digest.update(block)
    return digest.hexdigest().encode() != item.name


def _tell_of_special_files(ground: Ground, paths: list[bytes]) -> None:
    """Git does not even list them; look where other files of the source lie."""
    parents = {path.rpartition(b"/")[0] for path in paths if not path.endswith(b"/")} | {b""}
    listed = set(paths)
    for parent in sorted(p for p in parents if ground.is_real(p)):
        for name in names(ground, parent):
            path = parent + b"/" + name if parent else name
            info = None if path in listed else ground.lstat(path)
            if info and stat.S_IFMT(info.st_mode) in _SPECIAL:
                ground.entry(path, info, 0)
