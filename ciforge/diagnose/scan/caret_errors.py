"""Errors that stand below the source line, behind a caret: where they are and what the caret points at."""

import re

import attrs

from ciforge.diagnose.scan.log_lines import bare
from ciforge.model.finding import Finding

_POINTER = re.compile(r"^(?P<indent>\s+)\^ ")
_PLACE = re.compile(r"^(?P<file>[^\s:]+):(?P<line>\d+):(?: |$)")
"""Before the source line (chibicc), or alone on the line above it (slimcc)."""


def with_source_line(finding: Finding) -> Finding:
    """The finding with file, line and name from the lines above; as it is where its line has no caret."""
    pointer = _POINTER.match(finding.root_line)
    if not pointer or finding.file or finding.root_line not in finding.excerpt:
        return finding
    at = finding.excerpt.index(finding.root_line)
    above = [bare(line) for line in reversed(finding.excerpt[max(at - 2, 0) : at])]
    place = next(filter(None, map(_PLACE.match, above)), None)
    if not place:
        return finding
    subject = finding.subject or _word_at(above[0], len(pointer["indent"]))
    advice = finding.advice.replace("Look at it ", f"Look at {place['file']}:{place['line']} ")
    if not finding.subject and subject:
        advice = re.sub(r"\bit\b", subject, advice, count=1)
    return attrs.evolve(
        finding, subject=subject, file=place["file"], line=_number(place["line"]), advice=advice
    )


def _word_at(source: str, column: int) -> str:
    """The word at a column; a control character, such as a tab, has no width, as in chibicc."""
    width = 0
    for index, character in enumerate(source):
        if width == column and character.isprintable():
            match = re.match(r"\w+", source[index:])
            return match[0] if match else ""
        width += character.isprintable()
    return ""


def _number(digits: str) -> int | None:
    return int(digits) if len(digits) < 9 else None
