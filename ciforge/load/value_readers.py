"""Strict readers of texts, lists and mappings, and the checks in them.

A reader takes a value and returns its result, or raises ValueError with a sentence, or Flawed with
several flaws and their paths.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import attrs

from ciforge.load.shown_values import kind, shown
from ciforge.model.flaw import Flaw

Reader = Callable[[Any], Any]
Check = Callable[[str], object]
K = TypeVar("K", str, int)

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+/-]{0,60}")

MANY = 50
"""Maximum number of problems that are reported for one list or mapping."""


class FlawsFound(ValueError):
    """Several flaws, with paths relative to the value that was read."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("; ".join(flaw.message for flaw in self.flaws))


def flaws_of(error: ValueError, *path: str | int) -> Iterator[Flaw]:
    """The flaws in `error`, for the value at `path`."""
    if isinstance(error, FlawsFound):
        yield from (attrs.evolve(flaw, path=(*path, *flaw.path)) for flaw in error.flaws)
    else:
        yield Flaw(path, str(error))


def anything(_: str) -> None:
    """The check that accepts every text."""


def text(check: Check = anything, *, empty: bool = False) -> Reader:
    """A scalar that passes `check`; `empty` also allows the empty text."""

    def read(value: object) -> str:
        if not isinstance(value, str) or (not value and not empty):
            raise ValueError(f"expected text, found {kind(value)}")
        if value:
            check(value)
        return value

    return read


_TRUTHS = dict.fromkeys(("true", "yes", "on", "y", "1"), "true") | dict.fromkeys(
    ("false", "no", "off", "n", "0"), "false"
)


def truth(value: object) -> bool:
    """`true` or `false`, and no other spelling."""
    if value in ("true", "false"):
        return value == "true"
    advice = _TRUTHS.get(value.lower(), "") if isinstance(value, str) else ""
    message = f" (write {advice})" if advice else ""
    raise ValueError(f"expected true or false, found {kind(value)}{message}")


def whole_number(value: object) -> int:
    """Decimal digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    raise ValueError(f"expected a whole number, found {kind(value)}")


def sequence(item: Reader, *, single: bool = False, empty: str = "") -> Reader:
    """A list whose items `item` reads; with `single`, one value is a list of one.

    `empty` is the message for an empty list, if that is not allowed.
    """

    def read(value: object) -> tuple[Any, ...]:
        if empty and value in ("", []):
            raise ValueError(empty)
        if single and isinstance(value, str):
            return (item(value),)
        if not isinstance(value, list):
            raise ValueError(f"expected a list, found {kind(value)}{_bracketed(value)}")
        return tuple(each(enumerate(value), lambda _, part: item(part)).values())

    return read


def _bracketed(value: object) -> str:
    if not isinstance(value, str) or not value:
        return ""
    return f" (write [{value if _PLAIN.fullmatch(value) else shown(value)}])"


def mapping(key: Check, item: Reader, *, empty: str = "") -> Reader:
    """A mapping whose keys pass `key` and whose values `item` reads; `empty` as in `sequence`."""

    def read(value: object) -> dict[str, Any]:
        if empty and value in ("", {}):
            raise ValueError(empty)
        if not isinstance(value, dict):
            raise ValueError(f"expected a mapping, found {kind(value)}")
        return each(value.items(), lambda word, part: pair(word, part, key, item))

    return read


def pair(word: str, part: object, key: Check, item: Reader) -> Any:
    """One value of a mapping. Raises Flawed with the flaws of its key and of the value."""
    value, flaws = None, []
    try:
        key(word)
    except ValueError as error:
        flaws.append(Flaw((), str(error), key=True))
    try:
        value = item(part)
    except ValueError as error:
        flaws += flaws_of(error)
    if flaws:
        raise FlawsFound(flaws)
    return value


def each(parts: Iterable[tuple[K, Any]], read: Callable[[K, Any], Any]) -> dict[K, Any]:
    """The results of `read` for every part. Raises Flawed with the first MANY flaws."""
    done: dict[K, Any] = {}
    flaws: list[Flaw] = []
    for place, value in parts:
        try:
            done[place] = read(place, value)
        except ValueError as error:
            flaws += flaws_of(error, place)
        if len(flaws) >= MANY:
            flaws.append(Flaw((place,), "there may be more problems after this one"))
            break
    if flaws:
        raise FlawsFound(flaws)
    return done
