"""A new git directory for a container: HEAD, its history and tags, and nothing of the person's.

It is made of objects and names alone. Configuration, remotes, branches, hooks, logs and credentials are
not read. Of earlier commits it has no files: `git describe`, `git log` and `git status` work, and
`git checkout` of another commit does not.
"""

import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ciforge.errors import UsageError
from ciforge.sanitize import escaped
from ciforge.sources.checkout import inside
from ciforge.sources.git import Repository, git, git_output
from ciforge.untrusted import read_file

_LIMIT = 1 << 20
_SHA256 = "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n"


def write_git(repository: Repository, commit: str, archive: Path) -> None:
    """Writes a tar file with `.git`, as after a checkout of `commit` without a branch.

    Raises UsageError where there is no commit, or the source is not the top of its checkout.
    """
    if not commit:
        raise UsageError(f"{escaped(str(repository.name))}: `git: true` needs a commit")
    if inside(repository):
        raise UsageError(
            f"{escaped(str(repository.name))}: `git: true` carries the git directory of a whole checkout",
            hint="name the top of the checkout by `path`, and the folder in it by `in`",
        )
    with _made(repository, commit, archive.parent) as folder:
        when = int(git_output("log", "-1", "--format=%ct", commit, at=repository).text or 0)
        with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
            for path in sorted(folder.rglob("*")):
                _add(tar, path, f".git/{path.relative_to(folder)}", when)


def _add(tar: tarfile.TarFile, path: Path, name: str, when: int) -> None:
    info = tarfile.TarInfo(name)
    info.mtime = when
    if path.is_dir():
        info.type, info.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(info)
        return
    info.mode, info.size = 0o644, path.stat().st_size
    with path.open("rb") as stream:
        tar.addfile(info, stream)


@contextmanager
def _made(repository: Repository, commit: str, scratch: Path) -> Iterator[Path]:
    with TemporaryDirectory(prefix=".git-", dir=scratch) as place:
        folder = Path(place)
        (folder / "objects" / "pack").mkdir(parents=True)
        (folder / "refs").mkdir()
        tags = _tags(repository, commit)
        names = _objects(repository, commit, tags)
        pack = folder / "objects" / "pack" / "pack"
        git_output("pack-objects", "--quiet", pack, at=repository, stdin=b"\n".join(names) + b"\n")
        (folder / "HEAD").write_text(f"{commit}\n")
        (folder / "packed-refs").write_bytes(b"".join(b"%s %s\n" % tag for tag in tags))
        if len(commit) > 40:
            (folder / "config").write_text(_SHA256)
        _write_shallow(repository, frozenset(names), folder)
        answer = git(
            "read-tree", commit, at=repository, env={"GIT_INDEX_FILE": str(folder / "index")}
        )
        if answer.code != 0:
            raise UsageError(f"{escaped(str(repository.name))}: {answer.reason}")
        yield folder


def _tags(repository: Repository, commit: str) -> list[tuple[bytes, bytes]]:
    """Hash and full name of each tag of the commit and of those before it."""
    form = "--format=%(objectname) %(refname)"
    answer = git_output("for-each-ref", f"--merged={commit}", form, "refs/tags", at=repository)
    lines = (line.partition(b" ") for line in answer.out.splitlines())
    return [(name, ref) for name, _, ref in lines]


def _objects(repository: Repository, commit: str, tags: list[tuple[bytes, bytes]]) -> list[bytes]:
    """The commits and tags, and the files of this commit."""
    wanted = b"".join(name + b"\n" for name, _ in tags)
    history = ("rev-list", "--objects", "--filter=tree:0", "--stdin", commit)
    files = ("rev-list", "--objects", "--no-walk", commit)
    found = git_output(*history, at=repository, stdin=wanted).out + b"\n"
    found += git_output(*files, at=repository).out
    return sorted({line.split(b" ", 1)[0] for line in found.splitlines() if line})


def _write_shallow(repository: Repository, names: frozenset[bytes], folder: Path) -> None:
    """The commits whose parents a shallow clone lacks."""
    file = repository.git_dir / "shallow"
    if os.path.lexists(file):
        ends = [name for name in read_file(file.resolve(), _LIMIT).split() if name in names]
        (folder / "shallow").write_bytes(b"".join(name + b"\n" for name in ends))
