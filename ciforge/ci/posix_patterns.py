"""Regular expressions of descriptors in the words of POSIX, for machines whose grep knows no others."""

import re
from collections.abc import Iterable, Iterator

_CLASSES = {"S": "[^[:space:]]", "s": "[[:space:]]", "w": "[[:alnum:]_]", "d": "[0-9]", "t": "\t"}
_IN_BRACKETS = {"w": "[:alnum:]_", "d": "0-9", "s": "[:space:]", "t": "\t"}
_WORDS = re.compile(r"\(\?P<\w+>|\(\?i:|\(\?:|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[*+?}]\?|.", re.DOTALL)


def extended(pattern: str) -> str:
    """The pattern as an extended regular expression. Raises ValueError where there is none."""
    return _translated(pattern)[0]


def packages_script(patterns: Iterable[str]) -> str:
    """A script for `sed -n -E`: of a text that matches one of the patterns it prints the group `package`."""
    return "".join(f"{line}\n" for line in map(_substitution, patterns))


def _substitution(pattern: str) -> str:
    text, number = _translated(pattern.removeprefix("^").removesuffix("$"))
    if "~" in text or not number:
        raise ValueError(f"cannot take the name of a package from {pattern!r}")
    return f"s~^{text}$~\\{number}~p"


def _translated(pattern: str) -> tuple[str, int]:
    """The expression, and the number of its group `package`; 0 where it has none."""
    return "".join(text for text, _ in _words(pattern)), max(
        (number for _, number in _words(pattern)), default=0
    )


def _words(pattern: str) -> Iterator[tuple[str, int]]:
    groups = 0
    folding: list[bool] = []
    for word in _WORDS.findall(pattern):
        named = 0
        if word.startswith("("):
            groups += 1
            folding.append(word == "(?i:" or any(folding))
            named = groups if "P<" in word else 0
            text = "("
        elif word == ")":
            folding.pop()
            text = word
        elif word.startswith("[") and len(word) > 1:
            text = re.sub(r"\\(.)", lambda found: _IN_BRACKETS.get(found[1], found[1]), word)
        elif len(word) == 2 and word[0] == "\\":
            text = _escaped(word, pattern)
        elif len(word) == 2:
            raise ValueError(f"POSIX has no {word} in {pattern!r}")
        else:
            text = f"[{word.upper()}{word.lower()}]" if any(folding) and word.isalpha() else word
        yield text, named


def _escaped(word: str, pattern: str) -> str:
    if word[1] in _CLASSES:
        return _CLASSES[word[1]]
    if word[1].isalnum():
        raise ValueError(f"POSIX has no {word} in {pattern!r}")
    return word
