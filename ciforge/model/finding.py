"""Findings: places in a log that explain a failure."""

import enum

import attrs


class FindingKind(enum.Enum):
    """Kinds of failure; a closed list."""

    MISSING_TOOL = "missing-tool"
    MISSING_MACRO = "missing-macro"
    AUTOTOOLS_VERSION = "autotools-version"
    MISSING_PACKAGE = "missing-package"
    CONFIGURE_CHECK = "configure-check"
    MISSING_HEADER = "missing-header"
    IMPLICIT_DECLARATION = "implicit-declaration"
    TYPE_CONFLICT = "type-conflict"
    UNKNOWN_TYPE = "unknown-type"
    INCOMPLETE_TYPE = "incomplete-type"
    UNDECLARED = "undeclared"
    REDEFINITION = "redefinition"
    WERROR = "werror"
    UNDEFINED_SYMBOL = "undefined-symbol"
    MISSING_LIBRARY = "missing-library"
    MULTIPLE_DEFINITION = "multiple-definition"
    MISSING_DSO = "missing-dso"
    RELOCATION = "relocation"
    MAKE_RULE = "make-rule"
    MAKE_SYNTAX = "make-syntax"
    YACC_LEX = "yacc-lex"
    INSTALL_ERROR = "install-error"
    EXPECTATION = "expectation"
    OUT_OF_MEMORY = "out-of-memory"
    INTERNAL_COMPILER_ERROR = "internal-compiler-error"
    DISK_FULL = "disk-full"
    TIMEOUT = "timeout"
    DEPS_NOT_FOUND = "deps-not-found"
    DEPS_NETWORK = "deps-network"
    GO_BUILD = "go-build"
    GO_MODULE = "go-module"
    CMAKE_ERROR = "cmake-error"
    MESON_ERROR = "meson-error"
    SYNTAX_ERROR = "syntax-error"
    TEST_FAILURE = "test-failure"
    OTHER = "other"


class Severity(enum.Enum):
    """The severity of a finding."""

    ERROR = "error"
    WARNING = "warning"
    """The build went on; it may be an error elsewhere."""


class Basis(enum.Enum):
    """The source of an advice."""

    DEDUCED = "deduced"
    """From the log; a build that fails so was made green by following it."""
    MANUAL = "manual"
    """From the log, and the manuals or sources of the tool; no build was made green by following it."""
    ASKED = "asked"
    """Confirmed in the container, or by the package index of the distribution."""


ORIGINS = {
    Basis.ASKED: " (looked up on the job's machine, not tried)",
    Basis.MANUAL: " (from the manual)",
    Basis.DEDUCED: "",
}
"""What follows an advice where its origin matters."""


@attrs.frozen(kw_only=True)
class Finding:
    """One place in a log that explains a failure; of several the first is the root cause."""

    kind: FindingKind
    subject: str = ""
    """The header, symbol, library, macro, package, target or option that it is about."""
    file: str = ""
    """The source file as the tool named it; empty if it named none."""
    line: int | None = None
    """The line in `file`, from 1."""
    log_line: int = 0
    """The line of the log, from 1; 0 where the finding does not come from a log."""
    root_line: str = ""
    """The text of that line, safe to print."""
    severity: Severity = Severity.ERROR
    advice: str = ""
    """A sentence that says what to do; empty if there is no general advice."""
    basis: Basis = Basis.DEDUCED
    step: str = ""
    """The step whose output contains it; empty if the log names no steps."""
    excerpt: tuple[str, ...] = ()
    """The relevant lines around it, safe to print, including the root line."""
    header: str = ""
    """The header that declares `subject`, as it is included; empty if that is not known."""

    @property
    def marked_advice(self) -> str:
        """The advice with its origin in parentheses; empty if there is none."""
        return f"{self.advice}{ORIGINS[self.basis]}" if self.advice else ""
