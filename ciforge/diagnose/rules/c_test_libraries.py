"""Rules for test libraries of C, C++ and the shell that print in a format of their own, such as Unity, Catch2 and cram.

Wordings: src/unity.c of ThrowTheSwitch/Unity, catch_reporter_console.cpp of catchorg/Catch2, greatest.h of
silentbicycle/greatest, munit.c of nemequ/munit, cram/_diff.py and _cli.py of brodie/cram, doctest.h of doctest/doctest,
minunit.h of siu/minunit, acutest.h of mity/acutest, compiler_log_formatter.ipp of boostorg/test, lib/libexec/reporter of
shellspec/shellspec.
"""

from ciforge.diagnose.rules.rule import ERROR, Rule, Weight
from ciforge.model.finding import FindingKind

_SEE = "Run {subject} alone and read its output."

RULES = (
    Rule(FindingKind.TEST_FAILURE, ":FAIL", r"^(?P<file>[^\s:]+):(?P<line>\d+):(?P<subject>[\w./-]+):FAIL\b", _SEE, weight=Weight.WEAK,
         example="test_split.c:12:test_split:FAIL: Expected 1 Was 2",
         counterexample="test_split.c:20:test_join:PASS"),
    Rule(FindingKind.TEST_FAILURE, ": FAILED:", r"^(?P<file>[^\s:]+):(?P<line>\d+): (?P<subject>FAILED):$", "The check at {file}:{line} does not hold on this system.", weight=Weight.WEAK, then=r"^\s+(?P<subject>[A-Z][A-Z_]+\(.*)$", within=1,
         example="test.cpp:10: FAILED:",
         counterexample="parser: FAILED"),
    Rule(FindingKind.TEST_FAILURE, "ERROR: ", r"^(?P<file>[^\s:]+):(?P<line>\d+): ERROR: (?P<subject>(?:CHECK|REQUIRE)\w*\(.*?\)) is NOT correct!", "The check at {file}:{line} does not hold on this system.", weight=Weight.WEAK,
         example="t.cpp:9: ERROR: CHECK( 1 == 2 ) is NOT correct!",
         counterexample="x.c:9: ERROR: something else"),
    Rule(FindingKind.TEST_FAILURE, "FAIL ", r"^\.*FAIL (?P<subject>[\w./-]+): .*\((?P<file>[^\s:()]+):(?P<line>\d+)\)$", _SEE, weight=Weight.WEAK,
         example="FAIL split: 1 != 2 (t.c:9)",
         counterexample="FAIL check_core (exit status: 1)"),
    Rule(FindingKind.TEST_FAILURE, "[ ", r"^(?P<subject>/?[\w./-]+)\s+\[ (?:FAIL|ERROR) +\]", _SEE, weight=Weight.WEAK, words=("FAIL", "ERROR"), then=r"^Error: (?P<file>[^\s:]+):(?P<line>\d+): assertion failed", within=1,
         example="/split/one                           [ FAIL    ]",
         counterexample="[  FAILED  ] Parser.Table (0 ms)"),
    Rule(FindingKind.TEST_FAILURE, "Test ", r"^Test (?P<subject>[^.\[]\S*?)(?:\.\.\.|:)\s+\[ FAILED \]", _SEE, weight=Weight.WEAK, then=r"^\s+(?P<file>[^\s:]+):(?P<line>\d+): Check ", within=1,
         example="Test split...                                   [ FAILED ]",
         counterexample="Test split...                                   [ OK ]"),
    Rule(FindingKind.TEST_FAILURE, "--- ", r"^--- (?P<subject>\S+\.t)$", "{subject} prints something else here: the lines with + below are what it printed.", weight=Weight.WEAK, words=("t",),
         example="--- t/a.t",
         counterexample="--- a/src/main.c"),
    Rule(FindingKind.TEST_FAILURE, "error: in ", ERROR + r"in \"(?P<subject>[^\"]+)\": ", _SEE, weight=Weight.WEAK,
         example='t_split.cpp:14: error: in "split/empty": check n == 0 has failed [1 != 0]',
         counterexample="t_split.cpp:14:2: error: in a function"),
    Rule(FindingKind.TEST_FAILURE, "FAILED", r"^shellspec (?P<file>[^\s:]+):(?P<line>\d+) # \d+\) (?P<subject>.+) FAILED$", "See {file}:{line}, and run this example alone.", weight=Weight.WEAK,
         example="shellspec spec/usage_spec.sh:5 # 1) frob -h prints its usage FAILED",
         counterexample="shellspec spec/usage_spec.sh:5 # 1) frob -h prints its usage"),
    Rule(FindingKind.TEST_FAILURE, " differ: ", r"^(?P<subject>\S+) \S+ differ: (?:char|byte) \d+, line \d+$", "{subject} is not what is expected: see the first line that differs.", weight=Weight.WEAK,
         example="out.txt expected.txt differ: char 1, line 1",
         counterexample="Files a and b differ"),
    Rule(FindingKind.TEST_FAILURE, "--- ", r"^--- (?P<subject>\S+)\t\d{4}-\d\d-\d\d \d\d:", "{subject} differs from what it is compared with: the lines with - and + say how.", weight=Weight.WEAK, words=tuple(str(year) for year in range(2024, 2036)), then=r"^\+\+\+ (?P<subject>\S+)\t", within=1,
         example="--- expected.txt\t2026-11-30 21:32:41.438722581 +0000",
         counterexample="--- a/src/main.c"),
)  # fmt: skip
