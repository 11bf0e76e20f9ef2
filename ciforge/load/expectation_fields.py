"""Reads `expect:`: checks of installed files and of macros."""

import re

from ciforge.errors import did_you_mean
from ciforge.load import validators
from ciforge.load.shown_values import kind, shown
from ciforge.load.value_readers import Check, each, pair, sequence, text

INSTALLED = "installed"
NOTHING = "there is no expectation: name a macro or a path, or remove the key"
_ENTRY = re.compile(r"!?[A-Za-z_][A-Za-z0-9_]*|[A-Za-z_][A-Za-z0-9_]*=.*")
_NAME = re.compile("[A-Za-z_][A-Za-z0-9_.-]{0,31}")
_PROPERTIES: dict[str, tuple[re.Pattern[str], str]] = {
    "mode": (re.compile("[0-7]{3,4}"), "3 or 4 octal digits"),
    "uname": (_NAME, "a user"),
    "gname": (_NAME, "a group"),
    "type": (re.compile("file|dir|link"), "file, dir or link"),
}


def expectations(value: object) -> dict[str, tuple[str, ...]]:
    """`installed` to lines about paths; any other file to macros that it must define."""
    if not isinstance(value, dict):
        raise ValueError(f"expected a mapping, found {kind(value)}")
    return each(
        value.items(),
        lambda file, part: pair(
            file, part, validators.inner_path, sequence(text(_check_for(file)), empty=NOTHING)
        ),
    )


def _check_for(file: str) -> Check:
    return installed if file == INSTALLED else entry


def entry(line: str) -> None:
    """`NAME`, `!NAME` or `NAME=value`. Raises ValueError."""
    if not _ENTRY.fullmatch(line):
        raise ValueError(f"{shown(line)} is not like NAME, !NAME or NAME=value")


def installed(line: str) -> None:
    """An absolute path, then properties. Raises ValueError."""
    path, *properties = line.split(" ")
    validators.absolute_path(path)
    names = [_property(each) for each in properties if each]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name!r} is given twice")


def _property(word: str) -> str:
    name, equals, value = word.partition("=")
    if name not in _PROPERTIES or not equals:
        near = did_you_mean(name[:60], _PROPERTIES) or " (mode=, uname=, gname=, type=)"
        raise ValueError(f"unknown property {shown(word)}{near}")
    pattern, meant = _PROPERTIES[name]
    if not pattern.fullmatch(value):
        raise ValueError(f"{shown(word)} is wrong: {name}= takes {meant}")
    return name
