"""Finds the checkout that a folder is in, and its remotes."""

import os
from pathlib import Path

from ciforge.errors import UsageError
from ciforge.sanitize import escaped
from ciforge.sources.git import Repository, git
from ciforge.sources.git_url import is_address, without_secrets
from ciforge.sources.git_view import bare_view_of, repository, view_of


def checkout_of(here: Path) -> Path | None:
    """The top folder of the git working tree that `here` is in. Raises UsageError if git refuses
    it.
    """
    found = repository_of(here)
    return found.work_tree if found else None


def repository_of(here: Path) -> Repository | None:
    """The repository of the working tree that `here` is in, for running git in `here`.

    None if there is none. Raises UsageError if git refuses it.
    """
    here = here.resolve()
    if not here.is_dir() or ".git" in here.parts:
        return None
    for top in (here, *here.parents):
        # Without a .git folder, git is not required.
        if _has_git(top) and (view := view_of(top)):
            return None if view.is_bare else repository(view, top, here)
    return None


def history_of(place: Path) -> Repository | None:
    """The repository of a checkout, or a bare repository, for reading commits only. Raises
    UsageError.
    """
    if is_bare(place):
        return Repository(git_dir=bare_view_of(place).git_dir)
    return repository_of(place)


def work_tree_of(here: Path) -> Repository:
    """Like `repository_of`, but raises UsageError if there is none."""
    if (found := repository_of(here)) is None:
        raise UsageError(f"{escaped(str(here))}: not a git repository")
    return found


def remotes_of(tree: Path) -> tuple[str, ...]:
    """The addresses of the remotes, as written and as git expands them."""
    if (here := repository_of(tree)) is None:
        return ()
    written = git("config", "-z", "--get-regexp", r"^remote\..*\.(url|pushurl)$", at=here)
    pairs = [line.partition("\n") for line in written.out.decode(errors="replace").split("\0")]
    addresses = [value for _, _, value in pairs if value]
    names = dict.fromkeys(key.split(".", 1)[1].rsplit(".", 1)[0] for key, _, _ in pairs if key)
    for name in names:
        expanded = git("remote", "get-url", "--all", "--", name, at=here)
        addresses += expanded.text.splitlines() if expanded.code == 0 else []
    return tuple(dict.fromkeys(addresses))


def origin_of(tree: Path) -> tuple[str, str, str] | None:
    """Name, address (without a password) and main branch of the first remote; `origin` comes first.

    None if `tree` is not the top of a working tree or has no remote. The branch is HEAD of the
    remote, else the branch that is checked out, else empty.
    """
    here = repository_of(tree) if own_checkout(tree) else None
    if here is None:
        return None
    names = git("remote", at=here).text.splitlines()
    for name in sorted(names, key=lambda remote: remote != "origin"):
        answer = git("remote", "get-url", "--", name, at=here)
        address = without_secrets(answer.text)
        if answer.code == 0 and is_address(address):
            return escaped(name), address, _main_branch(here, name)
    return None


def _main_branch(here: Repository, remote: str) -> str:
    head = git("symbolic-ref", "-q", f"refs/remotes/{remote}/HEAD", at=here)
    if head.code == 0:
        return head.text.removeprefix(f"refs/remotes/{remote}/")
    return git("symbolic-ref", "-q", "--short", "HEAD", at=here).text


def tracked_in(tree: Path) -> tuple[str, ...]:
    """Names of tracked files and of new files that are not ignored.

    Empty if the folder is not in a git repository.
    """
    if (here := repository_of(tree)) is None:
        return ()
    answer = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", at=here)
    names = (os.fsdecode(name) for name in answer.out.split(b"\0") if name)
    return tuple(dict.fromkeys(names)) if answer.code == 0 else ()


def is_bare(place: Path) -> bool:
    """Whether the folder is itself a git directory: a bare repository, or `.git` of a checkout."""
    return (place / "HEAD").is_file() and all((place / n).is_dir() for n in ("objects", "refs"))


def inside(here: Repository) -> bytes:
    """The folder in the working tree in which git runs, without a trailing slash; empty at the top."""
    if here.work_tree is None or here.folder is None:
        return b""
    part = os.fsencode(here.folder.relative_to(here.work_tree))
    return b"" if part == b"." else part


def own_checkout(folder: Path) -> bool:
    """Whether `folder` is the top of a working tree and not a folder in one."""
    if not _has_git(folder):
        return False
    try:
        return checkout_of(folder) == folder.resolve()
    except UsageError as error:
        raise UsageError(f"{escaped(str(folder))}: {error}", hint=error.hint) from None


def _has_git(place: Path) -> bool:
    git_place = place / ".git"
    return git_place.is_symlink() or git_place.exists()
