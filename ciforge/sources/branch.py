"""The branch that a commit was taken from, to which incidents belong."""

import re
from collections.abc import Sequence
from pathlib import Path

from ciforge.sources.checkout import repository_of
from ciforge.sources.commit import commit_of
from ciforge.sources.git import Repository, git

_ELSEWHERE = re.compile(r"refs/remotes/[^/]+/(.+)")


def current_branch(tree: Repository) -> str:
    """The branch that is checked out; empty if there is none."""
    answer = git("symbolic-ref", "--quiet", "--short", "HEAD", at=tree)
    return answer.text if answer.code == 0 else ""


def is_deleted(mirror: Path, branch: str, revision: str, since: float) -> bool:
    """Whether a mirror fetched since `since` has the commit, but not the branch.

    `since` is in seconds since 1970. False for a commit that the mirror never had: it was not
    pushed.
    """
    name = f"refs/heads/{branch}"
    if not mirror.is_dir() or _changed(mirror, name) <= since:
        return False
    ours = Repository(git_dir=mirror)
    if git("show-ref", "--verify", "--quiet", "--", name, at=ours).code == 0:
        return False
    return git("cat-file", "-e", f"{revision}^{{commit}}", at=ours).code == 0


def _changed(mirror: Path, name: str) -> float:
    """The time when a branch was last created, moved or removed, in seconds since 1970."""
    places = (mirror / "packed-refs", mirror / "refs" / "heads", (mirror / name).parent)
    return max((place.stat().st_mtime for place in places if place.exists()), default=0.0)


def position_of(tree: Path) -> str:
    """The branch that is checked out, else the full hash of the commit; empty before the first
    commit.
    """
    here = repository_of(tree)
    return (current_branch(here) or commit_of(here, "HEAD")) if here else ""


def followed_branch(mirror: Path, revision: str, branches: Sequence[str]) -> str:
    """The first of these branches that contains the commit, as last fetched.

    Without branches, the HEAD of the repository. Empty if no branch contains the commit.
    """
    ours = Repository(git_dir=mirror)
    refs = {name: f"refs/heads/{name}" for name in branches} or {"HEAD": "refs/ciforge/HEAD"}
    for name, ref in refs.items():
        arguments = ("merge-base", "--is-ancestor", revision, ref)
        if revision and git(*arguments, at=ours).code == 0:
            return name
    return ""


def branch_of(repository: Repository, revision: str) -> str:
    """The branch, or another ref except a tag, that `revision` names; empty for a hash or a tag."""
    if revision.startswith("refs/heads/"):
        return revision.removeprefix("refs/heads/")
    if revision.startswith("refs/") and not revision.startswith("refs/tags/"):
        return revision.removeprefix("refs/")
    if revision == "HEAD":
        return revision
    arguments = ("rev-parse", "--symbolic-full-name", "--verify", "--quiet", "--end-of-options")
    answer = git(*arguments, revision, at=repository)
    name = answer.text if answer.code == 0 else ""
    if match := _ELSEWHERE.fullmatch(name):
        return match[1]
    return name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else ""
