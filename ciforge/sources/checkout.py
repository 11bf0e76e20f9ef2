"""Which checkout a folder lies in, and where that came from."""

import os
import re
from pathlib import Path

from ciforge.errors import UsageError
from ciforge.sources.address import is_address, without_secrets
from ciforge.sources.entry import shown
from ciforge.sources.git import git, trouble

_NONE = re.compile(r"not a git repository \(or any|must be run in a work tree")


def checkout_of(here: Path) -> Path | None:
    """The top of the git work tree that `here` lies in. UsageError where git refuses that one."""
    here = here.resolve()
    # Without a .git above, git need not even be installed.
    if not here.is_dir() or not any(_has_git(place) for place in (here, *here.parents)):
        return None
    answer = git("rev-parse", "--show-toplevel", at=here)
    if answer.code == 0 and answer.text:
        return Path(answer.text)
    if answer.code == 0 or _NONE.search(answer.err):
        return None
    raise trouble(answer, here)


def remotes_of(tree: Path) -> tuple[str, ...]:
    """The addresses of the remotes of the work tree, as written and as git expands them."""
    if checkout_of(tree) is None:
        return ()
    written = git("config", "-z", "--get-regexp", r"^remote\..*\.(url|pushurl)$", at=tree)
    pairs = [line.partition("\n") for line in written.out.decode(errors="replace").split("\0")]
    addresses = [value for _, _, value in pairs if value]
    names = dict.fromkeys(key.split(".", 1)[1].rsplit(".", 1)[0] for key, _, _ in pairs if key)
    for name in names:
        expanded = git("remote", "get-url", "--all", "--", name, at=tree)
        addresses += expanded.text.splitlines() if expanded.code == 0 else []
    return tuple(dict.fromkeys(addresses))


def origin_of(tree: Path) -> tuple[str, str, str] | None:
    """Name, address (without a password) and main branch of the first remote, `origin` before others.

    None where `tree` is not the top of a work tree or has no remote with an address of its own; the
    branch is the remote's HEAD, else the one that is checked out, else empty.
    """
    if not own_checkout(tree):
        return None
    names = git("remote", at=tree).text.splitlines()
    for name in sorted(names, key=lambda one: one != "origin"):
        told = git("remote", "get-url", "--", name, at=tree)
        address = without_secrets(told.text)
        if told.code == 0 and is_address(address):
            return shown(name), address, _main_branch(tree, name)
    return None


def _main_branch(tree: Path, remote: str) -> str:
    head = git("symbolic-ref", "-q", f"refs/remotes/{remote}/HEAD", at=tree)
    if head.code == 0:
        return head.text.removeprefix(f"refs/remotes/{remote}/")
    return git("symbolic-ref", "-q", "--short", "HEAD", at=tree).text


def tracked_in(tree: Path) -> tuple[str, ...]:
    """Names of the files that would be carried: tracked ones, and new ones that git does not ignore.

    Empty where git does not know the folder."""
    if checkout_of(tree) is None:
        return ()
    answer = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", at=tree)
    names = (os.fsdecode(name) for name in answer.out.split(b"\0") if name)
    return tuple(dict.fromkeys(names)) if answer.code == 0 else ()


def is_bare(place: Path) -> bool:
    """Whether the folder is a repository itself: bare, or the `.git` of a checkout."""
    return (place / "HEAD").is_file() and all((place / n).is_dir() for n in ("objects", "refs"))


def inside(folder: Path) -> bytes:
    """Where in its work tree `folder` lies, without a slash at the end; empty at the top."""
    answer = git("rev-parse", "--show-prefix", at=folder)
    if answer.code != 0:
        raise trouble(answer, folder)
    return answer.out.removesuffix(b"\n").rstrip(b"/")


def own_checkout(folder: Path) -> bool:
    """Whether `folder` is the top of a work tree, not just a part of another's."""
    if not _has_git(folder):
        return False
    try:
        return checkout_of(folder) == folder.resolve()
    except UsageError as error:
        raise UsageError(f"{shown(str(folder))}: {error}", hint=error.hint) from None


def _has_git(place: Path) -> bool:
    git_place = place / ".git"
    return git_place.is_symlink() or git_place.exists()
