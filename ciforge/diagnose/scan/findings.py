"""A log to its findings, the root cause first."""

from collections.abc import Iterable

import attrs

from ciforge.diagnose.rules.rule import Weight
from ciforge.diagnose.scan.candidate import LIMITS, Candidate
from ciforge.diagnose.scan.candidate_set import FAR, NEAR, NOT_THERE
from ciforge.diagnose.scan.conditionals import is_damaged_conditional
from ciforge.diagnose.scan.config_log import explained
from ciforge.diagnose.scan.crashes import crashed_programs, is_consequence
from ciforge.diagnose.scan.log_lines import batches, read_lines, suggested
from ciforge.diagnose.scan.make_folders import MakeFolders
from ciforge.diagnose.scan.passed_probes import without_passed_first
from ciforge.diagnose.scan.recovery import BEYOND_MAKE, Failure, Recovered
from ciforge.diagnose.scan.refine import refined
from ciforge.diagnose.scan.ruleset import advice
from ciforge.diagnose.scan.scanner import Scanner
from ciforge.diagnose.scan.unexplained import classified, unexplained
from ciforge.model.finding import Basis, Finding, FindingKind

__all__ = ["diagnose", "read_lines"]

_SOON = 12
"""Lines before the end of a log that proves nothing, within which an error counts."""
_AT_END = 0
"""The same for errors that builds which succeed print too."""
_NO_MAKEFILE = (
    "No targets specified and no makefile found",
    "No targets",
    "no target to make",
    "Makefile",
)
_FOLLOWS = frozenset({FindingKind.SYNTAX_ERROR, FindingKind.OTHER, FindingKind.WERROR})
"""Errors that compilers report in a file after an earlier error in it."""
_LACKS = frozenset(
    {
        FindingKind.MISSING_TOOL, FindingKind.MISSING_HEADER, FindingKind.MISSING_LIBRARY, FindingKind.MISSING_PACKAGE,
        FindingKind.MISSING_MACRO, FindingKind.CONFIGURE_CHECK, FindingKind.YACC_LEX, FindingKind.CMAKE_ERROR,
        FindingKind.MESON_ERROR, FindingKind.OTHER, FindingKind.MAKE_RULE, FindingKind.DEPS_NOT_FOUND,
    }
)  # fmt: skip
"""Kinds of failures that follow when packages were not installed."""
_UNMADE = frozenset({FindingKind.MISSING_TOOL, FindingKind.INSTALL_ERROR, FindingKind.OTHER})
"""Kinds of failures that follow when a file was not made."""
_CLEANING = (
    "clean",
    "distclean",
    "maintainer-clean",
    "realclean",
    "mrproper",
    "uninstall",
    "extraclean",
)
"""Targets that scripts call without need."""
_UNDISTRIBUTED = (
    "{subject} is not in the archive that `make dist` makes: name it in EXTRA_DIST, or in the _SOURCES or _HEADERS of what "
    "needs it."
)
"""Advice about a file that is missing in the tree of distcheck: PROJECT-VERSION/_build, as Automake's manual says."""


def diagnose(
    lines: Iterable[str],
    *,
    failed: bool = False,
    config_log: Iterable[str] = (),
    step: str | None = None,
) -> tuple[Finding, ...]:
    """The errors that explain a failed build, the root cause first, then warnings.

    If `failed` is false, errors count only if the log shows that the build failed. `config_log` are
    the lines of config.log. `step` is the step that printed the log, if no line of ciforge names it.
    """
    scanner = Scanner(step or "")
    scanner.read(batches(lines))
    if not failed:
        scanner.recover_at_end()
    proven = failed or scanner.failures.live
    if not scanner.failures.live:
        end = Failure(scanner.number, BEYOND_MAKE)
        reach = (NEAR, FAR) if failed else (_AT_END, _SOON)
        scanner.candidates.confirm(end, scanner.number, *reach, proven=failed)
    elif not scanner.candidates.is_explained:
        scanner.candidates.confirm_tests(Failure(scanner.number, BEYOND_MAKE))
    errors = _ordered(_counting(scanner, proven))
    findings = [classified(_finding(error, scanner.folders), error.rule) for error in errors]
    if proven and all(error.weight is Weight.VAGUE for error in errors):
        findings = [unexplained(scanner, findings)]
    findings = explained(findings, config_log, scanner.config_log)
    warnings = (
        _finding(warning, scanner.folders) for warning in scanner.candidates.warnings.values()
    )
    return tuple(refined([*findings, *warnings]))


