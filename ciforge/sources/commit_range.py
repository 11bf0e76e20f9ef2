"""The commits between two: candidates for the commit that broke a job."""

import re
from collections.abc import Sequence
from pathlib import Path

import attrs

from ciforge.errors import CiforgeError
from ciforge.model.change import Commit
from ciforge.sanitize import safe_line
from ciforge.sources.checkout import history_of
from ciforge.sources.git import Repository, git

MOST = 50
"""Maximum number of commits that are listed; all are counted."""
_SECONDS = 20.0
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}")
_FORMAT = "--format=%H%x00%ct%x00%<(300,trunc)%aN%x00%aE%x00%<(600,trunc)%s%x00"


@attrs.frozen(kw_only=True)
class CommitRange:
    """The commits after `good` up to `bad`, the newest first."""

    commits: tuple[Commit, ...] = ()
    more: int = 0
    unknown: str = ""
    """The reason if they cannot be listed, as a sentence."""


def commit_range(repository: Path, good: str, bad: str) -> CommitRange:
    """The commits of `bad` that `good` does not have. Never raises: the value contains the problem."""
    if not (_HASH.fullmatch(good) and _HASH.fullmatch(bad)):
        return CommitRange(unknown="a commit is not known")
    try:
        found = history_of(repository)
        return _asked(found, good, bad) if found else _absent(good, bad)
    except CiforgeError as error:
        return CommitRange(unknown=safe_line(str(error), 200))


def _asked(repository: Repository, good: str, bad: str) -> CommitRange:
    span = f"{good}..{bad}"
    counted = git("rev-list", "--count", span, "--", at=repository, seconds=_SECONDS)
    if counted.code != 0 or not counted.text.strip().isdigit():
        return _absent(good, bad)
    many = int(counted.text)
    if many == 0:
        return CommitRange(unknown=f"{bad[:12]} has no commits that {good[:12]} lacks")
    arguments = ("log", "-z", f"--max-count={MOST}", "--no-show-signature", _FORMAT, span, "--")
    listed = git(*arguments, at=repository, seconds=_SECONDS)
    commits = _commits(listed.out) if listed.code == 0 else ()
    return CommitRange(commits=commits, more=many - len(commits))


def described(repository: Repository, revisions: Sequence[str]) -> tuple[Commit, ...]:
    """These commits with their subjects and authors, in this order; those that git lacks are left out."""
    if not revisions or not all(map(_HASH.fullmatch, revisions)):
        return ()
    arguments = (
        "log",
        "-z",
        "--no-walk=unsorted",
        "--no-show-signature",
        _FORMAT,
        *revisions,
        "--",
    )
    answer = git(*arguments, at=repository, seconds=_SECONDS)
    return _commits(answer.out) if answer.code == 0 else ()


def _absent(good: str, bad: str) -> CommitRange:
    return CommitRange(
        unknown=f"the commits between {good[:12]} and {bad[:12]} are not available locally"
    )


def _commits(out: bytes) -> tuple[Commit, ...]:
    # `-z` ends each commit with another NUL, so a commit has six fields.
    fields = out.decode("utf-8", "replace").split("\0")
    rows = [fields[at : at + 5] for at in range(0, len(fields) - 5, 6)]
    return tuple(
        Commit(
            revision=revision, subject=_line(subject, 200), author=_line(author, 80),
            address=address if _ADDRESS.fullmatch(address) else "", time=_seconds(time),
        )
        for revision, time, author, address, subject in rows
        if _HASH.fullmatch(revision)
    )  # fmt: skip


def _line(text: str, most: int) -> str:
    return safe_line(" ".join(text.split()), most)


def _seconds(text: str) -> float:
    return float(text) if text.isdigit() and len(text) < 13 else 0.0
