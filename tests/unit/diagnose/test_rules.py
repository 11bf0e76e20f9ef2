"""Every rule has a line that it must catch, and lines that no rule may blame.

`lines/FAMILY.txt` holds `KIND | SUBJECT | FILE:LINE <- what a tool said`, one a line;
`lines/inside.sections` what stands below a head, as `SECTION <- line`.
"""

import re
from pathlib import Path

import pytest

from ciforge.diagnose.rules.rule import Rule
from ciforge.diagnose.scan.findings import diagnose
from ciforge.diagnose.scan.log_lines import bare, safe
from ciforge.diagnose.scan.prefilter import needed_words
from ciforge.diagnose.scan.ruleset import ALONE, RULES, match_inside, rows_about, words_that_matter
from ciforge.model.finding import Severity

LINES = Path(__file__).parent / "lines"


def said(name: str) -> list[tuple[str, str]]:
    """What is expected, and the line."""
    rows = (LINES / name).read_text().splitlines()
    return [(row.split(" <- ", 1)[0], row.split(" <- ", 1)[1]) for row in rows]


def families() -> list[str]:
    return sorted(file.name for file in LINES.glob("*.txt"))


def lines() -> list[tuple[str, str]]:
    return [one for name in families() for one in said(name)]


INSIDE = said("inside.sections")

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


@pytest.mark.parametrize(("expected", "line"), lines(), ids=lambda text: text[:60])
def test_a_line_says_what_it_is_about(expected: str, line: str) -> None:
    found = diagnose([line])
    assert found, line
    place = f"{found[0].file}:{found[0].line}" if found[0].line else found[0].file
    assert f"{found[0].kind.value} | {found[0].subject} | {place}" == expected
    assert not re.search(r"\{\w+\}|  |\( ", found[0].advice)


@pytest.mark.parametrize("line", INNOCENT)
def test_an_innocent_line_is_not_blamed(line: str) -> None:
    assert [one for one in diagnose([line]) if one.severity is Severity.ERROR] == []


@pytest.mark.parametrize(("section", "line"), INSIDE)
def test_a_line_below_a_head_is_understood(section: str, line: str) -> None:
    assert match_inside(line, section) is not None


def catching(line: str) -> list[Rule]:
    """The rule that decides a line, and those for pieces of logs."""
    text = bare(safe(line))
    _, _, rules = rows_about(text, words_that_matter(text))
    decides = next((one for one in rules if one.pattern.search(text)), None)
    return [*([decides] if decides else []), *(one for one in ALONE if one.pattern.search(text))]


def test_no_rule_is_without_a_line_that_it_catches() -> None:
    caught = {id(rule) for _, line in lines() for rule in catching(line)}
    below = {id(one.rule) for section, line in INSIDE if (one := match_inside(line, section))}
    missing = [rule for rule in RULES if id(rule) not in caught | below]
    assert [(rule.kind.value, rule.pattern.pattern) for rule in missing] == []


def test_every_rule_that_claims_a_cause_and_is_not_vague_advises() -> None:
    silent = [rule for rule in RULES if not rule.advice and rule.kind.value != "other"]
    assert [rule.pattern.pattern for rule in silent] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.pattern.pattern[:40])
def test_an_advice_has_no_place_that_is_never_filled(rule: Rule) -> None:
    known = {"subject", *rule.pattern.groupindex, *(("file", "line") if rule.inside else ())}
    assert set(re.findall(r"\{(\w+)\}", rule.advice)) <= known | {"file", "line"}
    assert set(re.findall(r"\{(\w+)\}", rule.subject)) <= known


def test_a_row_without_any_word_is_refused() -> None:
    with pytest.raises(ValueError, match="no word"):
        needed_words("!!")
