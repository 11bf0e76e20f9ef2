"""Packages, headers and files that a build requires: why they are not there, where a rule does not say it."""

import re

import attrs

from ciforge.diagnose.names.system_headers import system_of_header
from ciforge.diagnose.rules.error_numbers import REASONS
from ciforge.diagnose.scan.log_lines import bare
from ciforge.model.finding import Basis, Finding, FindingKind


def with_system_reason(one: Finding) -> Finding:
    """What a program could not do with a file, where the reason of the system says more than the rule."""
    if one.kind is not FindingKind.INSTALL_ERROR or not one.advice.endswith(_UNMADE):
        return one
    found = next((advice for reason, advice in REASONS.items() if reason in one.root_line), "")
    if not found or any(reason in one.root_line for reason in _PLAIN_REASONS):
        return one
    return attrs.evolve(one, advice=found.format(subject=one.subject))


_UNMADE = "see the step that should create it."
_PLAIN_REASONS = ("No such file or directory", "Permission denied")


def with_system(one: Finding) -> Finding:
    """A header that only other systems have: no package brings it."""
    system = system_of_header(one.subject) if one.kind is FindingKind.MISSING_HEADER else ""
    if not system:
        return one
    file = one.file.rpartition("/")[2] or "The file that needs it"
    advice = f"{one.subject} is a header of {system}: check for it in configure, and build {file} without it elsewhere."
    return attrs.evolve(one, advice=advice, basis=Basis.MANUAL)


_OLDER = re.compile(
    r"Requested '(?P<name>\S+) >=? (?P<wanted>\S+)' but version of \S+ is (?P<here>[\w.+-]*\w)"
)


def with_versions(one: Finding) -> Finding:
    """A package that is there, in a version that does not suffice."""
    if one.kind is not FindingKind.MISSING_PACKAGE:
        return one
    found = next((old for line in one.excerpt if (old := _OLDER.search(bare(line)))), None)
    if found is None or found["name"] != one.subject:
        return one
    advice = f"{one.subject} is {found['here']} here, and {found['wanted']} is required: accept the older one, or leave this release out."
    return attrs.evolve(one, advice=advice, basis=Basis.MANUAL)


_MALFORMED = re.compile(
    r"^(?:\S*/)?(?P<name>[^\s/:]+\.pc):(?P<line>\d+): (?:error|warning): (?P<reason>\S.*)"
)


def with_broken_module(one: Finding) -> Finding:
    """A package whose description pkg-config cannot read: it is there, and adding a package does not help."""
    if one.kind is not FindingKind.MISSING_PACKAGE:
        return one
    read = ((line, _MALFORMED.match(bare(line))) for line in one.excerpt)
    line, found = next(((line, found) for line, found in read if found), ("", None))
    if found is None:
        return one
    return attrs.evolve(
        one, kind=FindingKind.CONFIGURE_CHECK, subject=found["name"], root_line=line, basis=Basis.MANUAL,
        log_line=one.log_line + one.excerpt.index(line) - one.excerpt.index(one.root_line),
        advice=f"pkg-config cannot read line {found['line']} of {found['name']} ({found['reason']}): correct what installs it.",
    )  # fmt: skip
