"""Failures that no rule explains: the line that says most of them, and what the words of that line mean."""

import re
from collections.abc import Sequence

import attrs

from ciforge.diagnose.messages.classify import ClassifiedMessage, classify
from ciforge.diagnose.rules import error_numbers, general_wordings
from ciforge.diagnose.rules.rule import Rule
from ciforge.diagnose.scan.failure_markers import UNINFORMATIVE
from ciforge.diagnose.scan.languages import in_english
from ciforge.diagnose.scan.log_lines import bare, suggested
from ciforge.diagnose.scan.log_progress import PLAIN_COMMAND, is_next_command
from ciforge.diagnose.scan.scanner import Scanner
from ciforge.diagnose.scan.telling_line import (
    Numbered,
    most_telling,
    place_of,
    says_error,
    subject_of,
)
from ciforge.model.finding import Basis, Finding, FindingKind

_NO_RULE = "No known error matched; see the log around this line."
_FIRST_NAME = re.compile(r"(?P<name>[A-Za-z@][\w./+@-]*\w)")
_ITEM = re.compile(r"\s+\S|\s*[*\u2022-] ")
_BELOW = 4
"""Lines, with the head, among which the name of what it is about is looked for."""
_NO_COMMAND = re.compile(r"\S+: ")
"""A program that says something, not one that is called."""
_CLEAR = 2
"""The least rank of a line that is taken for the cause."""
_CERTAIN = 4
"""The least rank of one that is taken in place of what a rule found that says only that something failed."""
_SURE = frozenset(
    {FindingKind.MISSING_LIBRARY, FindingKind.MISSING_HEADER, FindingKind.MISSING_TOOL}
)
"""Kinds that say more than the reason that the system gives."""
_GUESSES = frozenset({FindingKind.INSTALL_ERROR, FindingKind.TEST_FAILURE})
"""Kinds that many words may mean: they do not replace what a rule found."""


@attrs.frozen
class _Command:
    """The output of a command; a shell runs the next one only after it, other drivers side by side."""

    output: list[Numbered] = attrs.field(factory=list)
    by_shell: bool = False


def classified(finding: Finding, rule: Rule) -> Finding:
    """An error that a rule of no tool knows only as one, with the kind and subject that its words mean."""
    suggestion = suggested(finding.root_line)
    by_system = rule in error_numbers.RULES
    if finding.kind is not FindingKind.OTHER or (rule.advice and not by_system):
        return finding
    message = _message(finding.root_line)
    if message.rule is None or not message.subject:
        return finding
    if message.kind in _GUESSES and rule not in general_wordings.RULES:
        return finding
    if by_system and message.kind not in _SURE:
        return finding
    return attrs.evolve(
        finding,
        kind=message.kind,
        subject=message.subject[:200],
        advice=message.advice + suggestion,
        basis=Basis.MANUAL,
    )


def unexplained(scanner: Scanner, vague: Sequence[Finding]) -> Finding:
    """The finding for a failure that no rule explains, or only `vague` ones: these stay where no line says more."""
    marker = scanner.marker
    before = list(marker.before if marker else scanner.nearby)
    number = (marker.number if marker else scanner.number + 1) - len(before)
    numbered = list(enumerate(before, number))
    if marker:
        numbered.append((marker.number, marker.line))
    step = marker.step if marker else scanner.step
    clear = _clearest(numbered)
    if clear and (not vague or _is_certain(clear[1])):
        return _understood(scanner, *clear, step, numbered)
    if vague:
        return vague[0]
    return _other(scanner, numbered, marker.target if marker else "", step)


def _is_certain(message: ClassifiedMessage) -> bool:
    return message.rank >= _CERTAIN and message.kind not in _GUESSES


