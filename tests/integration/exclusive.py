"""Tests beside which no other one may run: a lock that all workers of a checkout share."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rig import locked

_QUEUE, _ROOM = Path(__file__), Path(__file__).with_name("rig.py")
"""Two files to lock; what they hold is of no account."""


class Turn:
    """A worker's lock: shared around most tests, exclusive around those that are `alone`."""

    def __init__(self) -> None:
        self._held = ExitStack()
        self._alone = False

    @contextmanager
    def taken(self, *, alone: bool, next_alone: bool) -> Iterator[None]:
        """Holds it around a test. Tests that are alone and follow each other keep it in between:
        else each of them would wait for a test of another worker."""
        if not self._alone:
            with locked(_QUEUE):  # a test that waits here to be alone is not overtaken
                self._held.enter_context(locked(_ROOM, alone=alone))
        self._alone = alone and next_alone
        try:
            yield
        finally:
            if not self._alone:
                self._held.close()
