"""The words that lines of interest have: a quick way past the others.

A log of a million lines has a few hundred that any rule could be about. Looking for the words of
all rules in a line costs a fraction of trying their patterns.
"""

import re
from collections.abc import Iterable

_WORD = re.compile(r"\w+")
_COMMON = frozenset(
    _WORD.findall(
        "for in to is the a of not be with from at on by and or line make go error config this was that "
        "it you no as has have option target select project module file command build install path "
        "name type value version use include source function open get files but run"
    )
)
"""Words that stand in many lines; taken only where a row has no other."""
_HALVES = {
    "rror": ("error", "Error", "ERROR"), "AIL": ("FAIL", "FAILED", "failed"), "ine": ("line",),
    "lex": ("lex", "flex"), "redeclar": ("redeclaration", "redeclared"),
}  # fmt: skip
"""What the first or last word of a row's `needs` stands for, where it is only a part of one."""
_WORDLESS = {
    ": ": (
        "such", "denied", "only", "permitted", "directory", "exists", "empty", "link", "links",
        "long", "busy", "owner", "same", "omitting", "overwrite", "target",
    ),
    "://": ("WARNING", "ERROR", "fetch"),
    ":": (
        "character", "quote", "rule", "EOF", "fatal", "undefined", "unknown", "premature",
        "unrecognized", "bad", "undeclared", "negative", "missing", "incomplete",
    ),
    "(": (
        "Failed", "Timeout", "SEGFAULT", "aborted", "Run", "ILLEGAL", "BAD_COMMAND", "OTHER_FAULT",
        "Exception", "Bus", "Numerical",
    ),
    "***": ("Failed", "Timeout", "Exception", "Not"),
    "*** ": (
        "make", "gmake", "Error", "Stop", "Killed", "Terminated", "Segmentation", "Aborted", "Interrupt", "Bus",
        "Hangup", "Trace", "Signal", "signal", "core", "Alarm", "Illegal", "Floating", "No",
    ),
    "[-W": (
        "Wint", "Wincompatible", "Wreturn", "Wimplicit", "Wdeclaration",
    ),
    " of '": ("argument", "arguments"),
}  # fmt: skip
"""Words of which a line has one, where `needs` has none, from the patterns of those rows."""
_CAPITAL = {
    "nvalid": "i", "ssertion": "a", "yntax": "s", "onnection": "c", "epository": "r",
    "elease": "r", "nrecognized": "u", "ndeclared": "u", "hecksum": "c", "nternal": "i", "odule": "m", "etadata": "m",
}  # fmt: skip
"""First words that begin with a capital or not."""
_BLANKED = bytes(
    code if (chr(code).isalnum() and code < 128) or code == 95 else 32 for code in range(256)
)


def words_of(line: str) -> list[bytes]:
    """The words of a line, without what stands around them; letters outside ASCII are no letters."""
    return line.encode("ascii", "replace").translate(_BLANKED).split()


def needed_words(needs: str) -> tuple[str, ...]:
    """Words of which every line that holds `needs` has one. Raises ValueError where it has none."""
    if needs in _WORDLESS:
        return _WORDLESS[needs]
    whole = list(_whole(needs))
    if chosen := [word for word in whole if word not in _COMMON] or whole:
        return (max(chosen, key=len),)
    for half in _WORD.findall(needs):
        if half in _HALVES:
            return _HALVES[half]
        if first := _CAPITAL.get(half):
            return (first + half, first.upper() + half)
    raise ValueError(f"no word in {needs!r}")


def _whole(needs: str) -> Iterable[str]:
    for found in _WORD.finditer(needs):
        word = found[0]
        known = word not in _HALVES and word not in _CAPITAL
        begins = found.start() > 0 or not _cut(word)
        ends = found.end() < len(needs) or len(word) > 3 or word in ("go", "ok")
        if known and begins and ends:
            yield word


def _cut(word: str) -> bool:
    """Whether a first word has lost its first letter, so that both spellings match."""
    return word in _CUT


_CUT = frozenset(
    _WORD.findall(
        "etadata ot annot ndefined atal erminated ould nable issing ommand emory isk xecution inutes ob igest onfigure onflicting "
        "ackage nstalled ersion nmet ymbol nresolved ll o ompleted ollowing sing s hdir ailed illed "
        "undled nmet uch xited"
    )
)
