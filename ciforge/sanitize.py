"""Untrusted text as lines that are safe to print: the only module that removes control characters."""

import functools
import io
import re

LIMIT = 2000
"""Maximum number of characters of a line that are shown; the log keeps all of them."""
LONGEST = 4000
"""Maximum number of characters of a line of a log that are searched for errors."""
END = 500
"""Characters kept from the end of a line that is longer."""

_LONG = 10_000
"""Maximum number of characters of a line of a message, which may quote the name of a file twice."""

_PIECE = 64 * 1024
"""Maximum size of a line in bytes; longer lines are split."""

_STOP = r"\x07\x1b\x90\x98-\x9f"
"""Characters that end a string to the terminal (a title, a link), or begin a new sequence."""

_SEQUENCE = (
    # A string (OSC, DCS, SOS, PM, APC) to its end; one without end loses only its beginning,
    # so that nothing can hide what follows. Then CSI, then whatever else ESC begins.
    rf"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^{_STOP}]*+(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]"
    r"|\x1b[ -/]*+[0-~]"
)
_BREAK = "[\n\v\f\x85\u2028\u2029]"
_UNPRINTABLE = (
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the direction of text around
    "\U000e0000-\U000e007f]"  # tags: invisible, yet copied along
)
_SURROGATE = "[\ud800-\udfff]"
_NOT_IN_LOGS = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
_NOT_IN_ASCII_LOGS = "[\x00-\x08\x0b-\x1f\x7f]"
_COLOUR_REMNANT = r"\[(?:\d{1,2}(?:;\d{1,3}){0,4})?m(?:\[K)?|\[K"
"""Colours whose escape character was lost when a log was copied."""
_COLOUR = r"\x1b\[[0-9;]*m"
_CONTROL = "[\x00-\x08\x0b-\x1f\x7f-\x9f]"


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiles a pattern when it is first needed: all of them take longer than a short command should."""
    return re.compile(pattern)


def safe_line(data: bytes | str, limit: int = LIMIT) -> str:
    """A line without its end, escape sequences and control characters, of at most `limit` characters.

    Of an overwritten line (`10%\\r20%`) the last state remains; a shortened line ends in `…`.
    """
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    if not (text.isascii() and text.isprintable()):
        text = _shown(text)
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def _shown(text: str) -> str:
    text = _compiled(_SEQUENCE).sub("", _compiled(_SURROGATE).sub("\ufffd", text))
    text = text.rstrip("\r\n").rpartition("\r")[2]
    return _compiled(_UNPRINTABLE).sub("", _compiled(_BREAK).sub(" ", text)).expandtabs(8)


def safe_text(text: str) -> str:
    """Lines of a message that quotes untrusted text: each as by `safe_line`, with a higher limit."""
    return "\n".join(safe_line(line, _LONG) for line in text.split("\n"))


def log_line(text: str) -> str:
    """A line of a log for searching and printing, at most `LONGEST` characters and a few more.

    Unlike `safe_line` it keeps tabs, and of a longer line also the end. Fast for plain ASCII.
    """
    text = text.rstrip("\r\n")
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - END]} ... {text[-END:]}"
    if _compiled(_NOT_IN_ASCII_LOGS if text.isascii() else _NOT_IN_LOGS).search(text) is not None:
        text = _compiled(_SEQUENCE).sub("", text)
        if "\r" in text:
            text = text.rstrip("\r").rpartition("\r")[2]
        text = _compiled(_NOT_IN_LOGS).sub("", text).rstrip("\n")
    return _compiled(_COLOUR_REMNANT).sub("", text) if "m[K" in text or "[0m" in text else text


def is_plain_log(text: str) -> bool:
    """Whether lines, each with its end, have no escape sequence or control character."""
    return _compiled(_NOT_IN_LOGS).search(text) is None


def short_line(text: str, width: int) -> str:
    """Text on one line of at most `width` characters; what is not printable becomes `?`."""
    shown = "".join(c if c.isprintable() or c in "\t\r\n" else "?" for c in text[: 4 * width])
    line = " ".join(shown.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def escaped(name: bytes | str) -> str:
    """A name on one line, with escapes such as `\\x1b` for what is not printable."""
    text = name.decode(errors="backslashreplace") if isinstance(name, bytes) else name
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def printable(text: str) -> str:
    """The printable characters of a text, without blanks at the ends."""
    return "".join(filter(str.isprintable, text)).strip()


def without_colours(text: str) -> str:
    """Text without the escape sequences that set colours; everything else stays."""
    return _compiled(_COLOUR).sub("", text)


def plain_text(text: str) -> str:
    """Several lines without control characters, with `\\n` line ends; lone surrogates are replaced."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return _compiled(_CONTROL).sub("", whole.replace("\r\n", "\n").replace("\r", "\n"))


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
        """The rest: a last line without end."""
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
