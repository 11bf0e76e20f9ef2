"""Names that C23 made keywords, also where the compiler only points at them."""

import re

import attrs

from ciforge.diagnose.scan.log_lines import bare
from ciforge.model.finding import Finding, FindingKind

_KEYWORDS = frozenset(
    [
        "bool",
        "true",
        "false",
        "nullptr",
        "static_assert",
        "thread_local",
        "alignas",
        "alignof",
        "constexpr",
        "typeof",
        "typeof_unqual",
    ]
)
_CARET = re.compile(r"^(?P<before>[\s|]*)\^")
_SHOWN = re.compile(r"^\s*\d+ \| ?")
_C23 = (
    "{name} is a keyword of C23, the default of newer compilers: include <stdbool.h> and the like instead of defining it, or "
    "build with -std=gnu17."
)


def with_keyword(finding: Finding) -> Finding:
    """clang points at a keyword of C23 instead of naming it."""
    if finding.kind is not FindingKind.SYNTAX_ERROR:
        return finding
    name = finding.subject if finding.subject in _KEYWORDS else _pointed_at(finding)
    if name not in _KEYWORDS:
        return finding
    return attrs.evolve(finding, subject=name, advice=_C23.format(name=name))


def _pointed_at(finding: Finding) -> str:
    """The word that the caret below a line of source points at."""
    lines = [bare(line) for line in finding.excerpt]
    try:
        at = finding.excerpt.index(finding.root_line)
    except ValueError:
        return ""
    for source, pointer in zip(lines[at + 1 : at + 3], lines[at + 2 : at + 4], strict=False):
        if match := _CARET.match(pointer):
            word = re.match(r"\w+", source[len(match["before"]) :])
            return word[0] if word and _SHOWN.sub("", source) else ""
    return ""
