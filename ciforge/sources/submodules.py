"""Submodules, from the local checkout or from their addresses.

The addresses are as untrusted as the tree. They are fetched without any password, key or setting of
the user, and never from a local folder. What `git submodule update` fetched is used as it is.
"""

import os
import posixpath
import re
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import attrs

from ciforge.errors import CiforgeError, UsageError
from ciforge.sanitize import escaped
from ciforge.sources.checkout import inside, own_checkout, work_tree_of
from ciforge.sources.commit import commit_of, commit_tree
from ciforge.sources.git import NoRepository, Repository, git
from ciforge.sources.git_view import bare_view_of
from ciforge.sources.mirror import update_mirror
from ciforge.sources.tree_entry import Entry, MessageHandler, folder
from ciforge.untrusted import read_below

_LIMIT = 1 << 20
_DEEPEST = 8
_ADDRESS = re.compile(r"(?:https?|git)://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?/[!$->@-~]+")
_HINT = "git submodule update --init --recursive in a checkout, and build that"


@attrs.frozen(kw_only=True)
class NamedSubmodule:
    """A submodule in .gitmodules."""

    name: str
    url: str = ""
    update: str = ""


@attrs.frozen(kw_only=True)
class SubmoduleSources:
    """The origin of the submodules of a source; `stack` closes their readers."""

    mirrors: Path
    on_message: MessageHandler
    stack: ExitStack
    address: str = ""
    """The address of the repository itself, to which `../other.git` is relative."""
    depth: int = 0

    def of_commit(
        self, repository: Repository, commit: str, part: bytes = b""
    ) -> "SubmoduleReader":
        """The submodules of a commit, or of the folder `part` in it."""
        found = git("cat-file", "blob", f"{commit}:.gitmodules", at=repository)
        named = named_submodules(found.out) if found.code == 0 else {}
        return SubmoduleReader(self, repository, part, named)

    def of_work_tree(self, here: Repository) -> "SubmoduleReader":
        """The submodules of a working tree, or of the folder in it."""
        return SubmoduleReader(self, here, inside(here), submodules_in(here))

    def below(self, here: Repository) -> "SubmoduleSources":
        """The submodules of a submodule that is checked out."""
        return self.deeper(_origin(here))

    def deeper(self, address: str) -> "SubmoduleSources":
        """The submodules of a submodule with this address."""
        if self.depth >= _DEEPEST:
            raise UsageError(f"more than {_DEEPEST} submodules within each other")
        return attrs.evolve(self, address=address, depth=self.depth + 1)

    def repository(
        self, around: Repository, module: NamedSubmodule, path: bytes, commit: str, address: str
    ) -> Repository:
        """A repository that has the commit. Raises UsageError if there is none."""
        for there in _here(around, module, path):
            if commit_of(there, commit) == commit:
                return there
        name = f"submodule {escaped(path)}"
        if not _ADDRESS.fullmatch(address):
            raise UsageError(
                f"{name}: commit {commit[:12]} is not here, and {escaped(module.url)!r} is no public address",
                hint=_HINT,
            )  # fmt: skip
        try:
            mirror, _ = update_mirror(
                address, commit, (), self.mirrors, self.on_message, anonymous=True
            )
        except CiforgeError as error:
            raise type(error)(f"{name}: {error}", hint=_HINT) from None
        return Repository(git_dir=mirror)


