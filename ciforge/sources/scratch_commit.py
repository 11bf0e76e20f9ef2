"""A commit of the working tree as it is, made beside the repository.

The index, the working tree, the configuration and the hooks of the repository are not changed, no filter or
hook of it is run, and the new objects are in a folder of the caller. Ignored files are never in the commit.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import attrs

from ciforge.errors import UsageError
from ciforge.sanitize import escaped
from ciforge.sources.commit import commit_of
from ciforge.sources.git import GitOutput, Repository, git, git_error
from ciforge.untrusted import read_file

AUTHOR = {
    "GIT_AUTHOR_NAME": "ciforge", "GIT_AUTHOR_EMAIL": "ciforge@localhost",
    "GIT_COMMITTER_NAME": "ciforge", "GIT_COMMITTER_EMAIL": "ciforge@localhost",
}  # fmt: skip
_LARGEST_INDEX = 1 << 30
"""Bytes of an index; one with a million files has some hundred millions."""
_SUBMODULE = b"160000"
_ASSUMED, _SKIPPED = b"hs", b"Ss"
"""The letters of `ls-files -v` for assume-unchanged and skip-worktree: git does not look for edits."""


@attrs.frozen(kw_only=True)
class SentFile:
    """A file that the remote lacks; its size in bytes."""

    path: str
    size: int
    untracked: bool = False


@attrs.frozen(kw_only=True)
class ScratchCommit:
    """A commit, and what a person should know before it is pushed."""

    commit: str
    head: str
    """The commit that the working tree is based on."""
    changed: int
    """Files that differ from `head`."""
    sent: tuple[SentFile, ...]
    """Files that the remote lacks, as far as its branches are known here; untracked ones come last."""
    commits: int
    """Commits before this one that the remote lacks, too."""
    left_out: tuple[str, ...]
    """Untracked files that are not in it."""
    submodules: tuple[str, ...]
    """Submodules that are at another commit than `head` records."""
    here: Repository
    objects: Mapping[str, str]
    """Environment variables with which git finds the new objects."""


def scratch_commit(
    here: Repository, folder: Path, *, remote: str, message: str, untracked: bool,
    replaced: Mapping[str, str] = MappingProxyType({}),
) -> ScratchCommit:  # fmt: skip
    """Makes the commit, with its objects and its index in the empty `folder`. Raises UsageError.

    `here` is the top of a working tree, `remote` the name of the remote that it will be pushed to. The files
    of `replaced`, by path, have these texts in place of those of the tree.
    """
    head = commit_of(here, "HEAD")
    if not head:
        raise UsageError(f"{escaped(str(here.name))}: there is no commit yet", hint="git commit")
    making = _Making(here, _environment(here, folder))
    others = making.untracked()
    making.fill(others if untracked else ())
    for path, text in replaced.items():
        making.put(path, text)
    tree = making.ask("write-tree").text
    commit = making.ask("commit-tree", "-p", head, "-m", message, tree).text
    rows = tuple(making.differences(head, tree))
    new = making.missing(commit, remote)
    return ScratchCommit(
        commit=commit, head=head, changed=len(rows),
        sent=tuple(making.files(new, frozenset(others))),
        commits=making.count(commit, remote) - 1,
        left_out=() if untracked else tuple(map(escaped, others)),
        submodules=tuple(escaped(path) for mode, path in rows if mode == _SUBMODULE),
        here=here, objects=making.env,
    )  # fmt: skip


def _environment(here: Repository, folder: Path) -> dict[str, str]:
    """New objects and the index are in `folder`; the index begins as a copy of the person's."""
    objects = folder / "objects"
    objects.mkdir(mode=0o700)
    index, copy = here.git_dir / "index", folder / "index"
    if index.exists():
        copy.write_bytes(read_file(index.resolve(), _LARGEST_INDEX))
    return {
        "GIT_INDEX_FILE": str(copy),
        "GIT_OBJECT_DIRECTORY": str(objects),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.path.realpath(here.git_dir / "objects"),
        **AUTHOR,
    }


@attrs.frozen
class _Making:
    here: Repository
    env: Mapping[str, str]

    def ask(self, *arguments: str, stdin: bytes = b"") -> GitOutput:
        """Runs git. Raises UsageError with its reason if it fails."""
        answer = git(*arguments, at=self.here, stdin=stdin, env=self.env)
        if answer.code != 0:
            raise git_error(answer, self.here.name)
        return answer

    def untracked(self) -> list[bytes]:
        """New files that are not ignored; not those of repositories in the tree."""
        listed = self.ask("ls-files", "-z", "--others", "--exclude-standard").out.split(b"\0")
        return [path for path in listed if path and not path.endswith(b"/")]

    def hidden(self, tags: bytes) -> Iterator[bytes]:
        """Files with these marks; one that is missing, as in a sparse checkout, is as in the index."""
        for line in self.ask("ls-files", "-z", "-v", "--cached").out.split(b"\0"):
            tag, _, path = line.partition(b" ")
            if tag and tag in tags and os.path.lexists(os.fsencode(self.here.name) + b"/" + path):
                yield path

    def fill(self, untracked: Sequence[bytes]) -> None:
        """Adds what changed to the index, edits that git was told to ignore included, and these files."""
        for tags, option in ((_ASSUMED, "--no-assume-unchanged"), (_SKIPPED, "--no-skip-worktree")):
            if paths := b"".join(path + b"\0" for path in self.hidden(tags)):
                self.ask("update-index", option, "-z", "--stdin", stdin=paths)
        self.ask("add", "--update", "--", ".")
        if untracked:
            paths = b"".join(path + b"\0" for path in untracked)
            self.ask("update-index", "--add", "-z", "--stdin", stdin=paths)

    def put(self, path: str, text: str) -> None:
        """Has a plain file in the index with this text."""
        name = self.ask("hash-object", "-w", "--stdin", stdin=text.encode()).text
        self.ask("update-index", "--add", "--cacheinfo", f"100644,{name},{path}")

    def differences(self, head: str, tree: str) -> Iterator[tuple[bytes, bytes]]:
        """The new mode and the path of each file that differs."""
        answer = self.ask("diff-tree", "-r", "-z", "--raw", "--no-renames", head, tree)
        fields = answer.out.split(b"\0")
        for about, path in zip(fields[::2], fields[1::2], strict=False):
            yield about.split(b" ")[1], path

    def missing(self, commit: str, remote: str) -> dict[bytes, bytes]:
        """The objects that the branches of the remote lack, by hash, with their paths."""
        answer = self.ask("rev-list", "--objects", commit, "--not", f"--remotes={remote}")
        pairs = (line.partition(b" ") for line in answer.out.splitlines())
        return {name: path for name, _, path in pairs if path}

    def count(self, commit: str, remote: str) -> int:
        """The number of commits that the branches of the remote lack."""
        answer = self.ask("rev-list", "--count", commit, "--not", f"--remotes={remote}")
        return int(answer.text)

    def files(
        self, objects: Mapping[bytes, bytes], untracked: frozenset[bytes]
    ) -> Iterator[SentFile]:
        """The files among these objects, in the order of their paths; these untracked ones come last."""
        form = "--batch-check=%(objectname) %(objecttype) %(objectsize)"
        names = b"".join(name + b"\n" for name in objects)
        rows = (
            line.split(b" ") for line in self.ask("cat-file", form, stdin=names).out.splitlines()
        )
        found = sorted(
            (objects[name] in untracked, objects[name], int(size))
            for name, kind, size in rows
            if kind == b"blob"
        )
        for new, path, size in found:
            yield SentFile(path=escaped(path), size=size, untracked=new)
