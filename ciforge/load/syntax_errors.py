"""Errors of the YAML parser as sentences that say what to do."""

import yaml

_SENTENCES = (
    ("while scanning an alias", "a word that begins with '*' must be quoted"),
    ("while scanning an anchor", "a word that begins with '&' must be quoted"),
    ("while scanning a directive", "a line that begins with '%' must be quoted"),
    ("while scanning a tag", "a word that begins with '!' must be quoted"),
    ("while parsing a tag", "a word that begins with '!' must be quoted"),
    ("found undefined tag handle", "a word that begins with '!' must be quoted"),
    ("mapping values are not allowed", "a ':' where no key is allowed; fix the indentation or quote the text"),
    ("could not find expected ':'", "a key needs a ':' and a space after it"),
    ("found unexpected end of stream", "a quote is opened on line {line}, but never closed"),
    ("while parsing a flow mapping", "the '{' of line {line} is not closed: a ',' or '}' is missing here"),
    ("while parsing a flow sequence", "the '[' of line {line} is not closed: a ',' or ']' is missing here"),
    ("<document start>", "a second document begins here; one file holds one"),
    ("entries are not allowed", "a list must begin on its own line"),
    ("node content", "a value was expected here"),
    ("while parsing a block mapping", "this is not a key of the mapping that begins on line {line}; fix the indentation"),
    ("while parsing a block collection", "this is not an item ('- …') of the list that begins on line {line}; fix the indentation"),
    ("while scanning a double-quoted scalar", "this is not an escape sequence; use single quotes, or write '\\\\'"),
    ("while parsing a quoted scalar", "this is not an escape sequence; use single quotes, or write '\\\\'"),
)  # fmt: skip
"""Words in messages of libyaml or PyYAML; the first match selects the sentence."""


def sentence(error: yaml.YAMLError, text: str) -> tuple[int, int, str]:
    """Line and column, from 1, and one sentence for `error` in `text`."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if not isinstance(error, yaml.MarkedYAMLError) or mark is None:
        return 1, 1, f"not YAML: {' '.join(str(error).split())}"
    begun = error.context_mark.line + 1 if error.context_mark else mark.line + 1
    if "could not find expected ':'" in str(error.problem) and error.context_mark:
        mark = error.context_mark
    return mark.line + 1, mark.column + 1, _plainly(error, _character(text, mark), begun)


def too_deep(error: yaml.YAMLError) -> int | None:
    """The offset of the bracket at which libyaml's own nesting limit is reached, else None.

    libyaml reads a line of brackets to its end before it reports the first of them, so the text
    before that bracket shows where a lower limit was exceeded.
    """
    problem = str(getattr(error, "problem", ""))
    mark = getattr(error, "problem_mark", None)
    return mark.index if mark and "maximum nesting depth" in problem else None


def _plainly(error: yaml.MarkedYAMLError, character: str, begun: int) -> str:
    if character == "\t":
        return "a tab cannot indent; use spaces"
    if character and character in "@`%" and "cannot start any token" in str(error.problem):
        return f"a word that begins with {character!r} must be quoted"
    message = f"{error.problem} {error.context or ''}".strip()
    for pattern, plain in _SENTENCES:
        if pattern in message:
            return plain.replace("{line}", str(begun))
    return f"not YAML: {message}"


def _character(text: str, mark: yaml.Mark) -> str:
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    return line[mark.column : mark.column + 1]
