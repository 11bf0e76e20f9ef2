"""Removes containers while ciforge goes on, and waits for it at the end."""

import threading
from collections.abc import Callable


class Removals:
    """Containers that are being removed; `remove` removes one and raises nothing."""

    def __init__(self, remove: Callable[[str], None]) -> None:
        self._remove = remove
        self._lock = threading.Lock()
        self._running: list[threading.Thread] = []

    def begin(self, container: str) -> None:
        """Begins to remove a container, whose services have ended."""
        thread = threading.Thread(target=self._remove, args=(container,), name="removal")
        with self._lock:
            self._running = [other for other in self._running if other.is_alive()]
            self._running.append(thread)
        thread.start()

    def wait(self) -> None:
        """Returns when every container is gone."""
        with self._lock:
            running, self._running = self._running, []
        for thread in running:
            thread.join()
