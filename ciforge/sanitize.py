"""Output of builds, which may hold anything, as lines that a terminal can be shown."""

import io
import re

LIMIT = 2000
"""Characters of a line that are shown; the log keeps all of them."""

_LONG = 10_000
"""Characters of a line of a message, which may quote the name of a file more than once."""

_PIECE = 64 * 1024
"""Bytes after which a line without end is handed on in pieces."""

_STOP = r"\x07\x1b\x90\x98-\x9f"
"""What ends the text of a title or another string to the terminal, or begins a new sequence."""

_SEQUENCE = re.compile(
    # A string (OSC, DCS, SOS, PM, APC) to its end; one without end loses only its beginning,
    # so that nothing can hide what follows. Then CSI, then whatever else ESC begins.
    rf"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^{_STOP}]*+(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]"
    r"|\x1b[ -/]*+[0-~]"
)
_BREAK = re.compile("[\n\v\f\x85\u2028\u2029]")
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the direction of text around
    "\U000e0000-\U000e007f]"  # tags: invisible, yet copied along
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def safe_line(data: bytes | str, limit: int = LIMIT) -> str:
    """One line without its end: no escape sequence or control character, at most `limit` characters.

    Of a line that was written over (`10%\\r20%`) the last state stays; one that is cut ends in `…`.
    """
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    text = _SEQUENCE.sub("", _SURROGATE.sub("\ufffd", text))
    text = text.rstrip("\r\n").rpartition("\r")[2]
    text = _UNPRINTABLE.sub("", _BREAK.sub(" ", text)).expandtabs(8)
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def safe_text(text: str) -> str:
    """Lines of ours that quote something from outside: each as `safe_line` has it, hardly ever cut."""
    return "\n".join(safe_line(line, _LONG) for line in text.split("\n"))


class LineSplitter:
    """Bytes as they come to lines with their ends; joined, they are what came, whatever its pieces."""

    def __init__(self, longest: int = _PIECE) -> None:
        self._longest = longest
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes; a line longer than the bound comes in pieces without end."""
        lines = []
        for part in io.BytesIO(data):
            self._rest += part
            if part.endswith(b"\n"):
                lines += self._take_all()
        while len(self._rest) > self._longest:
            lines.append(self._take(self._cut()))
        return lines

    def flush(self) -> list[bytes]:
        """What is left of a last line without end."""
        return self._take_all()

    def _take_all(self) -> list[bytes]:
        pieces = []
        while len(self._rest) > self._longest:
            pieces.append(self._take(self._cut()))
        return [*pieces, self._take(len(self._rest))] if self._rest else pieces

    def _take(self, size: int) -> bytes:
        piece = bytes(self._rest[:size])
        del self._rest[:size]
        return piece

    def _cut(self) -> int:
        """The bound, or a little before it where it would cut a UTF-8 character in two."""
        for size in range(self._longest, max(self._longest - 4, 0), -1):
            if self._rest[size] & 0xC0 != 0x80:
                return size
        return self._longest
