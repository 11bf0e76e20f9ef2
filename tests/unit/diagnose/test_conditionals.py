"""Damaged conditionals of the preprocessor, and what a line of source or of the linker adds to an error."""

from ciforge.diagnose.probes import answered, answers
from ciforge.diagnose.scan.findings import diagnose
from ciforge.load.dependencies import dependency_index
from ciforge.model.finding import Basis, Finding

END = "make: *** [<builtin>: doas.o] Error 1"
LOST_IF = (
    "cc -O2 -Wall -c -o doas.o doas.c",
    "doas.c: In function 'main':",
    "doas.c:361:17: error: implicit declaration of function 'shadowauth' [-Wimplicit-function-declaration]",
    "  361 |                 shadowauth(mypw->pw_name, rule->options & PERSIST);",
    "      |                 ^~~~~~~~~~",
    "doas.c:363:2: error: #elif without #if",
    "  363 | #elif !defined(USE_PAM)",
    "      |  ^~~~",
    "doas.c:368:2: error: #endif without #if",
    "  368 | #endif",
    "      |  ^~~~~",
)
"""gcc 14 about doas.c of OpenDoas without its line `#if defined(USE_SHADOW)`."""
UNKNOWN_SIZE = (
    "src/pv/signal.c:65:24: error: storage size of 't' isn't known",
    "   65 |         struct termios t;",
    "      |                        ^",
)
NOT_NAMED = (
    "ld: error: undefined symbol: setusercontext",
    ">>> libutil has it, and -lutil is not on the command line",
)


def test_condition_that_lost_its_beginning_is_the_only_cause_of_its_file() -> None:
    (found,) = diagnose((*LOST_IF, END))
    assert (found.subject, found.file, found.line) == ("#elif without #if", "doas.c", 363)


def test_error_in_another_file_than_the_damaged_condition_remains() -> None:
    other = (
        "env.c:3:5: error: implicit declaration of function 'err' [-Wimplicit-function-declaration]"
    )
    found = diagnose((other, *LOST_IF, END))
    assert {one.subject for one in found} == {"#elif without #if", "err"}


def test_error_of_a_file_whose_conditions_are_whole_remains() -> None:
    (found,) = diagnose((*LOST_IF[:5], END))
    assert found.subject == "shadowauth"


def test_structure_of_a_variable_without_a_known_size_is_named_by_the_source() -> None:
    (found,) = diagnose((*UNKNOWN_SIZE, END))
    assert found.subject == "struct termios"
    (without,) = diagnose((UNKNOWN_SIZE[0], END))
    assert without.subject == "t"


def test_library_that_the_linker_of_a_cross_check_names_is_the_advice() -> None:
    (found,) = diagnose((*NOT_NAMED, END))
    assert found.advice == "Link with `-lutil`, which has setusercontext."
    assert asked(found, "symbol setusercontext nowhere").advice == found.advice
    assert "-lfoo" in asked(found, "symbol setusercontext library foo").advice


def asked(finding: Finding, text: str) -> Finding:
    assert finding.basis is Basis.DEDUCED
    (one,) = answered([finding], answers(text), dependency_index())
    return one
