"""What tells one state folder from every other, also from a later one in the same place."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

FILE_NAME = "identity"


def identity_of(state: Path) -> str:
    """A random word of this state folder; it is made at the first call and then stays."""
    file = state / FILE_NAME
    if not file.is_file():
        _make(file)
    return file.read_text(encoding="ascii").strip()


def _make(file: Path) -> None:
    """Writes it whole; of two that do so at once, the first one wins."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, encoding="ascii") as half:
        half.write(secrets.token_hex(16) + "\n")
        half.flush()
        with suppress(FileExistsError):
            os.link(half.name, file)
