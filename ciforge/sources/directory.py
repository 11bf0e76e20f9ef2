"""Reads a folder that is not in a git repository."""

import os
from collections.abc import Iterator
from pathlib import Path

from ciforge.errors import UsageError
from ciforge.sanitize import escaped
from ciforge.sources.safe_tree import SafeTree
from ciforge.sources.tree_entry import Entry, EntryKind, MessageHandler, SourceTree


def read_folder(root: Path, on_message: MessageHandler, left: tuple[bytes, ...] = ()) -> SourceTree:
    """All files, folders and links below `root`, with their times in whole seconds."""
    return SourceTree(entries=tuple(_everything(SafeTree(root, on_message, left))))


def _everything(tree: SafeTree) -> Iterator[Entry]:
    folders = [b""]
    while folders:
        for entry in _in_folder(tree, folders.pop()):
            yield entry
            if entry.kind is EntryKind.FOLDER:
                folders.append(entry.path)


def _in_folder(tree: SafeTree, path: bytes) -> Iterator[Entry]:
    for name in names(tree, path):
        below = path + b"/" + name if path else name
        info = tree.lstat(below)
        if name == b".git" or info is None:
            continue
        entry = tree.entry(below, info, int(info.st_mtime))
        if entry is not None:
            yield entry


def names(tree: SafeTree, path: bytes) -> list[bytes]:
    """The names in the folder; none if it vanished. Raises UsageError if it cannot be read."""
    try:
        return sorted(os.listdir(tree.absolute(path)))  # noqa: PTH208
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise UsageError(f"{escaped(tree.absolute(path))}: {error.strerror}") from None
