"""Reads makefiles, and configure scripts without source: `-l`, calls of pkg-config, users."""

import re
from collections.abc import Iterator

from ciforge.draft.evidence import Requirement, RequirementKind, TextFile

_LIBRARY = re.compile(r"(?<![\w$./*?\]}-])-l([A-Za-z][A-Za-z0-9_.+-]*)")
_MODULES = re.compile(
    r"(?:\bpkg-config|\bpkgconf|\$[({]PKG_?CONFIG[)}])((?:[ \t]+--?[\w=.-]+)+)"
    r"((?:[ \t]+[\"']?[A-Za-z][\w.+-]*)+)"
)
_OWNER = re.compile(
    r"(?:\bchgrp|\bchown|[ \t]-[og])[ \t]+(?:-\w+[ \t]+)*(?:[a-z]\w*:)?(_[a-z][a-z0-9_-]{0,30})\b"
)
_INCLUDE = re.compile(r"(?m)^[-s]?include[ \t]+([\w./-]+)[ \t]*$")
_LISTING = re.compile(r"\b(?:ls|wc|grep|cksum|df)\b")


def requirements(file: TextFile) -> Iterator[Requirement]:
    """Libraries and modules in commands and variables."""
    for begin, line in _lines(file.text):
        for match in _MODULES.finditer(line):
            for name in match[2].replace('"', " ").replace("'", " ").split():
                yield Requirement(
                    kind=RequirementKind.MODULE, name=name,
                    clue=file.clue(begin + match.start()), required=True,
                )  # fmt: skip
        if _LISTING.search(line):
            continue
        for match in _LIBRARY.finditer(line):
            firm = len(match[1]) > 2
            clue = file.clue(begin + match.start())
            yield Requirement(kind=RequirementKind.LIBRARY, name=match[1], clue=clue, firm=firm)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Offset and first part of each line that is not a comment."""
    begin = 0
    for line in text.split("\n"):
        if not line.lstrip().startswith(("#", "@#")):
            yield begin, line[:2000]
        begin += len(line) + 1


def own_users(file: TextFile) -> Iterator[tuple[str, int]]:
    """Users and groups that own installed files, if named in the style of OpenBSD (`_smtpq`)."""
    for begin, line in _lines(file.text):
        yield from ((match[1], begin + match.start(1)) for match in _OWNER.finditer(line))


def included(file: TextFile) -> Iterator[str]:
    """Names of included files."""
    yield from (match[1].removeprefix("./") for match in _INCLUDE.finditer(file.text))


def bsd_directive(file: TextFile) -> "re.Match[str] | None":
    """A directive that only BSD make supports."""
    return re.search(r"(?m)^\.[ ]*(?:s?include|if|ifn?def|ifn?make|for|endif|endfor)\b", file.text)


def target(file: TextFile, name: str) -> int | None:
    """The offset of a rule with this target; None if there is none."""
    for begin, line in _lines(file.text):
        targets, colon, rest = line.partition(":")
        if colon and not rest.startswith("=") and name in targets.split():
            return begin
    return None
