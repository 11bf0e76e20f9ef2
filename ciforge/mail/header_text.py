"""Any text as header text: one line that adds no header and hides nothing."""

import base64
import hashlib
import re
from collections.abc import Iterator

from ciforge.sanitize import safe_line

_ENCODED = re.compile(r"=\?(?=[^?\s]*\?[bBqQ]\?)")
"""The start of an encoded word (RFC 2047): Python 3.11 would decode it when it writes the header."""
_LONGEST_ID = 70
"""Characters: longer ones become encoded words in Python's email package, and threads break."""

_PLAIN = 60
"""ASCII characters that may precede the first encoded word unencoded."""
_PIECE = 39
"""Bytes in an encoded word, so that the word has 64 characters: 75 are the most, 76 in its line."""


def header_text(text: str, limit: int = 200) -> str:
    """One line for a header, without control characters or encoded words."""
    once = " ".join(safe_line(text.replace("\r", " ").replace("\n", " "), limit * 4).split())
    clean = _ENCODED.sub("= ?", once)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def folded(text: str) -> str:
    """A subject encoded and folded (RFC 2047); each line after the first begins with a space.

    Python's own folding loses the space before a new encoded word.
    """
    words = text.split(" ")
    plain = next((at for at, word in enumerate(words) if not word.isascii()), len(words))
    head = " ".join(words[:plain])
    if plain == len(words) or len(head) > _PLAIN:
        plain, head = 0, ""
    coded = (
        f"=?utf-8?b?{base64.b64encode(piece).decode()}?="
        for piece in _pieces(" ".join(words[plain:]))
    )
    return "\n ".join([*([head] if head else []), *coded])


def _pieces(text: str) -> Iterator[bytes]:
    """UTF-8 in pieces that split no character."""
    piece = b""
    for character in text:
        encoded = character.encode("utf-8", "replace")
        if len(piece) + len(encoded) > _PIECE:
            yield piece
            piece = b""
        piece += encoded
    yield piece


def message_id(name: str, sender: str) -> str:
    """`<NAME.ciforge@HOST>`, the host being the sender's; the same for the same name."""
    host = sender.rpartition("@")[2]
    fits = host.isascii() and len(name) + len(host) + len("<.ciforge@>") <= _LONGEST_ID
    if not fits:
        host = hashlib.sha256(host.encode()).hexdigest()[:16] + ".invalid"
    return f"<{name}.ciforge@{host}>"
