"""Generated files, written into a folder for a test."""

from collections.abc import Mapping
from pathlib import Path


def in_tree(files: Mapping[str, str], tree: Path) -> Path:
    """Writes the files below `tree`."""
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(text.encode())
    return tree
