"""The identity of a state folder, which differs from that of a later one at the same path."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

FILE_NAME = "identity"


def identity_of(state: Path) -> str:
    """A random word, created at the first call."""
    file = state / FILE_NAME
    if not file.is_file():
        _make(file)
    return file.read_text(encoding="ascii").strip()


def _make(file: Path) -> None:
    """Writes it completely; of two processes, the first one wins."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, encoding="ascii") as half:
        half.write(secrets.token_hex(16) + "\n")
        half.flush()
        with suppress(FileExistsError):
            os.link(half.name, file)
