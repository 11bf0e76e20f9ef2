"""A cause in the few words of a subject line."""

from ciforge.diagnose.keys import library_name
from ciforge.model.finding import Finding, Kind

_LONGEST = 72

_TITLES = {
    Kind.MISSING_TOOL: "{} is not installed",
    Kind.MISSING_MACRO: "macro {} unknown",
    Kind.AUTOTOOLS_VERSION: "{}: wrong version",
    Kind.MISSING_PACKAGE: "{} not found by pkg-config",
    Kind.CONFIGURE_CHECK: "configure: {}",
    Kind.MISSING_HEADER: "{} not found",
    Kind.IMPLICIT_DECLARATION: "{} undeclared",
    Kind.TYPE_CONFLICT: "conflicting types for {}",
    Kind.UNKNOWN_TYPE: "type {} unknown",
    Kind.INCOMPLETE_TYPE: "{} is incomplete",
    Kind.UNDECLARED: "{} undeclared",
    Kind.REDEFINITION: "{} defined twice",
    Kind.WERROR: "warning made an error: {}",
    Kind.UNDEFINED_SYMBOL: "{} undefined",
    Kind.MISSING_LIBRARY: "library {} not found",
    Kind.MULTIPLE_DEFINITION: "{} defined more than once",
    Kind.MISSING_DSO: "{} undefined: its library is not linked",
    Kind.RELOCATION: "relocation {}: not position-independent",
    Kind.MAKE_RULE: "no rule to make {}",
    Kind.MAKE_SYNTAX: "make: {}",
    Kind.YACC_LEX: "grammar: {}",
    Kind.INSTALL_ERROR: "install: {}",
    Kind.EXPECTATION: "not as expected: {}",
    Kind.OUT_OF_MEMORY: "out of memory",
    Kind.INTERNAL_COMPILER_ERROR: "the compiler crashed on {}",
    Kind.DISK_FULL: "disk full",
    Kind.TIMEOUT: "time limit reached: {}",
    Kind.DEPS_NOT_FOUND: "package {} is not there",
    Kind.DEPS_NETWORK: "packages cannot be fetched: {}",
    Kind.GO_BUILD: "go: {}",
    Kind.GO_MODULE: "go module {}",
    Kind.CMAKE_ERROR: "cmake: {}",
    Kind.MESON_ERROR: "meson: {}",
    Kind.SYNTAX_ERROR: "syntax error in {}",
    Kind.TEST_FAILURE: "test {} failed",
    Kind.OTHER: "{}",
}
"""`{}` is the subject."""


def title(finding: Finding) -> str:
    """One line without a place: `event.h not found`; at most 72 characters."""
    template = _TITLES[finding.kind]
    if finding.kind is Kind.TYPE_CONFLICT and "-" in finding.subject:
        template = "{}"  # No function is called so: it is the warning that became an error.
    text = template.format(_about(finding)) if "{}" in template else template
    text = " ".join(text.split()).rstrip(": ")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _about(finding: Finding) -> str:
    if finding.kind is Kind.SYNTAX_ERROR:
        return finding.file.rpartition("/")[2] or finding.subject or "the source"
    if finding.kind is Kind.MISSING_LIBRARY:
        return library_name(finding.subject)
    what = finding.subject or finding.root_line.strip()
    return what or f"{finding.step or 'the job'} failed, and its log does not say why"
