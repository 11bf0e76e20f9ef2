"""Reads git's index and ignore patterns; the index is never refreshed."""

import attrs

from ciforge.sanitize import escaped
from ciforge.sources.checkout import inside
from ciforge.sources.git import Repository, git, git_output
from ciforge.sources.safe_tree import SafeTree
from ciforge.sources.tree_entry import EntryKind


@attrs.frozen(kw_only=True)
class Tracked:
    """One path of git's index."""

    path: bytes
    mode: bytes
    name: bytes
    """The hash of its contents as added."""
    hidden: bool
    """Marked assume-unchanged or skip-worktree: git does not check whether it was edited."""
    skipped: bool
    """Marked skip-worktree, as by a sparse checkout: it may be missing."""

    @property
    def is_gitlink(self) -> bool:
        """Whether it is a submodule."""
        return self.mode == b"160000"

    @property
    def kind(self) -> EntryKind:
        """The kind of file."""
        return EntryKind.LINK if self.mode == b"120000" else EntryKind.FILE

    @property
    def bits(self) -> int:
        """Its mode when checked out by git."""
        return {b"120000": 0o777, b"100755": 0o755}.get(self.mode, 0o644)


def is_ignored(here: Repository) -> bool:
    """Whether the working tree has no tracked file in the folder of `here` and ignores the folder."""
    if not inside(here) or git_output("ls-files", "-z", "--cached", at=here).out:
        return False
    return git("check-ignore", "-q", "--", here.name, at=here).code == 0


def tracked_in(here: Repository, folder_tree: SafeTree) -> dict[bytes, Tracked]:
    """Tracked files below the root, by path, including deleted ones."""
    found = {}
    for line in _listed(here, folder_tree, "--cached", "--stage", "-v"):
        about, _, path = line.partition(b"\t")
        tag, mode, name, _ = about.split(b" ")
        hidden = tag == b"S" or tag.islower()
        found[path] = Tracked(
            path=path, mode=mode, name=name, hidden=hidden, skipped=tag in (b"S", b"s")
        )
    return found


def edited_in(here: Repository) -> set[bytes]:
    """Tracked files that differ from the commit, including deleted ones, below the folder of
    `here`.
    """
    arguments = ("--porcelain=v2", "-z", "--untracked-files=no", "--no-renames")
    answer = git_output("status", *arguments, "--ignore-submodules=dirty", "--", ".", at=here)
    part = inside(here)
    # The path is the last field, after 8 others; after 10 during a merge.
    words_before = {b"1": 8, b"u": 10}
    lines = [line for line in answer.out.split(b"\0") if line[:1] in words_before]
    paths = (line.split(b" ", words_before[line[:1]])[-1] for line in lines)
    return {path.removeprefix(part + b"/") if part else path for path in paths}


def untracked_in(here: Repository, folder_tree: SafeTree) -> list[bytes]:
    """Untracked files that are not ignored; a path that ends in `/` is another repository."""
    return _listed(here, folder_tree, "--others", "--exclude-standard")


def _listed(here: Repository, folder_tree: SafeTree, *arguments: str) -> list[bytes]:
    answer = git_output("ls-files", "-z", *arguments, at=here)
    for line in answer.err.splitlines():
        folder_tree.on_message(f"git: {escaped(line)}")
    return answer.out.split(b"\0")[:-1]
