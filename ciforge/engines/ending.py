"""The mark that ends a step's output: without it nobody can tell a whole stream from one that was cut."""


class Ending:
    """Takes output as it comes and hands it on without the mark."""

    def __init__(self, mark: bytes) -> None:
        self._mark = mark
        self._held = b""
        self.seen = False

    def feed(self, data: bytes) -> bytes:
        """Output without the mark; what could be its beginning is held back."""
        if self.seen:
            return data
        before, self.seen, after = _split(self._held + data, self._mark)
        self._held = b"" if self.seen else _beginning(before, self._mark)
        return before[: len(before) - len(self._held)] + after

    def flush(self) -> bytes:
        """What was held back and turned out to be no mark."""
        held, self._held = self._held, b""
        return held


def _split(data: bytes, mark: bytes) -> tuple[bytes, bool, bytes]:
    before, found, after = data.partition(mark)
    return before, bool(found), after


def _beginning(data: bytes, mark: bytes) -> bytes:
    """The longest end of `data` that the mark begins with."""
    for size in range(min(len(mark) - 1, len(data)), 0, -1):
        if data.endswith(mark[:size]):
            return mark[:size]
    return b""
