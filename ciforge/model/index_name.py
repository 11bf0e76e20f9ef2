"""Names that the index of a distribution answers: `pkg-config:libfido2`, `header:event2/event.h`."""

import re
from collections.abc import Mapping

_TRIPLET = r"[a-z0-9_]+-linux-gnu[a-z0-9]*"
_LIBRARIES = rf"(usr/)?lib(64|/{_TRIPLET})?"
_PLACES: Mapping[str, tuple[str, str]] = {
    "pkg-config": (rf"({_LIBRARIES}|usr/share)/pkgconfig/", r"\.pc"),
    "header": (rf"usr/include/({_TRIPLET}/)?", ""),
    "library": (rf"{_LIBRARIES}/lib", r"\.(so|a)"),
    "command": (r"(usr/)?(s?bin|games)/", ""),
}
"""By kind: what a path has before and after the name, as extended regular expressions of POSIX and Python alike."""

KINDS = tuple(_PLACES)
INDEX_NAME = re.compile(
    rf"({'|'.join(KINDS)}):[A-Za-z0-9_][A-Za-z0-9._+-]*(/[A-Za-z0-9_][A-Za-z0-9._+-]*)*"
)
_LONGEST = 128
_SHORTEST = 3
"""Letters at the beginning that a near name has at least."""


def is_index_name(text: str) -> bool:
    """Returns whether `text` is a name that an index answers, and no canonical one."""
    return len(text) <= _LONGEST and INDEX_NAME.fullmatch(text) is not None


def kind_of(name: str) -> str:
    """Returns `header` for `header:event2/event.h`."""
    return name.partition(":")[0]


def plain_name(name: str) -> str:
    """Returns `event2/event.h` for `header:event2/event.h`."""
    return name.partition(":")[2]


def path_pattern(name: str) -> str:
    """Returns an extended regular expression for the paths, without a leading slash, of what has the name."""
    before, after = _PLACES[kind_of(name)]
    return f"{before}{_escaped(plain_name(name))}{after}"


def near_pattern(name: str) -> str:
    """Returns an extended regular expression for the paths of names that are spelled alike.

    They begin alike; a header may also have the same name in another folder."""
    before, after = _PLACES[kind_of(name)]
    plain = plain_name(name)
    begin = _escaped(plain[: max(_SHORTEST, len(plain) - _SHORTEST)])
    alike = f"{before}{begin}[A-Za-z0-9._+-]*{after}"
    last = _escaped(plain.rpartition("/")[2])
    return f"{alike}|{before}([A-Za-z0-9._+-]+/)+{last}" if kind_of(name) == "header" else alike


def every_pattern(kind: str) -> str:
    """Returns an extended regular expression for the paths of everything of a kind."""
    before, after = _PLACES[kind]
    return f"{before}[A-Za-z0-9._+/-]+{after}"


def name_at(kind: str, path: str) -> str:
    """Returns the name of what is at `path`, with its kind; empty if nothing of the kind is there."""
    before, after = _PLACES[kind]
    match = re.fullmatch(rf"{before}(?P<plain>[A-Za-z0-9._+/-]+?){after}", path)
    return f"{kind}:{match['plain']}" if match else ""


def _escaped(text: str) -> str:
    return re.sub(r"[.+]", lambda found: f"\\{found[0]}", text)
