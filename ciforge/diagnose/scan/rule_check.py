"""Finds rows of the rule tables that can never match, or that match too much."""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.diagnose.scan.log_lines import bare
from ciforge.diagnose.scan.prefilter import needed_words, words_of
from ciforge.diagnose.scan.ruleset import (
    ALONE,
    WORDS,
    Match,
    candidate_rows,
    is_code,
    match,
    match_inside,
)
from ciforge.sanitize import log_line


def deciding(rule: Rule, line: str) -> Match | None:
    """The match of a line in the tables, where `rule` applies; None if no row matches."""
    if rule.inside:
        return match_inside(line, rule.inside)
    if rule.weight is Weight.ALONE:
        return match(line, ALONE)
    return match(line, candidate_rows(line, WORDS.intersection(words_of(line)))[2])


def rule_problem(rule: Rule) -> str:
    """The mistake of a row, in a sentence; empty if its examples hold.

    The row need not be in the tables: then the tables must leave its example to it.
    """
    line = bare(log_line(rule.example))
    if reason := _unreachable(rule, line):
        return reason
    found = deciding(rule, line)
    if found is not None and found.rule is not rule:
        return f"an earlier row takes the example, with {found.rule.pattern.pattern!r}"
    if rule.pattern.search(bare(log_line(rule.counterexample))):
        return "the pattern matches the counterexample"
    return ""


def _unreachable(rule: Rule, line: str) -> str:
    """The reason why the example is never tried or does not match; empty if it matches."""
    if not rule.inside and rule.weight is not Weight.ALONE:
        words = needed_words(rule.needs, rule.words)
        if not {word.encode() for word in words} & set(words_of(line)):
            return f"no whole word of the example is {' or '.join(map(repr, words))}"
        if is_code(line):
            return "the example reads as source or as a command that is shown"
    if match(line, (rule,)) is None:
        return "the pattern does not match the example"
    return ""
