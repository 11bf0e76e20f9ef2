"""Reads the tree of one commit from the objects: no checkout, no filters, no export-ignore."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial

import attrs

from ciforge.errors import EngineError, UsageError, did_you_mean
from ciforge.sanitize import escaped
from ciforge.sources.git import QUIET, Process, Repository, end, git, git_output, start
from ciforge.sources.tree_entry import (
    Content,
    Entry,
    EntryKind,
    Readable,
    SourceTree,
    link,
)

_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_COMMITTER = re.compile(rb"^committer .* (\d+) [+-]\d+$", re.M)
_LINK_LIMIT = 1 << 16
_LACKS = "try git fsck; a partial clone is completed by git fetch --refetch --no-filter"
GITLINK, _SYMLINK = b"160000", b"120000"

Nested = Callable[[bytes, bytes], tuple[Entry, ...]]
"""A submodule's path and commit to its entries, the folder itself first."""


def commit_of(repository: Repository, revision: str) -> str:
    """The full hash of the commit that `revision` names; empty if there is none, or several."""
    if not revision or revision.startswith("-") or not revision.isprintable():
        return ""
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    answer = git(*arguments, at=repository)
    return answer.text if answer.code == 0 and _HASH.fullmatch(answer.text) else ""


def commit_time(repository: Repository, commit: str) -> int:
    """The committer date, in seconds since 1970."""
    match = _COMMITTER.search(git_output("cat-file", "commit", commit, at=repository).out)
    return int(match[1]) if match else 0


def unknown_revision(
    repository: Repository, where: str, revision: str, hint: str = ""
) -> UsageError:
    """An error for a revision that is not in `where`, naming the nearest branch or tag."""
    spaces = ("refs/heads", "refs/tags", "refs/remotes")
    arguments = ("for-each-ref", "--format=%(refname:lstrip=2)", *spaces)
    near = did_you_mean(revision, git(*arguments, at=repository).text.splitlines())
    message = f"{escaped(where)}: unknown or ambiguous revision {revision!r}{near}"
    return UsageError(message, hint=hint)


@contextmanager
def commit_tree(
    repository: Repository, commit: str, part: bytes, nested: Nested
) -> Iterator[SourceTree]:
    """The tree of `commit`, or of the folder `part` in it; contents can be read in this block.

    `nested` gives the entries of a submodule, by its path in `part` and its commit.
    """
    mtime = commit_time(repository, commit)
    treeish = commit.encode() + (b":" + part if part else b"")
    kind = git("cat-file", "-t", treeish, at=repository)
    if kind.code != 0 or (part and kind.text != "tree"):
        raise UsageError(f"commit {commit[:12]} has no folder {escaped(part)}")
    listing = git_output("ls-tree", "-r", "-z", "--full-tree", treeish, at=repository).out
    with closing(Objects(repository)) as objects:
        entries: list[Entry] = []
        for line in listing.split(b"\0")[:-1]:
            about, _, path = line.partition(b"\t")
            mode, _, name = about.split(b" ")
            if mode == GITLINK:
                entries += (later(entry, mtime) for entry in nested(path, name))
            else:
                entries.append(stored(path, mode, name, mtime, objects))
        yield SourceTree(entries=tuple(entries), revision=commit, stored=True)


def later(entry: Entry, mtime: int) -> Entry:
    """The entry with this time, unless its own is later."""
    return attrs.evolve(entry, mtime=max(entry.mtime, mtime))


@attrs.define
class Objects:
    """A `git cat-file --batch` process, started when it is needed."""

    repository: Repository
    _process: Process | None = attrs.field(default=None, init=False)
    _unread_end: bool = attrs.field(default=False, init=False)

    @contextmanager
    def content(self, name: bytes) -> Iterator[tuple[int, Readable]]:
        """Size and stream of one object; the stream must be read to its end."""
        if self._process is None:
            arguments = ("cat-file", "--batch")
            self._process = start(*arguments, at=self.repository, errors=QUIET)
        asking, answering = self._process.stdin, self._process.stdout
        assert asking is not None
        assert answering is not None
        if self._unread_end:
            answering.read(1)
        asking.write(name + b"\n")
        asking.flush()
        answer = answering.readline().split()
        if len(answer) != 3:
            raise EngineError(f"the repository lacks object {escaped(name)}", hint=_LACKS)
        self._unread_end = True
        yield int(answer[2]), answering

    def close(self) -> None:
        """Ends git."""
        if self._process is not None:
            end(self._process)


def stored(path: bytes, mode: bytes, name: bytes, mtime: int, objects: Objects) -> Entry:
    """The entry for an object, as a commit or the index records it."""
    if mode == _SYMLINK:
        return link(path, _target(objects, name, path), mtime)
    opener: Callable[[], Content] = partial(objects.content, name)
    executable = int(mode, 8) & 0o100
    mode_bits = 0o755 if executable else 0o644
    return Entry(path=path, kind=EntryKind.FILE, mode=mode_bits, mtime=mtime, open=opener)


def _target(objects: Objects, name: bytes, path: bytes) -> bytes:
    with objects.content(name) as (size, stream):
        if size > _LINK_LIMIT:
            raise UsageError(f"{escaped(path)}: a link that is {size} bytes long")
        return stream.read(size)
