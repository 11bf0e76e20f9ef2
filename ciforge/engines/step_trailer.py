"""The mark that ends a step's output: without it a complete stream looks like one that was cut.

Behind it the wrapper names the exit code, and then comes the mark once more.
"""

import re

_REPORT = re.compile(rb"=(\d{0,3})")


class StepTrailer:
    """Takes output as it arrives and returns it without the marks and the text between them."""

    def __init__(self, mark: bytes) -> None:
        self._mark = mark
        self._held = b""
        self.seen = False
        """Whether the output came whole."""
        self.exit_code = ""
        """The exit code that the wrapper printed; empty if it was cut, or mixed with output of children."""
        self.over = False
        """Whether the report has come, or something that is none."""

    def feed(self, data: bytes) -> bytes:
        """Output without marks; what could be the beginning of one is held back."""
        if self.over:
            return data
        if not self.seen:
            output, self.seen, rest = _split(self._held + data, self._mark)
            self._held = rest if self.seen else _beginning(output, self._mark)
            if not self.seen:
                return output[: len(output) - len(self._held)]
            return output + self._reported()
        self._held += data
        return self._reported()

    def flush(self) -> bytes:
        """Output that was held back and is neither a mark nor a report."""
        held, self._held = self._held, b""
        text = held[: len(held) - len(_beginning(held, self._mark))]
        return b"" if self.seen and _REPORT.fullmatch(text) else held

    def _reported(self) -> bytes:
        """The bytes after the second mark, if it has arrived."""
        text, found, after = _split(self._held, self._mark)
        if not found:
            return b""
        self.over, self._held = True, b""
        report = _REPORT.fullmatch(text)
        if not report:
            return text + after
        self.exit_code = report[1].decode()
        return after


def _split(data: bytes, mark: bytes) -> tuple[bytes, bool, bytes]:
    before, found, after = data.partition(mark)
    return before, bool(found), after


def _beginning(data: bytes, mark: bytes) -> bytes:
    """The longest end of `data` that the mark begins with."""
    for size in range(min(len(mark) - 1, len(data)), 0, -1):
        if data.endswith(mark[:size]):
            return mark[:size]
    return b""
