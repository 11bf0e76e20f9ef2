"""Locks on files: one process, and one thread of it, holds a lock at a time.

The kernel ends a lock with its holder, also with one that is killed, so no lock is ever out of date. flock, not
lockf: it also keeps threads of one process apart. Why not the library filelock: docs/decisions/libraries-not-used.md.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(
    file: Path,
    *,
    on_wait: Callable[[], None] | None = None,
    between_tries: Callable[[], None] | None = None,
) -> Iterator[int]:
    """Hold the lock of `file` in this block. The file is created where it is missing, and stays.

    A child process that inherits the descriptor holds the lock, too, until it ends.

    `on_wait` is called once if another holds the lock. `between_tries` is called whenever another holds
    it: it sleeps, or raises to give up. Without it the kernel wakes this process, in turn. Raises OSError,
    also if `file` is a symbolic link.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(file, flags, 0o600)
    try:
        if on_wait and not try_lock(descriptor):
            on_wait()
        while between_tries and not try_lock(descriptor):
            between_tries()
        lock(descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


def lock(descriptor: int) -> None:
    """Lock an open file or folder until it is closed; waits. Raises OSError."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def try_lock(descriptor: int) -> bool:
    """Lock an open file or folder until it is closed, unless another holds the lock. Raises OSError."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
