"""Steps that need not run again, because all that they read is as it was."""

from collections.abc import Mapping

import attrs


@attrs.frozen(kw_only=True)
class SavedFile:
    """A file, link or folder that the step made or changed."""

    path: str
    kind: str
    """`file`, `link` or `folder`."""
    mode: int
    seconds: int
    """When it was changed, since 1970. Only the order counts where that was during the step."""
    nanoseconds: int
    during: bool
    """Whether it was."""
    size: int = 0
    target: str = ""

    @property
    def mtime(self) -> int:
        """Nanoseconds since 1970."""
        return self.seconds * 10**9 + self.nanoseconds


@attrs.frozen(kw_only=True)
class SavedStep:
    """What a step read and made; the contents and the log follow in the same file."""

    key: str
    """A hash of all inputs that are known before the step: see `run/step_key.py`."""
    step: str
    run: str
    """The run in which it ran."""
    inputs: Mapping[str, str]
    """Files that it read to the SHA-256 of their contents before."""
    order: tuple[int, ...]
    """Which of the inputs, in the order of their names, are older than which."""
    env: Mapping[str, str]
    """Variables that name the commit, if the inputs or results depend on them; else none."""
    files: tuple[SavedFile, ...]
    log_size: int
