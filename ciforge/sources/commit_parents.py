"""The commits between two, with their parents, for a search among them."""

from pathlib import Path

from ciforge.errors import UsageError
from ciforge.sources.checkout import history_of
from ciforge.sources.commit import commit_of, unknown_revision
from ciforge.sources.git import Repository, git, git_output
from ciforge.sources.mirror import update_mirror
from ciforge.sources.tree_entry import MessageHandler

_MOST = 20_000
"""Commits that a search takes; more are a mistake in one of its ends."""


def searched_repository(
    place: str, revisions: tuple[str, ...], mirrors: Path, on_message: MessageHandler
) -> Repository:
    """The repository of a checkout or of a git address, which is fetched with these revisions.

    Raises UsageError if the source has no git history, and EngineError if it cannot be fetched.
    """
    local = Path(place)
    if not local.is_dir():
        for revision in (*revisions, ""):
            mirror, _ = update_mirror(place, revision, (), mirrors, on_message)
        return Repository(git_dir=mirror)
    if found := history_of(local):
        return found
    raise UsageError(
        f"{place}: not a git repository", hint="bisect needs the history of the source"
    )


def named_commit(repository: Repository, revision: str) -> str:
    """The full hash of a revision. Raises UsageError, naming the nearest branch or tag."""
    if commit := commit_of(repository, revision):
        return commit
    raise unknown_revision(repository, str(repository.name), revision)


def is_ancestor(repository: Repository, commit: str, other: str) -> bool:
    """Whether `other` contains the commit; False if the repository lacks one of them."""
    return git("merge-base", "--is-ancestor", commit, other, at=repository).code == 0


def commit_parents(repository: Repository, good: str, bad: str) -> dict[str, tuple[str, ...]]:
    """The commits of `bad` that `good` lacks, each after its parents, with the hashes of these.

    Raises UsageError if there are too many.
    """
    arguments = ("rev-list", "--topo-order", "--reverse", "--parents", f"{good}..{bad}", "--")
    lines = git_output(*arguments, at=repository).text.splitlines()
    if len(lines) > _MOST:
        message = f"there are {len(lines)} commits between {good[:12]} and {bad[:12]}"
        raise UsageError(message, hint=f"a search takes at most {_MOST}; choose closer ends")
    rows = (line.split() for line in lines)
    return {commit: tuple(parents) for commit, *parents in rows}
