"""The mark that ends a step's output: without it nobody can tell a whole stream from one that was cut.

Behind it the wrapper reports, and then comes the mark once more.
"""

import re

import attrs

from ciforge.engines.limits import Usage, read_usage

NOW = "--- now"
"""Between what the box had used up before a step and what it has after it."""
_REPORT = re.compile(rf"(\d+)\n(.*){NOW}\n((?:.*\n)?disk [^\n]+ /[^\n]*)", re.DOTALL)


@attrs.frozen(kw_only=True)
class Report:
    """What the wrapper says of a step that has ended."""

    exit_code: str
    before: Usage
    after: Usage


def read_report(text: bytes) -> Report | None:
    """From the records of the exit code and of what was used up before, NOW, and what is used up
    after; None where that is cut, or mixed with what children of the step say who live on."""
    found = _REPORT.fullmatch(text.decode(errors="replace"))
    if found is None:
        return None
    return Report(exit_code=found[1], before=read_usage(found[2]), after=read_usage(found[3]))


class Ending:
    """Takes output as it comes and hands it on without the marks and what stands between them."""

    def __init__(self, mark: bytes) -> None:
        self._mark = mark
        self._held = b""
        self.seen = False
        """Whether the output came whole."""
        self.report: Report | None = None

    def feed(self, data: bytes) -> bytes:
        """Output without marks; what could be the beginning of one is held back."""
        if self.report:
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
        """What was held back and turned out to be no mark, and no report."""
        held, self._held = self._held, b""
        return b"" if NOW.encode() in held else held

    def _reported(self) -> bytes:
        """What follows on the second mark, if that has come."""
        text, found, after = _split(self._held, self._mark)
        if not found:
            return b""
        self.report, self._held = read_report(text), b""
        return after if NOW.encode() in text else text + after


def _split(data: bytes, mark: bytes) -> tuple[bytes, bool, bytes]:
    before, found, after = data.partition(mark)
    return before, bool(found), after


def _beginning(data: bytes, mark: bytes) -> bytes:
    """The longest end of `data` that the mark begins with."""
    for size in range(min(len(mark) - 1, len(data)), 0, -1):
        if data.endswith(mark[:size]):
            return mark[:size]
    return b""
