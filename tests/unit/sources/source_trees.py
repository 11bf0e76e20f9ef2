"""Real repositories, folders and tar files for the tests of `sources`."""

import hashlib
import io
import os
import subprocess
import tarfile
from pathlib import Path

import attrs

from ciforge.sources import Snapshot, SourceSpec, take_snapshot

COMMITTED = 1_700_000_000
"""When every commit of these tests was made."""

_ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_DATE": f"{COMMITTED} +0000",
    "GIT_COMMITTER_DATE": f"{COMMITTED} +0000",
}


def git(tree: Path, *words: str | bytes, stdin: bytes = b"") -> str:
    """Run git in `tree`; it must succeed."""
    who = (
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.org",
        "-c",
        "protocol.file.allow=always",
    )
    command = ["git", "-C", str(tree), *who, *words]
    done = subprocess.run(command, env=_ENV, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode(errors="surrogateescape").strip()


def write(tree: Path, **files: str | bytes) -> None:
    """Files by name; `__` stands for `/`, `_dot_` for `.`."""
    for name, content in files.items():
        put(tree, name.replace("__", "/").replace("_dot_", "."), content)


def put(tree: Path, name: str | bytes, content: str | bytes = "") -> Path:
    """One file, with the folders above it."""
    file = tree / os.fsdecode(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def commit(tree: Path, message: str = "one") -> str:
    """Commit everything that lies there; the hash."""
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(tree, "rev-parse", "HEAD")


def repository(tree: Path, **files: str | bytes) -> Path:
    """A repository with one commit, on the branch `main`; all its files are old."""
    tree.mkdir(parents=True)
    git(tree, "init", "--quiet", "--initial-branch=main")
    write(tree, **files)
    commit(tree)
    return tree


def age(file: Path, seconds: int = 1_000_000_000) -> Path:
    """Set the file's own time."""
    os.utime(file, (seconds, seconds), follow_symlinks=False)
    return file


@attrs.define
class Bench:
    """Where one test carries to: what was heard, and what was carried last."""

    place: Path
    heard: list[str] = attrs.field(factory=list)

    def carry(self, source: Path | str, revision: str = "", **more: object) -> Snapshot:
        """Carry the source as repository `r`."""
        wanted = SourceSpec(repo="r", place=str(source), revision=revision, **more)  # type: ignore[arg-type]
        return take_snapshot(wanted, self.place / "out", self.place / "mirrors", self.heard.append)

    def tree(self, source: Path | str, revision: str = "", **more: object) -> dict[str, str]:
        """What is carried of the source: a path to content, `-> target`, or `/` for a folder."""
        return content(self.carry(source, revision, **more))

    def files(self, source: Path | str, revision: str = "", **more: object) -> set[str]:
        """The names of carried files and links."""
        return {name for name, text in self.tree(source, revision, **more).items() if text != "/"}


def members(carried: Snapshot) -> dict[str, tarfile.TarInfo]:
    """The members of the tar file, by name."""
    with tarfile.open(carried.archive, errors="surrogateescape") as tar:
        return {member.name: member for member in tar}


def content(carried: Snapshot) -> dict[str, str]:
    """Path to content, `-> target`, or `/` for a folder."""
    found = {}
    with tarfile.open(carried.archive, errors="surrogateescape") as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isfile() else None
            text = file.read().decode("latin-1") if file else "/"
            found[member.name] = f"-> {member.linkname}" if member.issym() else text
    return found


def fingerprint(tree: Path) -> dict[str, str]:
    """Every path below, `.git` included, with its type, mode, time and bytes."""
    found = {}
    for path in sorted(tree.rglob("*")):
        info = path.lstat()
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        about = (info.st_mode, info.st_mtime_ns, hashlib.sha256(data).hexdigest())
        found[str(path)] = repr(about)
    return found


def tar_of(*items: tarfile.TarInfo | tuple[str, str], mode: str = "w:gz") -> bytes:
    """A tar file of headers without content and of (name, text) pairs."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode=mode) as tar:  # type: ignore[call-overload]
        for item in items:
            if isinstance(item, tuple):
                data = item[1].encode()
                info = tarfile.TarInfo(item[0])
                info.size, info.mtime = len(data), 1_500_000_000
                tar.addfile(info, io.BytesIO(data))
            else:
                tar.addfile(item)
    return raw.getvalue()


def member(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    """A header without content."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, 0o755
    return info
