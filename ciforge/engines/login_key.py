"""The key by which ciforge logs in to virtual machines: its own, made once."""

import subprocess
from pathlib import Path

from ciforge.errors import EngineError
from ciforge.file_lock import locked
from ciforge.private import private_folder


def login_key(folder: Path) -> Path:
    """The file of the private key in `folder`; that of the public one ends in `.pub`.

    Raises EngineError.
    """
    key = folder / "key"
    private_folder(folder)
    with locked(folder / "key.lock"):
        if not key.exists():
            command = [
                "ssh-keygen",
                "-q",
                "-t",
                "ed25519",
                "-N",
                "",
                "-C",
                "ciforge",
                "-f",
                str(key),
            ]
            try:
                subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
            except (OSError, subprocess.CalledProcessError) as error:
                raise EngineError(f"ssh-keygen makes no key: {error}") from None
    return key
