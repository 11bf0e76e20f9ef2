"""A quick way past the lines that no row of the tables is about.

A log of a million lines has a few hundred that any rule could be about. Looking for the words of
all rules in a line costs a fraction of trying their patterns.
"""

import re
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+")
_COMMON = frozenset(
    _WORD.findall(
        "for in to is the a of not be with from at on by and or line make go error config this was that "
        "it you no as has have option target select project module file command build install path "
        "name type value version use include source function open get files but run"
    )
)
"""Words that stand in many lines; taken only where a row has no other."""
_FOLDED = bytes(
    ord(chr(code).lower()) if (chr(code).isalnum() and code < 128) or code in (10, 95) else 32
    for code in range(256)
)


def words_of(line: str) -> list[bytes]:
    """The words of a line in lower case; characters outside ASCII separate words."""
    return line.encode("ascii", "replace").translate(_FOLDED).split()


def words_of_each(lines: Sequence[str]) -> Iterable[list[bytes]]:
    """The words of each of several lines, in about a third of the time."""
    folded = "\n".join(lines).encode("ascii", "replace").translate(_FOLDED).split(b"\n")
    if len(folded) != len(lines):  # a line holds a line feed
        return map(words_of, lines)
    return map(bytes.split, folded)


def needed_words(needs: str, words: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Words in lower case of which every line has one that holds `needs`, or one of `words`.

    Raises ValueError where there is none.
    """
    if words:
        return tuple(dict.fromkeys(word.lower() for word in words))
    found = _WORD.findall(needs.lower())
    if chosen := [word for word in found if word not in _COMMON] or found:
        return (max(chosen, key=len),)
    raise ValueError(f"no word in {needs!r}")
