"""The rules of a SARIF log: a sentence for each kind of finding, as GitHub shows it beside an alert."""

from collections.abc import Mapping
from typing import Any

from ciforge.model.finding import FindingKind

WARNING = "warning"
"""The rule of warnings that become errors elsewhere."""

_KIND = FindingKind

SENTENCES: Mapping[FindingKind, str] = {
    _KIND.MISSING_TOOL: "A program that the build calls is not installed.",
    _KIND.MISSING_MACRO: "configure.ac uses a macro of Autoconf that no installed package defines.",
    _KIND.AUTOTOOLS_VERSION: "The source needs another version of Autoconf, Automake or Libtool.",
    _KIND.MISSING_PACKAGE: "pkg-config or CMake does not find a package.",
    _KIND.CONFIGURE_CHECK: "A check of configure failed.",
    _KIND.MISSING_HEADER: "An included header does not exist on this system.",
    _KIND.IMPLICIT_DECLARATION: "A function is called that no included header declares.",
    _KIND.TYPE_CONFLICT: "Types of an argument, assignment or declaration do not agree.",
    _KIND.UNKNOWN_TYPE: "A type is used that no included header declares.",
    _KIND.INCOMPLETE_TYPE: "A type is used whose definition is not included.",
    _KIND.UNDECLARED: "A name is used that no included header declares.",
    _KIND.REDEFINITION: "A name is defined twice, by the source or by a header of the system.",
    _KIND.WERROR: "A warning of this compiler is an error because of -Werror.",
    _KIND.UNDEFINED_SYMBOL: "The linker does not find a symbol in any library that it is given.",
    _KIND.MISSING_LIBRARY: "The linker does not find a library.",
    _KIND.MULTIPLE_DEFINITION: "Several object files define the same symbol.",
    _KIND.MISSING_DSO: "A symbol is in a shared library that the command line does not name.",
    _KIND.RELOCATION: "Object files were compiled for another kind of program, for instance without -fPIC.",
    _KIND.MAKE_RULE: "make has no rule for a file.",
    _KIND.MAKE_SYNTAX: "This make does not understand a line of a makefile.",
    _KIND.YACC_LEX: "yacc or lex refuses a grammar.",
    _KIND.INSTALL_ERROR: "A file cannot be installed.",
    _KIND.EXPECTATION: "What was installed or configured is not what `expect` says.",
    _KIND.OUT_OF_MEMORY: "A process used up the memory of the job.",
    _KIND.INTERNAL_COMPILER_ERROR: "The compiler itself failed.",
    _KIND.DISK_FULL: "The disk is full.",
    _KIND.TIMEOUT: "A step was still running at its time limit.",
    _KIND.DEPS_NOT_FOUND: "The distribution has no package of this name.",
    _KIND.DEPS_NETWORK: "A package mirror or registry did not answer.",
    _KIND.GO_BUILD: "The Go compiler refuses the source.",
    _KIND.GO_MODULE: "A Go module cannot be had.",
    _KIND.CMAKE_ERROR: "CMake failed.",
    _KIND.MESON_ERROR: "Meson failed.",
    _KIND.SYNTAX_ERROR: "The compiler or interpreter cannot parse a file.",
    _KIND.TEST_FAILURE: "A test of the project failed.",
    _KIND.OTHER: "The build failed for a reason that ciforge does not classify.",
}

_WARNING_SENTENCE = "The compiler warned of something that is an error elsewhere."
_HELP = "The message names the cause and what to do. `ciforge run JOB` repeats a job of the result."

RULES = (*(kind.value for kind in FindingKind), WARNING)
"""Their ids, in the order of `rule_descriptors`."""


def rule_descriptors() -> list[dict[str, Any]]:
    """The rules with the properties that GitHub requires."""
    sentences = {kind.value: text for kind, text in SENTENCES.items()} | {
        WARNING: _WARNING_SENTENCE
    }
    return [
        {
            "id": rule,
            "shortDescription": {"text": rule.replace("-", " ")},
            "fullDescription": {"text": sentences[rule]},
            "help": {"text": f"{sentences[rule]} {_HELP}"},
        }
        for rule in RULES
    ]
