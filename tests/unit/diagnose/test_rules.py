"""Every row decides its example and leaves its counterexample; lines of tools mean what they should.

`lines/FAMILY.txt` holds `KIND | SUBJECT | FILE:LINE <- output of a tool`, one a line;
`lines/inside.sections` lines below a head, as `SECTION <- line`.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from ciforge.diagnose.rules.rule import Rule
from ciforge.diagnose.scan.findings import diagnose
from ciforge.diagnose.scan.prefilter import needed_words
from ciforge.diagnose.scan.rule_check import rule_problem
from ciforge.diagnose.scan.ruleset import RULES, match_inside
from ciforge.model.finding import FindingKind, Severity
from tests.tables import each

LINES = Path(__file__).parent / "lines"


def rows_of(name: str) -> list[tuple[str, str]]:
    """What is expected of each line, and the line."""
    rows = (LINES / name).read_text().splitlines()
    return [(row.split(" <- ", 1)[0], row.split(" <- ", 1)[1]) for row in rows]


def families() -> list[str]:
    return sorted(file.name for file in LINES.glob("*.txt"))


def lines() -> list[tuple[str, str]]:
    return [one for name in families() for one in rows_of(name)]


INSIDE = rows_of("inside.sections")

INNOCENT = (
    "checking for zlib.h... no",
    "checking for error... no",
    "Failed to find a better match for main.c",
    "configure: WARNING: No mbedtls crypto library found, using openssl",
    "tests/strip: file-format.c is not recognized yet",
    "AddressSanitizer: disabled",
    "checking for library containing error... none required",
    "checking whether the linker can link -lnope... no",
    "checking for bison... no",
    "checking for C compiler option to produce errors... -Werror",
    "configure: WARNING: unrecognized options: --with-nope",
    "configure: WARNING: libfoo not found, building without it",
    "cc -Wall -Werror -c error.c -o error.o",
    "gcc -DERROR=1 -DMSG='\"fatal error: x.h: No such file or directory\"' -c x.c",
    "  CC       error.o",
    "  CCLD     failed",
    "[3/9] Compiling C object src/error.c.o",
    "libtool: compile:  gcc -c not_found.c -fPIC -DPIC -o .libs/not_found.o",
    "echo 'error: everything is fine'",
    "+ echo 'configure: error: nothing'",
    "if test -f x; then echo 'x: not found'; fi",
    "test -z '/usr/bin' || mkdir -p '/usr/bin'",
    "    3 | int main(void) { error: goto error; }",
    "      |                  ^~~~~",
    "error.c:12:3: warning: unused variable 'error' [-Wunused-variable]",
    "error.c:12:3: note: each undeclared identifier is reported only once",
    "In file included from error.h:3,",
    "error.c: In function 'not_found':",
    "make[1]: Entering directory '/build/error'",
    "make: Nothing to be done for 'all'.",
    "make: [Makefile:3: clean] Error 1 (ignored)",
    "*** Error code 1 (ignored)",
    "*** [a] Error code 1 (ignored)",
    "PASS: test that failed before",
    "XFAIL: known_failure",
    "# FAIL:  0",
    "# ERROR: 0",
    "# XFAIL: 3",
    "ok 3 - error: not found",
    "not ok 3 - later # TODO not written",
    "not ok 4 - elsewhere # SKIP no network",
    "100% tests passed, 0 tests failed out of 12",
    "0 failed, 12 passed",
    "3/4 Test #3: parser ...........................***Not Run (Disabled)   0.00 sec",
    "4/4 Test #4: network ..........................***Skipped   0.01 sec",
    "Unexpected Pass:    0",
    "test result: ok. 12 passed; 0 failed; 0 ignored",
    "--- PASS: TestFailure (0.00s)",
    "-- Could NOT find Doxygen (missing: DOXYGEN_EXECUTABLE)",
    "-- Looking for pthread_create - not found",
    "Run-time dependency libnope found: NO (tried pkgconfig and cmake)",
    "Program doxygen found: NO",
    "Compiler for C supports arguments -Wno-error: YES",
    "Setting up liberror-perl (0.17029-2) ...",
    "Get:12 http://deb.example.org/debian trixie/main amd64 liberror-perl all 0.17 [12 kB]",
    "W: Target Packages (main) is configured multiple times",
    "warning: database file for 'core' is old",
    "go: downloading github.com/pkg/errors v0.9.1",
    "/usr/bin/ld: warning: x.o: missing .note.GNU-stack section implies executable stack",
    "ranlib: file: libx.a(error.o) has no symbols",
    "conftest.c:9:10: fatal error: nope.h: No such file or directory",
    "/tmp/x/CMakeFiles/CMakeScratch/TryCompile-a/src.c:2:10: fatal error: 'nope.h' file not found",
    "configure:4711: checking for nope.h",
    '| #define PACKAGE_STRING "error: not found"',
    "installed error.h, failed.h and missing.h",
    "x.y: conflicts: 3 shift/reduce",
    "x.y:12.1-3: warning: unused value: $1 [-Wother]",
    "Compiling syntax error tests",
    "x.c:2:51: runtime error: signed integer overflow",
    "Disk usage: 12 GB, no space left unused",
    "expected failures: 3",
    "Leaving directory after 0 errors generated",
)


def outcome(line: str) -> str:
    """`KIND | SUBJECT | FILE:LINE` of the first finding in a log of that line."""
    found = diagnose([line])
    if not found:
        return "nothing"
    if re.search(r"\{\w+\}|  |\( ", found[0].advice):
        return f"advice with a gap: {found[0].advice}"
    place = f"{found[0].file}:{found[0].line}" if found[0].line else found[0].file
    return f"{found[0].kind.value} | {found[0].subject} | {place}"


def test_lines_of_tools_have_the_kind_subject_and_place_expected() -> None:
    wrong = [
        f"{expected} <- {line}: got {got}"
        for expected, line in lines()
        if (got := outcome(line)) != expected
    ]
    assert wrong == []


def test_harmless_lines_match_no_rule() -> None:
    blamed = [
        line for line in INNOCENT if any(one.severity is Severity.ERROR for one in diagnose([line]))
    ]
    assert blamed == []


def test_lines_below_a_heading_are_matched_by_rules() -> None:
    assert [row for row in INSIDE if match_inside(row[1], row[0]) is None] == []


def test_every_rule_decides_its_example_and_leaves_its_counterexample() -> None:
    problems = [f"{rule.pattern.pattern}: {why}" for rule in RULES if (why := rule_problem(rule))]
    assert problems == []


def rule(**changes: Any) -> Rule:
    """A row about a tool that does not exist."""
    fields = {
        "kind": FindingKind.MISSING_TOOL,
        "needs": "frobnicator missing",
        "pattern": r"^frob: frobnicator missing in (?P<file>\S+)",
        "example": "frob: Frobnicator missing in x.frob",
        "counterexample": "checking for a frobnicator... missing",
    }
    return Rule(**fields | changes)


GOOD = {"example": "frob: frobnicator missing in x.frob"}


def test_rule_whose_example_does_not_match_is_refused_when_the_table_is_loaded() -> None:
    with pytest.raises(ValueError, match="does not match its example"):
        rule()


def test_rule_whose_needs_is_not_in_its_example_is_refused_when_the_table_is_loaded() -> None:
    with pytest.raises(ValueError, match="'frobnicators' is not in the example"):
        rule(**GOOD, needs="frobnicators")


@each(
    ("changes", "problem"),
    [
        ({}, ""),
        ({"needs": "FROBNICATOR"}, ""),
        ({"needs": "robnicator"}, "no whole word of the example is 'robnicator'"),
        ({"words": ("frobnication",)}, "no whole word of the example is 'frobnication'"),
        ({"counterexample": "frob: frobnicator missing in y.frob"}, "the pattern matches the counterexample"),
        ({"needs": "header", "pattern": "header", "example": "x.c:1:2: fatal error: header.h: No such file or directory"}, "an earlier row takes the example"),
        ({"needs": "frobnicator", "pattern": "frobnicator", "example": "echo 'no frobnicator'"}, "the example reads as source"),
        ({"pattern": r"(?P<file>\S+): frobnicator missing", "example": "conftest.c: frobnicator missing"}, "the pattern does not match the example"),
    ],
)  # fmt: skip
def test_rule_that_can_never_match_is_reported(changes: dict[str, Any], problem: str) -> None:
    found = rule_problem(rule(**GOOD | changes))
    assert found.startswith(problem)
    assert bool(found) == bool(problem)


def test_every_rule_that_claims_a_cause_and_is_not_vague_advises() -> None:
    silent = [rule for rule in RULES if not rule.advice and rule.kind.value != "other"]
    assert [rule.pattern.pattern for rule in silent] == []


def unfilled(rule: Rule) -> set[str]:
    """Placeholders of the advice or the subject that nothing ever fills."""
    groups = {"subject", *rule.pattern.groupindex, *(("file", "line") if rule.inside else ())}
    advice, subject = (set(re.findall(r"\{(\w+)\}", text)) for text in (rule.advice, rule.subject))
    return (advice - groups - {"file", "line"}) | (subject - groups)


def test_advice_has_only_placeholders_that_the_rule_fills() -> None:
    assert [(one.pattern.pattern, unfilled(one)) for one in RULES if unfilled(one)] == []


def test_rule_without_a_word_to_look_for_is_refused() -> None:
    with pytest.raises(ValueError, match="no word"):
        needed_words("!!")
