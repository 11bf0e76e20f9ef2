"""Packages, headers and files that a build requires: why they are not there, where a rule does not say it."""

import re

import attrs

from ciforge.diagnose.names.system_headers import system_of_header
from ciforge.diagnose.rules.error_numbers import REASONS
from ciforge.diagnose.scan.log_lines import bare
from ciforge.model.finding import Basis, Finding, FindingKind


def with_system_reason(finding: Finding) -> Finding:
    """What a program could not do with a file, where the reason of the system says more than the rule."""
    if finding.kind is not FindingKind.INSTALL_ERROR or not finding.advice.endswith(_UNMADE):
        return finding
    found = next((advice for reason, advice in REASONS.items() if reason in finding.root_line), "")
    if not found or any(reason in finding.root_line for reason in _PLAIN_REASONS):
        return finding
    return attrs.evolve(finding, advice=found.format(subject=finding.subject))


def with_probed_header(finding: Finding) -> Finding:
    """A configure that ends for a header without its name: the check before says which it did not find."""
    if finding.kind is not FindingKind.CONFIGURE_CHECK or "header" not in finding.root_line:
        return finding
    lines = finding.excerpt
    at = lines.index(finding.root_line) if finding.root_line in lines else 0
    found = next(
        (match for line in lines[:at][:-4:-1] if (match := _NO_HEADER.match(bare(line)))), None
    )
    if found is None or "configure" not in finding.root_line:
        return finding
    header = found["header"]
    advice = f"Add the package that ships {header} to `dependencies`, or configure without it."
    return attrs.evolve(
        finding, kind=FindingKind.MISSING_HEADER, subject=header, advice=advice, basis=Basis.DEDUCED
    )


_NO_HEADER = re.compile(
    r"checking (?:for )?(?P<header>[\w/.+-]+\.(?:h|hpp|hh))(?: usability| presence)?\.\.\. no$"
)
_UNMADE = "see the step that should create it."
_PLAIN_REASONS = ("No such file or directory", "Permission denied")


def with_system(finding: Finding) -> Finding:
    """A header that only other systems have: no package brings it."""
    system = system_of_header(finding.subject) if finding.kind is FindingKind.MISSING_HEADER else ""
    if not system:
        return finding
    file = finding.file.rpartition("/")[2] or "The file that needs it"
    where = (
        " add the headers of the kernel there (linux-libc-dev, linux-headers);"
        if system == "Linux"
        else ""
    )
    advice = f"{finding.subject} is a header of {system}:{where} check for it in configure, and build {file} without it elsewhere."
    return attrs.evolve(finding, advice=advice, basis=Basis.MANUAL)


_OLDER = re.compile(
    r"Requested '(?P<name>\S+) >=? (?P<wanted>\S+)' but version of \S+ is (?P<here>[\w.+-]*\w)"
)


def with_versions(finding: Finding) -> Finding:
    """A package that is there, in a version that does not suffice."""
    if finding.kind is not FindingKind.MISSING_PACKAGE:
        return finding
    found = next((old for line in finding.excerpt if (old := _OLDER.search(bare(line)))), None)
    if found is None or found["name"] != finding.subject:
        return finding
    advice = f"{finding.subject} is {found['here']} here, and {found['wanted']} is required: accept the older one, or leave this release out."
    return attrs.evolve(finding, advice=advice, basis=Basis.MANUAL)


_MALFORMED = re.compile(
    r"^(?:\S*/)?(?P<name>[^\s/:]+\.pc):(?P<line>\d+): (?:error|warning): (?P<reason>\S.*)"
)


def with_broken_module(finding: Finding) -> Finding:
    """A package whose description pkg-config cannot read: it is there, and adding a package does not help."""
    if finding.kind is not FindingKind.MISSING_PACKAGE:
        return finding
    read = ((line, _MALFORMED.match(bare(line))) for line in finding.excerpt)
    line, found = next(((line, found) for line, found in read if found), ("", None))
    if found is None:
        return finding
    return attrs.evolve(
        finding, kind=FindingKind.CONFIGURE_CHECK, subject=found["name"], root_line=line, basis=Basis.MANUAL,
        log_line=finding.log_line + finding.excerpt.index(line) - finding.excerpt.index(finding.root_line),
        advice=f"pkg-config cannot read line {found['line']} of {found['name']} ({found['reason']}): correct what installs it.",
    )  # fmt: skip
