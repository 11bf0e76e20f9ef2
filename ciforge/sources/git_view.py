"""A repository that another user set up, without its configuration.

git runs programs named in a repository's configuration: filters, file system monitors, hooks,
transport helpers. So that configuration is never read. Instead, git gets another git directory:
links to objects, refs and index, and a configuration with the few settings that are needed for
reading.
"""

import atexit
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import attrs

from ciforge.errors import UsageError
from ciforge.sanitize import escaped
from ciforge.sources.git import NoRepository, Repository, UncheckedFolder, git, git_error
from ciforge.untrusted import read_file

_LIMIT = 1 << 20
_SECONDS = 20.0
_PREFIX = "ciforge-git-"
_WEEK = 7 * 24 * 3600.0
_KEPT = re.compile(
    r"core\.(repositoryformatversion|filemode|symlinks|ignorecase|precomposeunicode|autocrlf|eol"
    r"|sparsecheckout|sparsecheckoutcone|excludesfile|bare|worktree)"
    # An unknown extension is an error, as in the repository itself.
    r"|extensions\.(?!partialclone$|worktreeconfig$)[^.]*"
    r"|(remote\..+\.(url|pushurl|fetch)|url\..+\.(insteadof|pushinsteadof)|branch\..+\.(remote|merge))"
    r"|(uploadpack\.(allow\w+|hiderefs)|transfer\.hiderefs|index\.sparse)",
    re.S,
)
"""Settings that are needed for reading objects, refs and files, or that are plain text."""
_OURS = ("core.bare", "core.worktree")
_LEFT_OUT = frozenset({
    "HEAD", "config", "config.worktree", "hooks", "commondir", "gitdir", "worktrees", "modules", "info",
})  # fmt: skip
_NONE = re.compile(r"not a git repository \(or any|cannot use bare repository")

Settings = tuple[tuple[str, str], ...]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class _Original:
    """The git directory that a view is made from, and how it is recognised."""

    git_dir: Path
    common: Path
    head: bytes
    config: tuple[bytes, ...]
    names: tuple[str, ...]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class View:
    """A git directory in place of one of another user."""

    git_dir: Path
    settings: Settings
    modules: Path
    """The folder with the repositories of submodules."""
    linked: bool
    """Whether it belongs to a linked working tree, for which `core.bare` is ignored."""

    def setting(self, name: str) -> str:
        """The last value of a setting, or nothing."""
        return next((value for key, value in reversed(self.settings) if key == name), "")

    def is_off(self, name: str) -> bool:
        """Whether a setting that is on by default is off."""
        return self.setting(name).lower() in ("false", "no", "off", "0")

    @property
    def is_bare(self) -> bool:
        """Whether it has no working tree."""
        return not self.linked and self.setting("core.bare").lower() in ("true", "yes", "on", "1")


_made: dict[_Original, View] = {}


def view_of(top: Path) -> View | None:
    """The view of the repository whose `.git` is in `top`; None if that is not a repository.

    Raises UsageError if git refuses it, for instance because another user owns it.
    """
    git_dir = _git_dir(top)
    # Before git runs: it would wait for a fifo.
    original = _original(git_dir) if git_dir else None
    answer = git("rev-parse", "--absolute-git-dir", at=UncheckedFolder(top), seconds=_SECONDS)
    if answer.code != 0:
        if _NONE.search(answer.err):
            return None
        raise git_error(answer, top)
    # If `.git` is not a repository, older versions of git take `top` for a bare one.
    if not git_dir or not original or os.path.realpath(answer.text) != str(git_dir):
        return None
    view = _view(original)
    _refuse_other_tree(view, git_dir, top)
    return view


def bare_view_of(git_dir: Path) -> View:
    """The view of a bare repository, or of `.git` of a checkout, that the user named. Raises
    UsageError.
    """
    git_dir = git_dir.resolve()
    original = _original(git_dir)
    arguments = ("-c", "safe.bareRepository=all", "rev-parse", "--absolute-git-dir")
    answer = git(*arguments, at=UncheckedFolder(git_dir), seconds=_SECONDS)
    if answer.code != 0 or original is None:
        raise git_error(answer, git_dir)
    return _view(original)


def _git_dir(top: Path) -> Path | None:
    """The folder that `.git` is, or that the file of that name points to."""
    place = top / ".git"
    if place.is_dir():
        return place.resolve()
    try:
        text = read_file(place, _LIMIT).decode(errors="surrogateescape")
    except OSError:
        return None
    return (top / text.removeprefix("gitdir:").strip(" ").rstrip("\r\n")).resolve()


