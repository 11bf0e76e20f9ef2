"""A cause in the few words of a subject line."""

import re
from collections.abc import Sequence

from ciforge.diagnose.causes.fingerprint import library_name
from ciforge.diagnose.scan.header_names import listed
from ciforge.model.finding import Finding, FindingKind

_LONGEST = 72

_TITLES = {
    FindingKind.MISSING_TOOL: "{} is not installed",
    FindingKind.MISSING_MACRO: "macro {} unknown",
    FindingKind.AUTOTOOLS_VERSION: "{}: wrong version",
    FindingKind.MISSING_PACKAGE: "{} not found by pkg-config",
    FindingKind.CONFIGURE_CHECK: "configure: {}",
    FindingKind.MISSING_HEADER: "{} not found",
    FindingKind.IMPLICIT_DECLARATION: "{} undeclared",
    FindingKind.TYPE_CONFLICT: "conflicting types for {}",
    FindingKind.UNKNOWN_TYPE: "type {} unknown",
    FindingKind.INCOMPLETE_TYPE: "{} is incomplete",
    FindingKind.UNDECLARED: "{} undeclared",
    FindingKind.REDEFINITION: "{} defined twice",
    FindingKind.WERROR: "warning made an error: {}",
    FindingKind.UNDEFINED_SYMBOL: "{} undefined",
    FindingKind.MISSING_LIBRARY: "library {} not found",
    FindingKind.MULTIPLE_DEFINITION: "{} defined more than once",
    FindingKind.MISSING_DSO: "{} undefined: its library is not linked",
    FindingKind.RELOCATION: "relocation {}: not position-independent",
    FindingKind.MAKE_RULE: "no rule to make {}",
    FindingKind.MAKE_SYNTAX: "make: {}",
    FindingKind.YACC_LEX: "grammar: {}",
    FindingKind.INSTALL_ERROR: "install: {}",
    FindingKind.EXPECTATION: "not as expected: {}",
    FindingKind.OUT_OF_MEMORY: "out of memory",
    FindingKind.INTERNAL_COMPILER_ERROR: "the compiler crashed on {}",
    FindingKind.DISK_FULL: "disk full",
    FindingKind.TIMEOUT: "time limit reached: {}",
    FindingKind.DEPS_NOT_FOUND: "package {} does not exist",
    FindingKind.DEPS_NETWORK: "packages cannot be fetched: {}",
    FindingKind.GO_BUILD: "go: {}",
    FindingKind.GO_MODULE: "go module {}",
    FindingKind.CMAKE_ERROR: "cmake: {}",
    FindingKind.MESON_ERROR: "meson: {}",
    FindingKind.SYNTAX_ERROR: "syntax error in {}",
    FindingKind.TEST_FAILURE: "test {} failed",
    FindingKind.OTHER: "{}",
}
"""`{}` is the subject."""


_SAID = re.compile(r"\s*FAIL: +\S+ +[^(\s]")
"""`FAIL: no locale`, of a program of the project."""


def title(finding: Finding, names: Sequence[str] = ()) -> str:
    """One line without a place: `event.h not found`; at most 72 characters.

    `names` are all that the cause is about, where one fix is for several.
    """
    template = _TITLES[finding.kind]
    if finding.kind is FindingKind.TYPE_CONFLICT and "-" in finding.subject:
        template = "{}"  # No function is called so: it is the warning that became an error.
    if finding.kind is FindingKind.TEST_FAILURE and _SAID.match(finding.root_line):
        template = "{}"  # automake writes one word, the name; this line is a program's own.
    about = (
        listed(list(dict.fromkeys((finding.subject, *names))), most=3) if names else _about(finding)
    )
    text = template.format(about) if "{}" in template else template
    text = " ".join(text.split()).rstrip(": ")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _about(finding: Finding) -> str:
    if finding.kind is FindingKind.SYNTAX_ERROR:
        return finding.file.rpartition("/")[2] or finding.subject or "the source"
    if finding.kind is FindingKind.MISSING_LIBRARY:
        return library_name(finding.subject)
    match = finding.kind is FindingKind.TEST_FAILURE and _SAID.match(finding.root_line)
    what = "" if match else finding.subject
    what = what or finding.root_line.strip()
    return what or f"{finding.step or 'the job'} failed, and its log does not say why"
