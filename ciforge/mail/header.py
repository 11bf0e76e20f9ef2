"""Text for headers: whatever it was before, it is one line that adds no header and hides nothing."""

import hashlib
import re

from ciforge.safe import safe_line

_ENCODED = re.compile(r"=\?(?=[^?\s]*\?[bBqQ]\?)")
"""How an encoded word begins (RFC 2047): Python 3.11 would decode it when it writes the header."""
_LONGEST_ID = 70
"""Characters: longer ones become encoded words in Python's email package, and threads break."""


def header_text(text: str, limit: int = 200) -> str:
    """One line for a header, without control characters or encoded words."""
    once = " ".join(safe_line(text.replace("\r", " ").replace("\n", " "), limit * 4).split())
    clean = _ENCODED.sub("= ?", once)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def message_id(name: str, sender: str) -> str:
    """`<NAME.ciforge@HOST>`, the host being the sender's; the same for the same name."""
    host = sender.rpartition("@")[2]
    fits = host.isascii() and len(name) + len(host) + len("<.ciforge@>") <= _LONGEST_ID
    if not fits:
        host = hashlib.sha256(host.encode()).hexdigest()[:16] + ".invalid"
    return f"<{name}.ciforge@{host}>"