def _refuse_other_tree(view: View, git_dir: Path, top: Path) -> None:
    tree = view.setting("core.worktree")
    if tree and (git_dir / tree).resolve() != top.resolve():
        raise UsageError(
            f"{escaped(str(top))}: its core.worktree names another folder, {escaped(tree)}",
            hint="build that folder, or unset core.worktree",
        )


def _view(original: _Original) -> View:
    if original not in _made:
        _made[original] = _make(original)
    return _made[original]


def _original(git_dir: Path) -> _Original | None:
    """None if it is not a git directory. Raises UsageError if it cannot be read."""
    try:
        common = _common(git_dir)
        files = (common / "config", git_dir / "config.worktree")
        return _Original(
            git_dir=git_dir, common=common, head=read_file(git_dir / "HEAD", _LIMIT),
            config=tuple(_content(file) for file in files),
            names=tuple(sorted({*os.listdir(git_dir), *os.listdir(common)})),  # noqa: PTH208
        )  # fmt: skip
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        message = (
            f"{escaped(str(git_dir))}: git needs this file, and it cannot be read: {error.strerror}"
        )
        raise UsageError(message) from None


def _common(git_dir: Path) -> Path:
    """The folder that linked working trees share."""
    text = _content(git_dir / "commondir").decode(errors="surrogateescape").rstrip("\r\n")
    return (git_dir / text).resolve() if text else git_dir


def _content(file: Path) -> bytes:
    return read_file(file, _LIMIT) if os.path.lexists(file) else b""


def _make(original: _Original) -> View:
    _sweep()
    place = Path(tempfile.mkdtemp(prefix=_PREFIX))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    (place / "HEAD").write_bytes(original.head)
    settings = tuple(_settings(original, place))
    (place / "config").write_bytes(_written(settings))
    (place / "info").mkdir()
    # Settings of a linked working tree override shared ones.
    for folder in dict.fromkeys((original.git_dir, original.common)):
        _link(folder, place, _LEFT_OUT)
        _link(folder / "info", place / "info", frozenset())
    linked = original.git_dir != original.common
    modules = original.common / "modules"
    return View(git_dir=place, settings=settings, modules=modules, linked=linked)


def _sweep() -> None:
    """Removes views of processes that were killed more than a week ago."""
    for old in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            info = old.lstat()
            if info.st_uid == os.geteuid() and time.time() - info.st_mtime > _WEEK:
                shutil.rmtree(old, ignore_errors=True)


def _link(folder: Path, place: Path, left_out: frozenset[str]) -> None:
    names = sorted(os.listdir(folder)) if folder.is_dir() else []  # noqa: PTH208
    for name in names:
        there = folder / name
        # git would wait for a fifo for ever.
        readable = there.is_file() or there.is_dir()
        if name not in left_out and readable and not os.path.lexists(place / name):
            (place / name).symlink_to(there)


def _settings(original: _Original, place: Path) -> Iterator[tuple[str, str]]:
    for text in original.config:
        (place / "original").write_bytes(text)
        arguments = ("config", "--no-includes", "-z", "--list", "--file", place / "original")
        answer = git(*arguments, at=NoRepository(place))
        if answer.code != 0:
            raise git_error(answer, original.git_dir)
        for item in answer.out.decode(errors="surrogateescape").split("\0")[:-1]:
            name, newline, value = item.partition("\n")
            if _KEPT.fullmatch(name) and _is_readable(name, value):
                # A name without a value means true.
                yield name, value if newline else "true"
    (place / "original").unlink()


def _is_readable(name: str, value: str) -> bool:
    """Whether a setting names a regular file, so that git does not wait."""
    return name != "core.excludesfile" or os.path.isfile(os.path.expanduser(value))  # noqa: PTH111, PTH113


def _written(settings: Settings) -> bytes:
    lines = []
    for name, value in settings:
        section, _, rest = name.partition(".")
        middle, dot, key = rest.rpartition(".")
        head = f'{section} "{_escaped(middle)}"' if dot else section
        if name not in _OURS and "\n" not in middle:
            lines.append(f'[{head}]\n\t{key} = "{_escaped(value)}"\n')
    return "".join(lines).encode(errors="surrogateescape")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def repository(view: View, work_tree: Path, folder: Path) -> Repository:
    """The repository for git: this view, the working tree, and the folder in which git runs."""
    modes = not view.is_off("core.filemode")
    return Repository(
        git_dir=view.git_dir, work_tree=work_tree, folder=folder, modules=view.modules, has_modes=modes
    )  # fmt: skip
