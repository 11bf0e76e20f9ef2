"""Failed tests of test libraries: cmocka, Check, CUnit, Criterion, tinytest, kyua and ATF, bats, Autotest and others.

Wordings: src/cmocka.c, src/check_print.c of libcheck/check, test/tinytest.c of libevent/libevent,
cli/cmd_test.cpp of freebsd/kyua, atf-run of NetBSD/src, lib/libc/gen/assert.c of the BSDs and illumos,
bats-core/bats-core, lib/autotest of autoconf; cmocka 1.1.7, Check 0.15, CUnit 2.1, Criterion 2.4,
kyua 0.13, bats 1.11, shunit2 2.1.8, Python 3.13 in Debian 13. TAP: testanything.org.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_SEE = "Run {subject} alone and read its output."
_ASSERT = "The assertion at {file}:{line} does not hold on this system."
_LONG = (
    "Run {subject} alone: it waits for something, or this machine is slower than its limit allows."
)
_MEMORY = "The tested program has a bug: build it with -fsanitize=address to see where."

SECTIONS = (
    Section("failed-checks", "Failed checks were:", r"^Failed checks were:$", 3, False, True),
)

RULES = (
    # cmocka
    Rule(FindingKind.TEST_FAILURE, "Test failed with exception", r"^\[  ERROR   \] --- (?P<other>Test failed with exception: .*)$", "The test crashed: run it alone under a debugger or with -fsanitize=address.", subject="{other}", weight=Weight.WEAK, then=r"^\[  FAILED  \] (?P<subject>\S+)$", within=2,
         example="[  ERROR   ] --- Test failed with exception: Segmentation fault(11)",
         counterexample="[  ERROR   ] --- 0x1 != 0x2"),
    Rule(FindingKind.TEST_FAILURE, "[   LINE   ] ---", r"^\[   LINE   \] --- (?P<file>[^\s:]+):(?P<line>\d+): error: (?P<other>Failure!)", "See what the test expects at {file}:{line}; the line above has both values.", subject="{other}", weight=Weight.WEAK, then=r"^\[  FAILED  \] (?P<subject>\S+)$", within=3,
         example="[   LINE   ] --- test_parse.c:44: error: Failure!",
         counterexample="test_parse.c:44: error: Failure!"),
    # Check
    Rule(FindingKind.TIMEOUT, "Test timeout expired", r"^(?P<file>[^\s:]+):(?P<line>\d+):E:[^:]*:(?P<subject>\w+):\d+: .*Test timeout expired", _LONG, weight=Weight.WEAK,
         example="check_wait.c:3:E:Core:test_wait:0: (after this point) Test timeout expired",
         counterexample="check_core.c:12:F:Core:test_add:0: Assertion 'a == b' failed: a == 3, b == 4"),
    Rule(FindingKind.TEST_FAILURE, ":", r"^(?P<file>[^\s:]+):(?P<line>\d+):[FE]:[^:]*:(?P<subject>\w+):\d+: \S", _SEE, weight=Weight.WEAK, words=("F", "E"),
         example="check_core.c:12:F:Core:test_add:0: Assertion 'a == b' failed: a == 3, b == 4",
         counterexample="check_core.c:12:P:Core:test_add:0: Passed"),
    # CUnit, Criterion, tinytest
    Rule(FindingKind.TEST_FAILURE, "  - ", r"^\s+\d+\. (?P<file>[^\s:]+):(?P<line>\d+)  - (?P<other>CU_\S.*)$", "The assertion at {file}:{line} does not hold on this system.", subject="{other}", weight=Weight.WEAK, words=("CU_ASSERT", "CU_ASSERT_EQUAL", "CU_FAIL", "CU_ASSERT_TRUE", "CU_ASSERT_FALSE", "CU_ASSERT_FATAL", "CU_ASSERT_STRING_EQUAL", "CU_ASSERT_PTR_NOT_NULL", "CU_ASSERT_EQUAL_FATAL"),
         example="    1. t.c:2  - CU_ASSERT_EQUAL(1,2)",
         counterexample="  Test: test_table ...FAILED"),
    Rule(FindingKind.TEST_FAILURE, "...FAILED", r"^\s+Test: (?P<subject>.+?) \.\.\.FAILED$", _SEE, weight=Weight.WEAK,
         example="  Test: test_table ...FAILED",
         counterexample="parser ........ FAILED"),
    Rule(FindingKind.TEST_FAILURE, "[FAIL]", r"^\[FAIL\] (?P<subject>\w+::\w+): \(", _SEE, weight=Weight.WEAK,
         example="[FAIL] parse::empty: (0.00s)",
         counterexample="[FAIL] something else"),
    Rule(FindingKind.TEST_FAILURE, "FAIL ", r"^\s+FAIL (?P<file>[^\s:]+\.\w+):(?P<line>\d+): (?P<other>\S.*)$", _ASSERT, subject="{other}", weight=Weight.WEAK, then=r"^\s+\[(?P<subject>\S+) FAILED\]", within=6,
         example="  FAIL regress.c:512: assert(test_ok == 2): 1 vs 2",
         counterexample="FAIL check_core (exit status: 1)"),
    Rule(FindingKind.TEST_FAILURE, ": Failure", r"^(?P<file>[^\s:]+\.\w+):(?P<line>\d+): Failure$", "See what the test expects at {file}:{line}; the lines below have both values.", subject="{file}", weight=Weight.VAGUE, earlier=r"^\[ RUN      \] (?P<subject>\S+)$",
         example="/src/test/test.cc:1588: Failure",
         counterexample="test_parse.c:44: error: Failure!"),
    # kyua and ATF
    Rule(FindingKind.TEST_FAILURE, "  ->  ", r"^(?P<subject>\S+:\S+)  ->  (?:failed|broken)\b", _SEE, weight=Weight.WEAK, words=("failed", "broken"),
         example="lib/libc/string_test:strlcpy_basic  ->  failed: string_test.c:61: ret == 3 not met  [0.012s]",
         counterexample="lib/libc/string_test:swab  ->  expected_failure: PR 12345: not fixed  [0.005s]"),
    Rule(FindingKind.TEST_FAILURE, "Result: ", r"^Result: +(?P<other>failed|broken): ", _SEE, subject="a test", weight=Weight.WEAK, words=("failed", "broken"), earlier=r"^===> (?P<subject>\S+:\S+)$",
         example="Result:     failed: atf-check failed; see the output of the test for details",
         counterexample="Result:     passed"),
    Rule(FindingKind.TEST_FAILURE, "tc-end: ", r"^tc-end: [\d.]+, (?P<subject>[^\s,]+), failed", _SEE, weight=Weight.WEAK,
         example="tc-end: 1.2, overflow, failed, /build/t_strlcpy.c:44: n == 3 not met",
         counterexample="tc-end: 1.1, basic, passed"),
    # bats, shunit2, TAP of others
    Rule(FindingKind.TEST_FAILURE, "(in test file", r"\(in test file (?P<file>[^\s,]+), line (?P<line>\d+)\)", _SEE, subject="{file}", weight=Weight.WEAK, earlier=r"(?:✗|^not ok \d+) (?P<subject>\S.*?)\s*$",
         example="   (in test file tests/deliver.bats, line 12)",
         counterexample="in test file"),
    Rule(FindingKind.TEST_FAILURE, "ASSERT:", r"^ASSERT:(?P<subject>\S.*)", "See the test of shunit2 that is named above this line.", weight=Weight.WEAK, then=r"^shunit2:ERROR (?P<subject>\w+)\(\) returned", within=3, earlier=r"^(?P<subject>test\w+)$",
         example="ASSERT:two is not three expected:<2> but was:<3>",
         counterexample="ASSERT: none"),
    Rule(FindingKind.TEST_FAILURE, "Failed test '", r"^\s*#\s+Failed test '(?P<subject>[^']+)'", _SEE, weight=Weight.WEAK, then=r"^\s*#\s+at (?P<file>\S+) line (?P<line>\d+)\.", within=1,
         example="#   Failed test 'keeps order'",
         counterexample="#   Failed (TODO) test 'sorts'"),
    # Autotest, m4 and other tests of GNU
    Rule(FindingKind.TEST_FAILURE, "FAILED (", r"^\s*\d+: (?P<subject>\S+(?: \S+)*)\s+FAILED \((?P<file>[^\s:()]+):(?P<line>\d+)\)", "See testsuite.dir for the log of the group `{subject}`.", weight=Weight.WEAK,
         example="  2: splits a line                                  FAILED (testsuite.at:7)",
         counterexample="  3: later                                          expected failure (testsuite.at:10)"),
    Rule(FindingKind.TEST_FAILURE, "Failed checks were:", r"^(?P<subject>Failed checks) were:$", "Run the failed check alone and read its output.", weight=Weight.WEAK, then=r"^\s+(?:\./)?(?P<subject>[^\s:]+)", within=1,
         example="Failed checks were:",
         counterexample="Skipped checks were:"),
    # unittest
    Rule(FindingKind.TEST_FAILURE, "FAIL: ", r"^(?:FAIL|ERROR): (?P<subject>\w+) \(\S+\)$", _SEE, weight=Weight.WEAK, words=("FAIL", "ERROR"),
         example="FAIL: test_split (test_p.T.test_split)",
         counterexample="FAIL: t_split.sh"),
    Rule(FindingKind.TEST_FAILURE, "ERROR: ", r"^ERROR: (?P<subject>\w+) \(\S+\)$", _SEE, weight=Weight.WEAK,
         example="ERROR: test_open (test_p.T.test_open)",
         counterexample="ERROR: test_foo - missing test plan"),
    # CTest
    Rule(FindingKind.TEST_FAILURE, "Could not find executable", r"^\s*Could not find executable (?P<subject>\S+)", "{subject} was not built, or is in another folder.", weight=Weight.WEAK,
         example="Could not find executable split_test",
         counterexample="-- Could NOT find Doxygen (missing: DOXYGEN_EXECUTABLE)"),
    # assert() of each C library
    Rule(FindingKind.TEST_FAILURE, "assertion \"", r"^assertion \".*\" failed: file \"(?P<file>[^\"]+)\", line (?P<line>\d+)(?:, function \"(?P<subject>[^\"]+)\")?", _ASSERT, weight=Weight.WEAK,
         example='assertion "n == 2" failed: file "parse.c", line 12, function "main"',
         counterexample="t: t.c:2: main: Assertion `n == 2' failed."),
    Rule(FindingKind.TEST_FAILURE, "assertion failed: ", r"^Assertion failed: .*?, file (?P<file>[^\s,]+), line (?P<line>\d+), function (?P<subject>\w+)", _ASSERT, weight=Weight.WEAK,
         example="Assertion failed: n == 2, file split_test.c, line 30, function main",
         counterexample="Assertion failed: (x == 0), function main, file t.c, line 12."),
    Rule(FindingKind.TEST_FAILURE, "assertion failed: ", r"^Assertion failed: .* \((?P<file>[^\s:()]+): (?P<subject>\w+): (?P<line>\d+)\)", _ASSERT, weight=Weight.WEAK,
         example="Assertion failed: n == 2 (t.c: main: 2)",
         counterexample="Assertion failed: n == 2, file split_test.c, line 30, function main"),
    # What glibc, compilers and Valgrind find
    Rule(FindingKind.TEST_FAILURE, "*** ", r"^\*\*\* (?P<subject>buffer overflow detected|stack smashing detected) \*\*\*", _MEMORY, weight=Weight.WEAK, words=("smashing", "overflow"),
         example="*** stack smashing detected ***: terminated",
         counterexample="*** [check] Error code 1"),
    Rule(FindingKind.TEST_FAILURE, "(): ", r"^(?:\S+: )?(?:free|malloc|realloc|munmap_chunk|calloc)\(\): (?P<subject>\S.*)$", _MEMORY, weight=Weight.WEAK, words=("free", "malloc", "realloc", "munmap_chunk"),
         example="free(): double free detected in tcache 2",
         counterexample="checking for free(): yes"),
    Rule(FindingKind.TEST_FAILURE, "Invalid ", r"^==\d+== (?P<subject>Invalid (?:read|write) of size \d+)", "The tested program has a bug: the stack trace below shows where.", weight=Weight.WEAK, words=("Invalid",), then=r"^==\d+==    (?:at|by) 0x[0-9A-F]+: \w+ \((?P<file>[^\s:()]+):(?P<line>\d+)\)", within=6,
         example="==4711== Invalid write of size 1",
         counterexample="==4711== Memcheck, a memory error detector"),
    Rule(FindingKind.TEST_FAILURE, "runtime error: ", r"^(?P<file>[^\s:]+):(?P<line>\d+):\d+: runtime error: (?P<subject>(?:un)?signed integer overflow(?=: )|division by zero|index \S+ out of bounds|shift exponent \S+|load of \w+|store to \w+ \w+|\w+ null pointer|member \w+ within \w+)", "The tested program has undefined behaviour at {file}:{line}.", weight=Weight.WEAK,
         example="t.c:1:50: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'",
         counterexample="panic: runtime error: index out of range [3] with length 0"),
)  # fmt: skip
