"""Locks by name, so that several jobs that need the same thing make it once."""

import threading


class NamedLocks:
    """A lock for each name, made when it is first asked for."""

    def __init__(self) -> None:
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def of(self, name: str) -> threading.Lock:
        """The lock of that name."""
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())
