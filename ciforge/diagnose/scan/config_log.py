"""config.log: why a check of configure failed."""

import re
from collections import deque
from collections.abc import Iterable

import attrs

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.diagnose.scan.log_lines import bare
from ciforge.diagnose.scan.ruleset import RULES, advice, described, is_code
from ciforge.model.finding import Finding, FindingKind
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
    why = _why(config_log) or _why(shown)
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


def _why(config_log: Iterable[str]) -> tuple[Rule, dict[str, str], tuple[str, ...]] | None:
    """The rule that knows what the last check before configure's last word ran into."""
    for line in _last_check(config_log):
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
