"""Folders and files that only their owner may read: all that ciforge keeps."""

import os
from pathlib import Path
from typing import IO


def private_folder(place: Path) -> Path:
    """Makes the folder and those above it that are missing, for their owner alone."""
    missing = [place, *place.parents]
    for folder in reversed([one for one in missing if not one.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    return place


def private_file(place: Path, flags: int = os.O_WRONLY | os.O_CREAT | os.O_TRUNC) -> IO[bytes]:
    """Opens a file for writing; one that is new belongs to its owner alone."""
    return os.fdopen(os.open(place, flags | os.O_CLOEXEC, 0o600), "wb")
