"""Bare mirrors of git addresses, fetched for every run by one process at a time."""

import hashlib
import re
import shutil
from pathlib import Path

from ciforge.errors import CiforgeError, EngineError, UsageError
from ciforge.file_lock import locked
from ciforge.private import private_folder
from ciforge.sanitize import escaped
from ciforge.sources.commit import commit_of, unknown_revision
from ciforge.sources.git import GitOutput, Repository, git, git_error, git_output, init_bare
from ciforge.sources.git_remote import Remote, remote_of
from ciforge.sources.git_url import without_secrets
from ciforge.sources.tree_entry import MessageHandler

_FULL_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.I)
_FETCH = (
    "fetch", "--quiet", "--force", "--prune", "--no-tags", "--no-write-fetch-head",
    "--no-auto-maintenance", "--update-shallow", "--no-recurse-submodules",
)  # fmt: skip
_BRANCHES_AND_TAGS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
# Messages of git, curl and ssh. After a failure of the network, the address may be right.
_NETWORK = re.compile(
    r"could not resolve|temporary failure|timed? ?out|connection (refused|reset|closed)|unreachable"
    r"|no route to host|couldn't connect|failed to connect|returned error: 5\d\d|too many requests",
    re.I,
)
_WRONG = re.compile(
    r"not found|does not exist|no such (file|device|remote)|does not appear to be a git repository"
    r"|not a git repository|authentication failed|could not read (username|password)"
    r"|permission denied|access denied|host key verification failed|returned error: 40[0-4]"
    r"|transport '.*' not allowed|unable to find remote helper|dubious ownership|access rights",
    re.I,
)
_DAMAGED = re.compile(
    r"bad object|broken ref|object file .* is empty|loose object .* is corrupt|bad config"
    r"|packfile .* (is|cannot)|missing object|unable to (read|parse) (ref|object)|invalid sha1 pointer"
)


def update_mirror(
    address: str,
    revision: str,
    branches: tuple[str, ...],
    mirrors: Path,
    on_message: MessageHandler,
    *,
    anonymous: bool = False,
) -> tuple[Path, str]:
    """The mirror of the address, just fetched, and the hash of the requested commit.

    An `anonymous` fetch uses no password, key or setting of the user. Raises UsageError for a wrong
    address or revision, and EngineError for a failure of the network.
    """
    remote = remote_of(address, anonymous=anonymous)
    private_folder(mirrors)
    mirror = mirror_of(address, mirrors)
    waiting = "waiting for another run that fetches the same repository"
    with locked(mirror.with_suffix(".lock"), on_wait=lambda: on_message(waiting)):
        on_message(f"fetching {escaped(remote.shown)}")
        _refresh(mirror, remote)
        return mirror, _wanted(mirror, remote, revision, branches)


def mirror_of(address: str, mirrors: Path) -> Path:
    """The path of an address's mirror, whether or not it exists; passwords do not change it."""
    name = hashlib.sha256(without_secrets(address).encode(errors="surrogateescape")).hexdigest()[
        :16
    ]
    return mirrors / f"{name}.git"


def _refresh(mirror: Path, remote: Remote) -> None:
    ours = Repository(git_dir=mirror)
    if not (mirror.is_dir() and git("rev-parse", "--git-dir", at=ours).code == 0):
        _make(mirror, remote)
        return
    for stale in mirror.rglob("*.lock"):
        # This process holds the lock, so the one that created it was killed.
        stale.unlink(missing_ok=True)
    answer = _fetched(mirror, remote, *_BRANCHES_AND_TAGS)
    if answer.code != 0 and _DAMAGED.search(answer.err):
        _make(mirror, remote)
    elif answer.code != 0:
        raise _unreachable(answer, remote)


def _make(mirror: Path, remote: Remote) -> None:
    new = mirror.with_suffix(".new")
    _remove(new)
    made = init_bare(new)
    if made.code != 0:
        raise git_error(made, new)
    answer = _fetched(new, remote, *_BRANCHES_AND_TAGS)
    if answer.code != 0:
        _remove(new)
        raise _unreachable(answer, remote)
    _remove(mirror)
    new.rename(mirror)


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _fetched(mirror: Path, remote: Remote, *refs: str) -> GitOutput:
    try:
        arguments = (*remote.arguments, *_FETCH, "--", remote.url, *refs)
        return git(*arguments, at=Repository(git_dir=mirror), env=remote.variables)
    except EngineError as error:
        raise EngineError(f"{remote.shown}: {error}", hint=_hint()) from None


def _wanted(mirror: Path, remote: Remote, revision: str, branches: tuple[str, ...]) -> str:
    name = f"refs/heads/{branches[0]}" if branches and not revision else revision or "HEAD"
    ours = Repository(git_dir=mirror)
    # The part after the name of the ref in `refs/pull/12/head~1`.
    ref = re.split(r"[~^:@]", name)[0]
    if ref in ("HEAD", "") or (ref.startswith("refs/") and not ref.startswith(_SPACES)):
        _fetch_ref(mirror, remote, ref or "HEAD", revision)
    elif _FULL_HASH.fullmatch(ref) and not commit_of(ours, ref):
        _fetched(mirror, remote, ref)
    if commit := commit_of(ours, name):
        return commit
    wrong = revision or (branches[0] if branches else "HEAD")
    raise unknown_revision(ours, remote.shown, wrong)


_SPACES = ("refs/heads/", "refs/tags/")


def _fetch_ref(mirror: Path, remote: Remote, ref: str, revision: str) -> None:
    """Fetches HEAD, or a ref that is neither branch nor tag."""
    answer = _fetched(mirror, remote, f"+{ref}:{'refs/ciforge/HEAD' if ref == 'HEAD' else ref}")
    if answer.code != 0 and re.search(r"couldn't find remote ref|invalid refspec", answer.err):
        hint = "" if revision else "name a branch or a revision"
        ours = Repository(git_dir=mirror)
        raise unknown_revision(ours, remote.shown, revision or ref, hint)
    if answer.code != 0:
        raise _unreachable(answer, remote)
    if ref == "HEAD":
        ours = Repository(git_dir=mirror)
        git_output("update-ref", "--no-deref", "HEAD", "refs/ciforge/HEAD", at=ours)


def _unreachable(answer: GitOutput, remote: Remote) -> CiforgeError:
    wrong = _WRONG.search(answer.err) and not _NETWORK.search(answer.err)
    return (UsageError if wrong else EngineError)(
        f"{escaped(remote.shown)}: {remote.masked(answer.reason)}", hint=_hint()
    )


def _hint() -> str:
    return "name the source with --source REPO=PATH"
