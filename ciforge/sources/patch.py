"""Applies a patch to a private copy of a source, by git."""

import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import attrs

from ciforge.errors import EngineError, UsageError
from ciforge.sanitize import escaped
from ciforge.sources.directory import read_folder
from ciforge.sources.git import Repository, git, git_error, init_bare
from ciforge.sources.patch_mail import diffs_of
from ciforge.sources.tar_writer import ordered
from ciforge.sources.tree_entry import Entry, EntryKind, MessageHandler, Readable

# The time of every unpacked file, by which patched files are recognised.
_BEFORE = 1
# Conversions are switched off: the copy has the contents as stored.
_ATTRIBUTES = "* -text -eol -crlf -ident -filter -working-tree-encoding\n"
_HEADERS = re.compile(rb"^(?:--- (?P<old>\S+)[^\n]*\n\+\+\+ (?P<new>\S+))", re.M)
_FAILED = re.compile(r"patch failed: (?P<file>.*):(?P<line>\d+)")
_ECHO = re.compile(r".*: patch does not apply$")
_SHOWN = 20
_BLOCK = 1 << 20


@contextmanager
def apply_patch(
    entries: Iterable[Entry], patch: bytes, name: str, folder: Path, on_message: MessageHandler
) -> Iterator[tuple[Entry, ...]]:
    """The entries after the patch, readable in this block; patched files have the newest times.

    Raises UsageError with file and hunk if the patch does not apply.
    """
    with tempfile.TemporaryDirectory(prefix=".patch-", dir=folder) as scratch:
        work = Path(scratch).resolve()
        diffs = diffs_of(patch, name, work)
        before = {entry.path: entry for entry in ordered(entries)}
        tree, repository = work / "tree", _repository(work)
        _unpack(before.values(), tree, on_message)
        for diff in diffs:
            _apply(diff, name, tree, repository)
        newer = max((entry.mtime for entry in before.values()), default=0) + 1
        after = read_folder(tree, on_message).entries
        yield tuple(_dated(entry, before.get(entry.path), newer) for entry in after)


def _repository(work: Path) -> Path:
    # A separate repository, so that git uses neither one around the folder nor one in the source.
    repository = work / "repository"
    made = init_bare(repository)
    if made.code != 0:
        raise git_error(made, repository)
    (repository / "info").mkdir(exist_ok=True)
    (repository / "info" / "attributes").write_text(_ATTRIBUTES)
    return repository


def _unpack(entries: Iterable[Entry], tree: Path, on_message: MessageHandler) -> None:
    """Writes the entries, parents first; `ordered` has checked that no path leads through a link."""
    tree.mkdir()
    for entry in entries:
        place = os.path.join(os.fsencode(tree), entry.path)  # noqa: PTH118
        try:
            _write(entry, place)
        except FileNotFoundError:
            on_message(f"{escaped(entry.path)} vanished while it was read: left out")
            continue
        if entry.kind is not EntryKind.FOLDER:
            os.utime(place, (_BEFORE, _BEFORE), follow_symlinks=False)


def _write(entry: Entry, place: bytes) -> None:
    if entry.kind is EntryKind.FOLDER:
        os.mkdir(place)  # noqa: PTH102
    elif entry.kind is EntryKind.LINK:
        os.symlink(entry.target, place)  # noqa: PTH211
    else:
        with entry.open() as (size, stream), open(place, "xb") as file:  # noqa: PTH123
            _copy(stream, file, size)
        os.chmod(place, _plain_mode(entry.mode))  # noqa: PTH101


def _copy(stream: Readable, file: BinaryIO, size: int) -> None:
    while size:
        block = stream.read(min(size, _BLOCK))
        if not block:
            raise EngineError("the source ended in the middle of a file", hint="try git fsck")
        file.write(block)
        size -= len(block)


def _dated(after: Entry, before: Entry | None, newer: int) -> Entry:
    if (
        before
        and before.kind is after.kind
        and (after.kind is EntryKind.FOLDER or after.mtime == _BEFORE)
    ):
        return attrs.evolve(after, mode=before.mode, mtime=before.mtime)
    if after.kind is not EntryKind.FILE:
        return attrs.evolve(after, mtime=newer)
    mode = _plain_mode(after.mode)
    if before and before.kind is EntryKind.FILE and _plain_mode(before.mode) == mode:
        mode = before.mode
    return attrs.evolve(after, mtime=newer, mode=mode)


def _plain_mode(mode: int) -> int:
    return 0o755 if mode & stat.S_IXUSR else 0o644


def _apply(diff: bytes, name: str, tree: Path, repository: Path) -> None:
    reasons = []
    for text in _readings(diff):
        for strip in (0, 1) if _is_unprefixed(text) else (1,):
            answer = git(
                "apply", "--whitespace=nowarn", f"-p{strip}", "-", stdin=text,
                at=Repository(git_dir=repository, work_tree=tree),
                env={"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull},
            )  # fmt: skip
            if answer.code == 0:
                return
            reasons.append(_reason(answer.err, text))
    raise UsageError(
        f"{escaped(name)} does not apply: {reasons[0]}",
        hint="is it for this revision? run `git apply --check` in a checkout",
    )


def _readings(diff: bytes) -> tuple[bytes, ...]:
    """The diff; before it, a copy without the carriage returns that mail or an editor may have
    added.
    """
    if re.search(rb"^(diff -|--- |@@ -)[^\n]*\r$", diff, re.M):
        return diff.replace(b"\r\n", b"\n"), diff
    return (diff,)


def _is_unprefixed(diff: bytes) -> bool:
    """Whether names have no `a/` and `b/`, as written by CVS and `git diff --no-prefix`."""
    pairs = [m.group("old", "new") for m in _HEADERS.finditer(diff)]
    pairs = [pair for pair in pairs if b"/dev/null" not in pair]
    return bool(pairs) and all(old == new for old, new in pairs)


def _reason(err: str, diff: bytes) -> str:
    lines = [
        line.removeprefix("error: ") for line in err.splitlines() if line.startswith("error: ")
    ]
    reasons = []
    for line in lines:
        if failed := _FAILED.fullmatch(line):
            where = f"{failed['file']}, hunk {_hunk(diff, failed['file'], failed['line'])}"
            reasons.append(f"{where} (line {failed['line']})")
        elif not _ECHO.fullmatch(line):
            reasons.append(line)
    if len(reasons) > _SHOWN:
        reasons[_SHOWN:] = [f"and {len(reasons) - _SHOWN} more"]
    return "; ".join(escaped(reason) for reason in reasons) or escaped(err.strip())


def _hunk(diff: bytes, file: str, line: str) -> int:
    """The number of the hunk that begins at that line, from 1; 0 if none does."""
    number, ours = 0, False
    for row in diff.splitlines():
        if row.startswith(b"--- "):
            number, ours = 0, False
        if row.startswith((b"--- ", b"+++ ")):
            ours = ours or row.split(b"\t")[0].rstrip(b'"').endswith(file.encode())
        elif ours and row.startswith(b"@@ -"):
            number += 1
            if re.match(rb"@@ -" + line.encode() + rb"\b", row):
                return number
    return 0
