"""Values that a template may put into a file, each written so that YAML reads it back unchanged."""

import json
import re
from collections.abc import Mapping
from typing import Any

import attrs

from ciforge.errors import UsageError

OPENS = "${{"
"""Text that a hosted service evaluates anywhere in a workflow."""

_EXPRESSION = re.compile(r"[A-Za-z0-9_.,()*' =!&|[\]-]+")
_PIN = re.compile(
    r"(?:https://)?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+@[0-9a-f]{40} # v[0-9]+(?:\.[0-9]+)*"
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9._+-]*")
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9 ._/,+@()-]*[A-Za-z0-9._/+)])?")
_COMMENT = re.compile(r"[ -~]*")
_PATH = re.compile(r"[A-Za-z0-9._+,/-]+")
_NO_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Text that YAML 1.1 or 1.2 does not read as a string (yaml.org/type/bool, YAML 1.2.2, 10.3.2)."""
_NOT_LITERAL = (
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_NOT_LITERAL_IN_ASCII = re.compile("[^\t\n\x20-\x7e]")


class Evaluated(UsageError):
    """A value holds what the service would evaluate."""


@attrs.frozen(eq=False, repr=False)
class Expression:
    """An expression of our own for the service to evaluate; no value of a project is ever in one."""

    text: str


@attrs.frozen(eq=False, repr=False)
class Pinned:
    """`OWNER/NAME@COMMIT # VERSION`, for `uses:`; the name may be a whole address."""

    text: str


@attrs.frozen(eq=False, repr=False)
class Word:
    """A word that stands as a person would write it, without quotes, where YAML reads it as text."""

    text: str


@attrs.frozen(eq=False, repr=False)
class PlainText:
    """Words that stand as a person would write them, where YAML reads them as text."""

    text: str


@attrs.frozen(eq=False, repr=False)
class CommentText:
    """Text in a comment of one line."""

    text: str


@attrs.frozen(eq=False, repr=False)
class PathText:
    """A path of letters, digits and `._+,/-`, also within other text."""

    text: str


_FORMS: Mapping[type, re.Pattern[str]] = {
    Expression: _EXPRESSION, Pinned: _PIN, Word: _WORD, PlainText: _PLAIN, CommentText: _COMMENT,
    PathText: _PATH,
}  # fmt: skip
"""Forms of the values that are written unquoted."""


@attrs.frozen(eq=False, repr=False)
class Block:
    """Text over several lines, indented by `indent` spaces."""

    text: str
    indent: int


def written(value: Any) -> str:
    """The text of `value` in the file: JSON, which YAML reads back unchanged.

    Raises Evaluated for text that the service would evaluate.
    """
    match value:
        case Word(text=text) | PlainText(text=text) | CommentText(text=text):
            plain = _FORMS[type(value)].fullmatch(text) and text.lower() not in _NO_TEXT
            return _harmless(text if plain else json.dumps(text, ensure_ascii=False))
        case Block(text=text, indent=indent):
            _harmless(text)
            return _literal(text, indent)
        case Expression() | Pinned() | PathText():
            return _checked(value)
    return _harmless(json.dumps(value, ensure_ascii=False))


def _checked(value: Expression | Pinned | PathText) -> str:
    """The text unquoted; refused if that is not safe."""
    if not _FORMS[type(value)].fullmatch(value.text):
        raise Evaluated(f"{value.text!r} cannot be written into a workflow")
    return f"{OPENS} {value.text} }}}}" if isinstance(value, Expression) else value.text


def _harmless(text: str) -> str:
    if OPENS in text:
        at = text.index(OPENS)
        raise Evaluated(f"the hosted service would evaluate this: {text[at : at + 40]!r}")
    if text.isascii():
        return text.replace("\x7f", "\\u007f")
    # `re` keeps these compiled; most texts need none of them.
    if match := re.search("[\ud800-\udfff]", text):
        raise Evaluated(f"U+{ord(match[0]):04X} is not a character")
    return re.sub(_HIDDEN, lambda found: f"\\u{ord(found[0]):04x}", text)


_HIDDEN = "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]"
"""Characters that YAML does not allow unescaped."""


def _literal(text: str, indent: int) -> str:
    """A literal block where YAML can hold the text in one, else JSON."""
    if not is_literal(text) or text.endswith("\n\n") or text[0] in " \t\n":
        return _harmless(json.dumps(text, ensure_ascii=False))
    space = " " * indent
    lines = text.removesuffix("\n").split("\n")
    return "|\n" + "\n".join(space + line if line else "" for line in lines)


def is_literal(text: str) -> bool:
    """Whether a literal block keeps every character of `text`, which ends with a line's end."""
    wrong = _NOT_LITERAL_IN_ASCII.search(text) if text.isascii() else re.search(_NOT_LITERAL, text)
    return text.endswith("\n") and not wrong
