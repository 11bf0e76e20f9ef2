"""config.log: why a check of configure failed."""

import re
from collections import deque
from collections.abc import Iterable

import attrs

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.diagnose.scan.header_names import listed
from ciforge.diagnose.scan.log_lines import bare
from ciforge.diagnose.scan.ruleset import RULES, advice, described, is_code
from ciforge.model.finding import Basis, Finding, FindingKind
from ciforge.sanitize import log_line

_KEPT = 4000
"""Lines before configure's last word that are read."""
_LAST_WORD = re.compile(r"^configure:\d+: error: ")
_CHECK = re.compile(r"^configure:\d+: checking ")
_OURS = re.compile(r"^configure:\d+: |^\$\? = |^\|| *^configure: failed program")
_EXPLAINED = frozenset({FindingKind.CONFIGURE_CHECK})
"""Errors of configure that give no reason."""
_SHOWN = 8
_KINDS = frozenset({
    FindingKind.MISSING_LIBRARY, FindingKind.CONFIGURE_CHECK, FindingKind.MISSING_HEADER, FindingKind.UNDEFINED_SYMBOL,
    FindingKind.MISSING_TOOL, FindingKind.DISK_FULL, FindingKind.OUT_OF_MEMORY, FindingKind.INTERNAL_COMPILER_ERROR,
    FindingKind.MISSING_DSO, FindingKind.RELOCATION, FindingKind.TYPE_CONFLICT, FindingKind.UNDECLARED, FindingKind.UNKNOWN_TYPE,
    FindingKind.IMPLICIT_DECLARATION, FindingKind.INCOMPLETE_TYPE, FindingKind.SYNTAX_ERROR, FindingKind.WERROR,
})  # fmt: skip
_RULES = tuple(rule for rule in RULES if rule.kind in _KINDS and not rule.inside)
_SILENT = ("C compiler", "C++ compiler", "preprocessor", "compiled programs")
"""Subjects that say nothing by themselves: here the reason takes their place."""


def explained(
    findings: list[Finding], config_log: Iterable[str], shown: Iterable[str]
) -> list[Finding]:
    """Findings of configure with the reason that its own log gives; others as they are.

    `shown` is the part of config.log that the log itself shows.
    """
    if not findings or "configure" not in findings[0].root_line:
        return findings
    first = findings[0]
    block = _last_check(config_log)
    if lacks := static_library_lacks(block):
        excerpt = (
            *first.excerpt,
            *[line for line in block if "undefined reference" in line][:_SHOWN],
        )
        return [
            attrs.evolve(first, advice=lacks, basis=Basis.DEDUCED, excerpt=excerpt),
            *findings[1:],
        ]
    why = _why(block) or _why(_last_check(shown))
    if why is None:
        return findings
    rule, groups, lines = why
    excerpt = (*first.excerpt, *lines)
    if first.kind in _EXPLAINED and first.subject.endswith(_SILENT):
        description = described(rule, groups)
        first = attrs.evolve(
            first,
            kind=rule.kind,
            subject=description.subject[:200],
            advice=advice(description),
            excerpt=excerpt,
        )
    else:
        first = attrs.evolve(first, excerpt=excerpt)
    return [first, *findings[1:]]


def static_library_lacks(lines: Iterable[str]) -> str:
    """Advice for a static library whose own libraries a link does not name; empty for other failures of a check."""
    library, symbols = "", []
    for line in lines:
        if archive := _ARCHIVE.search(line):
            library = archive["library"]
        elif library and (symbol := _LACKED.match(line)):
            symbols.append(symbol["name"])
    if not symbols:
        return ""
    return _STATIC.format(library=library, names=listed(symbols, 4))


_ARCHIVE = re.compile(r"/lib(?P<library>[\w.+-]+)\.a\([^)]+\): in function ")
_LACKED = re.compile(r"(?:\S*ld\S*: )?\(\.text\S*\): undefined reference to .(?P<name>\w+)")
_STATIC = (
    "lib{library}.a is linked statically, and the link does not name the libraries that it needs in turn, which have {names}: "
    "give configure LIBS with what `pkg-config --static --libs` lists for it, and `dependencies` their packages."
)


def _why(lines: Iterable[str]) -> tuple[Rule, dict[str, str], tuple[str, ...]] | None:
    """The rule that knows what the last check before configure's last word ran into."""
    for line in lines:
        for rule in _RULES:
            if rule.needs in line and rule.weight is not Weight.VAGUE:
                match = rule.pattern.search(line)
                if match is not None:
                    groups = {name: value or "" for name, value in match.groupdict().items()}
                    return rule, groups, (line,)
    return None


def _last_check(config_log: Iterable[str]) -> list[str]:
    """The lines printed after the last `checking …` before configure gave up."""
    block: deque[str] = deque(maxlen=_KEPT)
    for raw in config_log:
        line = bare(log_line(raw))
        if _LAST_WORD.match(line):
            break
        if _CHECK.match(line):
            block.clear()
        elif not _OURS.match(line) and not is_code(line):
            block.append(line)
    return list(block)