def _counting(scanner: Scanner, proven: bool) -> list[Candidate]:
    """Candidates that count as errors."""
    found = list(scanner.candidates.errors.values())
    counting = [
        candidate
        for candidate in found
        if candidate.confirmed
        or (proven and candidate.weight is Weight.FATAL and not candidate.recovered)
    ]
    if not proven:
        return counting
    passed = [
        candidate
        for candidate in found
        if candidate.recovered is Recovered.LIKELY and _may_matter(candidate)
    ]
    if not any(candidate.weight <= Weight.FATAL for candidate in counting):
        near = scanner.number - FAR
        return [
            *(candidate for candidate in passed if candidate.last > near and not candidate.probe),
            *counting,
        ]
    first = min(counting, key=_rank)
    return [*(candidate for candidate in passed if _leads(candidate, first)), *counting]


def _may_matter(candidate: Candidate) -> bool:
    """Whether the build could have failed because of it later: no line says that it does not matter."""
    tolerated = candidate.failure is not None and candidate.failure.tolerated
    return not tolerated and candidate.weight <= Weight.FATAL


def _leads(candidate: Candidate, to: Candidate) -> bool:
    """Whether a script that went on after an error failed for what that error left undone."""
    if candidate.log_line > to.log_line or candidate.subject in _CLEANING:
        return False
    if candidate.kind in LIMITS:
        return to.kind in _LACKS
    unmade = to.kind is FindingKind.MAKE_RULE and to.subject not in _CLEANING
    gone = to.kind in _UNMADE and ("/" in to.subject or "." in to.subject)
    return (unmade or gone) and candidate.kind is not FindingKind.MAKE_RULE


def _ordered(found: list[Candidate]) -> list[Candidate]:
    found = without_passed_first(sorted(found, key=_rank))
    if not found:
        return []
    if found[0].kind in NOT_THERE:
        network = [
            candidate
            for candidate in found
            if candidate.kind is FindingKind.DEPS_NETWORK
            and candidate.step == found[0].step
            and candidate.log_line < found[0].log_line
        ]
        network.sort(key=lambda candidate: (candidate.weight, candidate.log_line))
        found = [*network, *(candidate for candidate in found if candidate not in network)]
    return _independent(found)


def _rank(candidate: Candidate) -> tuple[int, int]:
    """Limits of the machine, then errors before a failure marker, then the others; each in log order."""
    if candidate.weight is Weight.RESOURCE:
        group = 0
    elif candidate.weight is Weight.VAGUE:
        group = 3
    else:
        group = 1 if candidate.confirmed or candidate.recovered else 2
    return group, candidate.log_line


def _independent(found: list[Candidate]) -> list[Candidate]:
    """The candidates without consequences of others."""
    clear = [candidate for candidate in found if candidate.weight is not Weight.VAGUE] or found[:1]
    kept: list[Candidate] = []
    files: set[tuple[str, str]] = set()
    seen: set[tuple[FindingKind, str]] = set()
    crashes = crashed_programs(clear)
    for candidate in clear:
        after = (
            candidate.kind in _FOLLOWS
            and candidate.file
            and (candidate.step, candidate.file) in files
        )
        lost = after and not is_damaged_conditional(candidate.subject)
        nothing = (
            kept and candidate.kind is FindingKind.MAKE_RULE and candidate.subject in _NO_MAKEFILE
        )
        twice = candidate.subject and (candidate.kind, candidate.subject) in seen
        if not (lost or nothing or twice or is_consequence(candidate, crashes)):
            kept.append(candidate)
            seen.add((candidate.kind, candidate.subject))
        if candidate.file:
            files.add((candidate.step, candidate.file))
    return kept


def _finding(candidate: Candidate, folders: MakeFolders) -> Finding:
    file = folders.named(candidate.file, candidate.folder) if candidate.file else ""
    match = attrs.evolve(candidate.match, subject=candidate.subject, file=file, line=candidate.line)
    undistributed = _is_undistributed(candidate)
    advice_text = (
        _UNDISTRIBUTED.format(subject=candidate.subject.rpartition("/")[2])
        if undistributed
        else advice(match) + suggested(candidate.root_line)
    )
    followed = candidate.rule.followed and not undistributed
    return Finding(
        kind=candidate.kind, subject=candidate.subject[:200], file=file, line=candidate.line,
        log_line=candidate.log_line, root_line=candidate.root_line, severity=candidate.rule.severity,
        advice=advice_text, step=candidate.step, excerpt=candidate.excerpt,
        basis=Basis.MANUAL if advice_text and not followed and candidate.weight is not Weight.VAGUE else Basis.DEDUCED,
    )  # fmt: skip


def _is_undistributed(candidate: Candidate) -> bool:
    """Whether a file is missing in the tree that `make distcheck` unpacks."""
    of_source = candidate.kind is FindingKind.MAKE_RULE or (
        candidate.kind is FindingKind.MISSING_HEADER
        and any(f'#include "{candidate.subject}"' in line for line in candidate.excerpt)
    )
    return of_source and "/_build/" in f"{candidate.folder}/"