@attrs.frozen
class SubmoduleReader:
    """The submodules of one .gitmodules file; called with path and commit, it gives the entries."""

    modules: SubmoduleSources
    around: Repository
    part: bytes
    named: Mapping[bytes, NamedSubmodule]

    def module(self, path: bytes) -> NamedSubmodule:
        """The submodule at `path`. Raises UsageError if .gitmodules does not name it."""
        whole = self._whole(path)
        if whole not in self.named:
            raise UsageError(
                f"{escaped(whole)}: a submodule that .gitmodules does not name, so no other clone has its files",
                hint="git submodule add ADDRESS PATH, or git rm --cached PATH",
            )  # fmt: skip
        return self.named[whole]

    def __call__(self, path: bytes, commit: bytes) -> tuple[Entry, ...]:
        """The entries of a submodule at its recorded commit, the folder itself first."""
        module = self.module(path)
        if module.update == "none":
            self.modules.on_message(
                f"{escaped(path)} is a submodule that is not to be fetched: left empty"
            )
            return (folder(path, 0),)
        name = commit.decode()
        address = _resolved(module.url, self.modules.address)
        repository = self.modules.repository(self.around, module, self._whole(path), name, address)
        nested = self.modules.deeper(address).of_commit(repository, name)
        opened = self.modules.stack.enter_context(commit_tree(repository, name, b"", nested))
        below = (attrs.evolve(entry, path=path + b"/" + entry.path) for entry in opened.entries)
        return (folder(path, 0), *below)

    def _whole(self, path: bytes) -> bytes:
        return self.part + b"/" + path if self.part else path


def submodules_of(
    here: Repository, mirrors: Path, on_message: MessageHandler, stack: ExitStack
) -> SubmoduleSources:
    """The submodules of a checkout."""
    return SubmoduleSources(
        mirrors=mirrors, on_message=on_message, stack=stack, address=_origin(here)
    )


def submodules_in(here: Repository) -> Mapping[bytes, NamedSubmodule]:
    """The submodules of a working tree by path from its top, from .gitmodules. Raises UsageError."""
    top = here.work_tree or here.name
    if not os.path.lexists(top / ".gitmodules"):
        return {}
    return named_submodules(read_below(top, ".gitmodules", _LIMIT))


def _origin(here: Repository) -> str:
    answer = git("config", "--get", "remote.origin.url", at=here)
    return answer.text if answer.code == 0 else ""


def _here(around: Repository, module: NamedSubmodule, path: bytes) -> list[Repository]:
    """The local copy of a submodule: its working tree, else its git directory."""
    found = []
    place = around.work_tree / os.fsdecode(path) if around.work_tree else None
    if place and own_checkout(place):
        found.append(work_tree_of(place))
    kept = around.modules / module.name if around.modules else None
    safe = posixpath.normpath(module.name) == module.name and not module.name.startswith(
        ("/", "..")
    )
    if kept and safe and (kept / "HEAD").is_file() and not kept.is_symlink():
        view = bare_view_of(kept)
        found.append(Repository(git_dir=view.git_dir, modules=kept / "modules"))
    return found


def named_submodules(text: bytes) -> dict[bytes, NamedSubmodule]:
    """The submodules by path, from .gitmodules. Raises UsageError if git cannot read it."""
    arguments = ("config", "--no-includes", "-z", "--list", "--file", "-")
    answer = git(*arguments, at=NoRepository(Path("/")), stdin=text)
    if answer.code != 0:
        raise UsageError(f".gitmodules: {answer.reason}")
    found: dict[str, dict[str, str]] = {}
    for item in answer.out.decode(errors="surrogateescape").split("\0")[:-1]:
        key, _, value = item.partition("\n")
        name, _, what = key.removeprefix("submodule.").rpartition(".")
        if key.startswith("submodule.") and name:
            found.setdefault(name, {})[what] = value
    return {
        os.fsencode(about["path"]): NamedSubmodule(
            name=name, url=about.get("url", ""), update=about.get("update", "")
        )
        for name, about in found.items()
        if "path" in about
    }


def _resolved(url: str, base: str) -> str:
    """The address; a relative one is resolved against the address of the repository."""
    base = base.rstrip("/")
    while base and url.startswith(("./", "../")):
        if url.startswith("../"):
            base = base.rpartition("/")[0]
        url = url.partition("/")[2]
        if not url.startswith(("./", "../")):
            return f"{base}/{url}"
    return url
