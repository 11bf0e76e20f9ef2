"""A log to its findings, the root cause first."""

from collections.abc import Iterable

import attrs

from ciforge.diagnose.rules.rule import Weight
from ciforge.diagnose.scan import failure_markers
from ciforge.diagnose.scan.config_log import explained
from ciforge.diagnose.scan.languages import in_english
from ciforge.diagnose.scan.log_lines import bare, read_lines, safe, suggested
from ciforge.diagnose.scan.ruleset import advice
from ciforge.diagnose.scan.scanner import FAR, NEAR, NOT_THERE, Candidate, Scanner
from ciforge.model.finding import Finding, FindingKind

__all__ = ["diagnose", "read_lines"]

_SOON = 12
"""Lines before the end of a log that proves nothing, within which an error counts."""
_AT_END = 0
"""The same for what is also said in passing."""
_NO_MAKEFILE = (
    "No targets specified and no makefile found",
    "No targets",
    "no target to make",
    "Makefile",
)
_FOLLOWS = frozenset({FindingKind.SYNTAX_ERROR, FindingKind.OTHER, FindingKind.WERROR})
"""What compilers say of a file that they have already lost their way in."""
_READ = "No known error matched; see the log around this line."


def diagnose(
    lines: Iterable[str],
    *,
    failed: bool = False,
    config_log: Iterable[str] = (),
    step: str | None = None,
) -> tuple[Finding, ...]:
    """What a log says about why a build failed, the root cause first; warnings come last.

    `failed` says that it did; else the log itself must. `config_log` are the lines of configure's
    own log. `step` is the step whose output this is, where the log has no marks of ciforge.
    """
    reader = Scanner(step or "")
    reader.read(map(safe, lines))
    proven = failed or bool(reader.proven)
    if not reader.proven:
        reader.confirm(*((NEAR, FAR) if failed else (_AT_END, _SOON)), proven=failed)
    errors = _ordered(_counting(reader, proven))
    findings = [_finding(one) for one in errors]
    if not findings and proven:
        findings = [_other(reader)]
    findings = explained(findings, config_log, reader.config_log)
    return (*findings, *(_finding(one) for one in reader.warnings.values()))


def _counting(reader: Scanner, proven: bool) -> list[Candidate]:
    """Candidates that are to be believed."""
    return [
        one
        for one in reader.errors.values()
        if one.confirmed or (proven and one.weight is Weight.FATAL)
    ]


def _ordered(found: list[Candidate]) -> list[Candidate]:
    found = sorted(found, key=_rank)
    if not found:
        return []
    if found[0].kind in NOT_THERE:
        network = [
            one
            for one in found
            if one.kind is FindingKind.DEPS_NETWORK and one.step == found[0].step
        ]
        network.sort(key=lambda one: (one.weight, one.log_line))
        found = [*network, *(one for one in found if one.kind is not FindingKind.DEPS_NETWORK)]
    return _independent(found)


def _rank(one: Candidate) -> tuple[int, int]:
    """Resources, then what a failure followed, then what it did not; each in the log's order."""
    if one.weight is Weight.RESOURCE:
        group = 0
    elif one.weight is Weight.VAGUE:
        group = 3
    else:
        group = 1 if one.confirmed else 2
    return group, one.log_line


def _independent(found: list[Candidate]) -> list[Candidate]:
    """Without what only follows from others."""
    clear = [one for one in found if one.weight is not Weight.VAGUE] or found[:1]
    kept: list[Candidate] = []
    files: set[tuple[str, str]] = set()
    told: set[tuple[FindingKind, str]] = set()
    for one in clear:
        lost = one.kind in _FOLLOWS and one.file and (one.step, one.file) in files
        nothing = kept and one.kind is FindingKind.MAKE_RULE and one.subject in _NO_MAKEFILE
        twice = one.subject and (one.kind, one.subject) in told
        if not (lost or nothing or twice):
            kept.append(one)
            told.add((one.kind, one.subject))
        if one.file:
            files.add((one.step, one.file))
    return kept


def _finding(one: Candidate) -> Finding:
    said = attrs.evolve(one.match, subject=one.subject, file=one.file, line=one.line)
    return Finding(
        kind=one.kind, subject=one.subject[:200], file=one.file, line=one.line,
        log_line=one.log_line, root_line=one.root_line, severity=one.rule.severity,
        advice=advice(said) + suggested(one.root_line), step=one.step, excerpt=one.excerpt,
    )  # fmt: skip


def _other(reader: Scanner) -> Finding:
    """A failure that no rule knows, with the lines that say most."""
    told = reader.told
    before = list(told.before if told else reader.nearby)
    number = (told.number if told else reader.number + 1) - len(before)
    numbered = list(enumerate(before, number))
    if told:
        numbered.append((told.number, told.line))
    said = [one for one in numbered if not failure_markers.EMPTY.search(bare(one[1]))]
    telling = [one for one in said if failure_markers.TELLING.search(bare(in_english(one[1])))]
    place, root = (telling or said or numbered or [(0, "the log is empty")])[-1]
    excerpt = tuple(line for at, line in numbered if at >= place - 6) or (root,)
    return Finding(
        kind=FindingKind.OTHER, subject=told.target[:200] if told else "", log_line=place, root_line=root,
        step=told.step if told else reader.step, excerpt=excerpt, advice=_READ,
    )  # fmt: skip
