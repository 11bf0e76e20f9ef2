"""Removes containers while ciforge goes on, and waits for it at the end."""

import threading
import time
from collections.abc import Callable

_PATIENCE, _WITH_MANY_FILES = 60.0, 0.5
"""Seconds that the end of ciforge waits: the engine takes long to remove many files, and goes on by itself."""


class Removals:
    """Containers that are being removed; `remove` removes one and raises nothing."""

    def __init__(self, remove: Callable[[str], None]) -> None:
        self._remove = remove
        self._lock = threading.Lock()
        self._running: list[tuple[threading.Thread, bool]] = []

    def begin(self, container: str, *, many_files: bool = False) -> None:
        """Begins to remove a container, whose services have ended."""
        thread = threading.Thread(
            target=self._remove, args=(container,), name="removal", daemon=True
        )
        with self._lock:
            self._running = [(other, many) for other, many in self._running if other.is_alive()]
            self._running.append((thread, many_files))
        thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Returns when every container is gone, or after so many seconds; by default not long for many files.

        What is not removed then is removed by the engine, which has been asked, else by the next start.
        """
        with self._lock:
            running = list(self._running)
        began = time.monotonic()
        for thread, many_files in running:
            usual = _WITH_MANY_FILES if many_files else _PATIENCE
            until = began + (usual if seconds is None else seconds)
            thread.join(max(0.0, until - time.monotonic()))
