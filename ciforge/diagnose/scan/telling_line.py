"""The line of a failure that no rule knows which says most, and what it is about."""

import re
from collections.abc import Sequence

from ciforge.diagnose.scan.failure_markers import ERROR_WORDS, UNINFORMATIVE
from ciforge.diagnose.scan.languages import in_english
from ciforge.diagnose.scan.log_lines import bare

Numbered = tuple[int, str]
"""A line of the log with its number."""

_PROGRAM = re.compile(r"^(?:/\S*/|\./)?(?P<program>[A-Za-z_][\w.+-]*)(?:\[\d+\])?: ")
_BEFORE = 12
"""Lines of one program, at most, among which the first is taken."""
_USAGE = re.compile(r"^[Uu]sage: (?:\S*/)?(?P<program>[\w.+-]+)(?:\s|$)")
"""What a program says that does not like its arguments; the reason, if it gives one, is in the line before."""
_WARNING = re.compile(r"(?i)^(?:\S+: )?warning: ")
_MESSAGE = re.compile(r"^[\w./+-]+\.\w+:\d+(?::\d+)?: (?!note: |warning: |In function|from )\S")
"""A message about a place, which need not have a word of failure."""
_HEAD = re.compile(r":\s*$")
_SUBJECTS = (
    re.compile(r"^\S+:\d+: (?P<subject>\S+) ==> \S"),
    re.compile(r"^[Uu]sage: (?:\S*/)?(?P<subject>[\w.+-]+)(?:\s|$)"),
    re.compile(r"(?:^|[\s'\"(])(?P<subject>[^\s:'\"()]+)['\")]*: [A-Z][a-z]+(?: [a-z-]+){1,6}\.?$"),
    re.compile(r"(?<!\w)'(?P<subject>[^'\s][^']{0,100})'(?!\w)"),
    re.compile(r"\"(?P<subject>[^\"\s][^\"]{0,100})\""),
)
"""What a message is about: the word that codespell corrects, the path before the reason of the system, or what is quoted."""
_FILE = r"(?P<file>[\w./+-]*\.[A-Za-z][\w.]*)"
_PLACES = (
    re.compile(rf"^(?:[\w.+-]+: )?{_FILE}:(?P<line>\d{{1,8}}):"),
    re.compile(rf"\bFile \"{_FILE}\", line (?P<line>\d{{1,8}})\b"),
    re.compile(rf"^(?:[\w.+-]+: )?\"?{_FILE}\"?[,:] line (?P<line>\d{{1,8}})\b"),
    re.compile(rf"\bat {_FILE} line (?P<line>\d{{1,8}})\b"),
    re.compile(rf"\bline (?P<line>\d{{1,8}}) (?:of|in)(?: file)? [\"']?{_FILE}"),
    re.compile(rf"\(file \"{_FILE}\" line (?P<line>\d{{1,8}})\)"),
)
"""How tools name a place: GNU's, Python and OCaml, cpp and ksh, Perl, yacc, Tcl."""


def most_telling(lines: Sequence[Numbered]) -> Numbered | None:
    """The line that says most of what failed; None if none says anything.

    The last line with a word of failure counts. Of several such lines of one program the first does: the others say
    that it gives up.
    """
    useful = [row for row in lines if not UNINFORMATIVE.search(bare(row[1]))]
    errors = [row for row in useful if says_error(row[1])]
    if not errors:
        return useful[-1] if useful else None
    return _first_of_program(useful, errors[-1])


def says_error(line: str) -> bool:
    """Whether a line describes an error, or a wrong use of a program."""
    text = bare(in_english(line))
    if _WARNING.match(text):
        return False
    return any(pattern.search(text) for pattern in (ERROR_WORDS, _USAGE, _MESSAGE))


def _first_of_program(useful: Sequence[Numbered], last: Numbered) -> Numbered:
    at = useful.index(last)
    program = _program(last[1])
    if not program and _MESSAGE.match(bare(last[1])):
        return _first_message(useful[: at + 1])
    if not program:
        following = useful[at + 1 : at + 2]
        return following[0] if following and _HEAD.search(last[1]) else last
    found = last
    for row in reversed(useful[max(0, at - _BEFORE) : at]):
        if _program(row[1]) != program:
            break
        if says_error(row[1]):
            found = row
    return found


def _first_message(rows: Sequence[Numbered]) -> Numbered:
    """The first of the messages about places that end the rows."""
    found = rows[-1]
    for row in reversed(rows):
        if not _MESSAGE.match(bare(row[1])):
            break
        found = row
    return found


def _program(line: str) -> str:
    text = bare(line)
    found = _USAGE.match(text) or _PROGRAM.match(text)
    return found["program"] if found else ""


def subject_of(line: str) -> str:
    """The file or name that a message is about; empty if it names none."""
    text = bare(line)
    return next((match["subject"] for subject in _SUBJECTS if (match := subject.search(text))), "")


def place_of(line: str, around: Sequence[str]) -> tuple[str, int | None]:
    """The file and line that a message, or else a line around it, names; empty and None if none does."""
    for text in (line, *around):
        for place in _PLACES:
            if match := place.search(bare(text)):
                return match["file"], int(match["line"])
    return "", None
