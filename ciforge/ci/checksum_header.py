"""The mark of generated files: by it we know ours, and whether a hand has changed one."""

import hashlib
import re

MARK = "# ciforge-mark: "
_LINE = re.compile(rf"^{MARK}([0-9a-f]{{64}})$", re.MULTILINE)
_USES = re.compile(r"^(\s*(?:- )?uses: [A-Za-z0-9_.:/-]+)@[0-9a-f]{40} # v[0-9.]+$", re.MULTILINE)


def marked(body: str) -> str:
    """`body` with its mark on the second line; its first one is a comment."""
    first, _, rest = body.partition("\n")
    return f"{first}\n{MARK}{_digest(body)}\n{rest}"


def found_mark(text: str) -> "re.Match[str] | None":
    """The line of the mark; group 1 is the checksum."""
    return _LINE.search(text)


def has_mark(text: str) -> bool:
    """Whether ciforge wrote this file."""
    return found_mark(text) is not None


def is_untouched(text: str) -> bool:
    """Whether it is as ciforge wrote it, but for newer pins, which a bot may have put in."""
    found = found_mark(text)
    if not found:
        return False
    return found[1] == _digest(text[: found.start()] + text[found.end() + 1 :])


def without_pins(text: str) -> str:
    """`text` without commits and versions of actions: a newer one does not look like a hand's change."""
    return _USES.sub(r"\1", text) if "uses: " in text else text


def _digest(body: str) -> str:
    return hashlib.sha256(without_pins(body).encode()).hexdigest()