def _clearest(rows: Sequence[Numbered]) -> tuple[Numbered, ClassifiedMessage] | None:
    """The line that says best why the last command failed: the first of those that say as much."""
    for segment in reversed(_commands(rows)):
        messages = _messages(segment.output)
        best = max((_rank(row, message) for row, message in messages), default=0)
        if best >= _CLEAR:
            at = next(at for at, pair in enumerate(messages) if _rank(*pair) == best)
            return _below_head(messages[at : at + _BELOW])
        if segment.by_shell and any(text.strip() for _, text in segment.output):
            break
    return None


def _rank(row: Numbered, message: ClassifiedMessage) -> int:
    """How much a line says; nothing if it is one that drivers print after every failure."""
    named = message.rule is not None and not message.rule.vague and message.subject
    return 0 if UNINFORMATIVE.search(bare(row[1])) and not named else message.rank


def _messages(rows: Sequence[Numbered]) -> list[tuple[Numbered, ClassifiedMessage]]:
    """Each line with what it says; a place that stands in a line of its own belongs to the line below."""
    found: list[tuple[Numbered, ClassifiedMessage]] = []
    place = ""
    for row in rows:
        joined = f"{place} {row[1].strip()}" if place else row[1]
        message = _message(joined)
        found.append((row, message))
        only_place = message.parsed.file and not message.parsed.text
        place = joined.rstrip() if only_place and not place else ""
    return found


def _below_head(
    messages: Sequence[tuple[Numbered, ClassifiedMessage]],
) -> tuple[Numbered, ClassifiedMessage]:
    """The line below that names something, where a line ends with a colon or an exclamation mark and names nothing."""
    (row, head), *below = messages
    if head.subject or not bare(row[1]).endswith((":", "!")):
        return row, head
    clear = [pair for pair in below if pair[1].rule and pair[1].subject and _rank(*pair)]
    if clear:
        return clear[0]
    for following, message in below:
        text = bare(following[1])
        name = _FIRST_NAME.search(text)
        if name and _ITEM.match(text) and not text.endswith(":"):
            return following, attrs.evolve(message, rule=head.rule, subject=name["name"])
    return row, head


def _commands(rows: Sequence[Numbered]) -> list[_Command]:
    """The commands that are shown, in order, each with its output."""
    found = [_Command()]
    for row in rows:
        line = bare(row[1])
        by_shell = is_next_command(line)
        if by_shell or (PLAIN_COMMAND.match(line) and not _NO_COMMAND.match(line)):
            found.append(_Command(by_shell=by_shell))
        else:
            found[-1].output.append(row)
    return found


def _message(line: str) -> ClassifiedMessage:
    return classify(bare(in_english(line)))


def _understood(
    scanner: Scanner, row: Numbered, message: ClassifiedMessage, step: str, rows: Sequence[Numbered]
) -> Finding:
    """A finding from the words of a line."""
    place, root = row
    file, line = message.parsed.file, message.parsed.line
    if not file:
        file, line = place_of(root, ())
    return Finding(
        kind=message.kind, subject=(message.subject or subject_of(root) or message.parsed.text)[:200],
        log_line=place, root_line=root, file=scanner.folders.named(file, "") if file else "", line=line, step=step,
        excerpt=tuple(text for at, text in rows if at >= place - 6), advice=message.advice or _NO_RULE,
        basis=Basis.MANUAL if message.advice else Basis.DEDUCED,
    )  # fmt: skip


def _other(scanner: Scanner, rows: Sequence[Numbered], target: str, step: str) -> Finding:
    """A failure whose words mean nothing, with the lines that say most."""
    chosen = most_telling(rows)
    place, root = chosen or (rows or [(0, "the log is empty")])[-1]
    excerpt = tuple(line for at, line in rows if at >= place - 6) or (root,)
    named = subject_of(root) if chosen else ""
    subject = (named or target) if says_error(root) else (target or named)
    file, line = place_of(root, excerpt)
    return Finding(
        kind=FindingKind.OTHER, subject=subject[:200], log_line=place, root_line=root,
        file=scanner.folders.named(file, "") if file else "", line=line, step=step, excerpt=excerpt, advice=_NO_RULE,
    )  # fmt: skip
