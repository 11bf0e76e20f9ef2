"""Tests that failed: automake, CTest, Meson, Go, TAP, prove, pytest, cargo, DejaGnu, assert().

They are weak words, for tests of tools print them on purpose: they count where a failure follows.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind
from ciforge.model.log_marks import BACKTRACE

_CTEST = ("Failed", "Timeout", "SEGFAULT", "aborted", "Run", "ILLEGAL", "BAD_COMMAND", "OTHER_FAULT", "Exception", "Bus", "Numerical")  # fmt: skip
"""Words for the end of a test, of which a line of CTest has one."""
_SEE = "Run {subject} alone and read its output."
_LONG = (
    "Run {subject} alone: it waits for something, or this machine is slower than its limit allows."
)
_ASSERT = "The assertion at {file}:{line} does not hold on this system."

SECTIONS = (Section("ctest", "tests FAILED:", r"^The following tests FAILED:", 100),)

_FRAME = r"^\s+#\d+ 0x[0-9a-f]+ in \S+ (?P<file>(?!\S*(?:sanitizer|/csu/|/sysdeps/))[^\s:]+\.\w+):(?P<line>\d+)"
_SANITIZER = r"^(?:==\d+== ?)?(?:ERROR|WARNING): \w+Sanitizer: (?P<subject>detected memory leaks|data race|[\w-]+)"
_SANITIZERS = ("AddressSanitizer", "HWAddressSanitizer", "LeakSanitizer", "MemorySanitizer", "ThreadSanitizer")  # fmt: skip
_HURT = "The tested program has a bug: the stack trace below shows where."
_CRASH = "{program} was ended by a signal in {frames}."
_NO_LINES = "{program} was ended by a signal: compile it with -g, so that its backtrace has files and lines."

RULES = (
    Rule(FindingKind.TEST_FAILURE, "test", r"^(?:FAILED|[Ff]ailed|FAILING|[Ff]ailing|The following) (?:TESTS?|[Tt]ests?)(?: targets?| suites?| files?)?(?: failed)?(?: \(\d+\))?:$", "Read the output of the test.", subject="tests", weight=Weight.WEAK, then=r"^\s+(?:[-*] |\d+[.:)] )?(?P<subject>\S+ :: \S+|[\w./:+-]*\w)(?:\s|$)", within=1, words=("FAILED", "Failed", "FAILING", "Failing", "following"),
         example="FAILED test targets:",
         counterexample="The following tests FAILED:"),
    Rule(FindingKind.TEST_FAILURE, "check: no test ran: ", r"^check: no test ran: (?P<why>.+)$", "No test ran ({why}): add a test, enable them by an option of configure, or disable `check`.", subject="no test",
         example="check: no test ran: meson.build defines none",
         counterexample="GPG Check   : No"),
    Rule(FindingKind.TEST_FAILURE, "Sanitizer: ", _SANITIZER, _HURT, words=_SANITIZERS, weight=Weight.WEAK, then=_FRAME, within=20,
         example="==29283==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000014 at pc 0x7fe60f248061 bp 0x7fff14683e40 sp 0x7fff146835f0",
         counterexample="AddressSanitizer: disabled"),
    Rule(FindingKind.OTHER, BACKTRACE, rf"^{BACKTRACE}(?P<subject>(?:SIG[A-Z]+|a signal) in (?P<program>\S+)) at (?P<frames>\S+ \((?P<file>[^\s:()]+):(?P<line>\d+)\)(?:, called by \S+ \([^\s()]+\)){{0,3}})$", _CRASH, weight=Weight.RESOURCE,
         example="ciforge: backtrace: SIGSEGV in t_table at inner (table.c:5), called by main (t_table.c:12)",
         counterexample="ciforge: backtrace: SIGSEGV in t_table, whose frames have no file and line"),
    Rule(FindingKind.OTHER, BACKTRACE, rf"^{BACKTRACE}(?P<subject>(?:SIG[A-Z]+|a signal) in (?P<program>\S+)), whose frames have no file and line$", _NO_LINES, weight=Weight.RESOURCE,
         example="ciforge: backtrace: SIGSEGV in t_table, whose frames have no file and line",
         counterexample="ciforge: backtrace: SIGSEGV in t_table at inner (table.c:5), called by main (t_table.c:12)"),
    Rule(FindingKind.TEST_FAILURE, "assertion", r"(?:^|\s)(?P<file>(?:[^\s:]*/)?(?P<subject>[^\s:/]+)\.\w+):(?P<line>\d+): (?:\S+: )?[Aa]ssertion '.*' failed", _ASSERT, weight=Weight.WEAK,
         example="../tests/test-c32ispunct.c:261: assertion 'is == 0' failed",
         counterexample="assertion failed: not at all"),
    Rule(FindingKind.TEST_FAILURE, "assertion", r"^Assertion failed: .*?, (?:function (?P<subject>\S+), )?file (?P<file>[^\s,]+), line (?P<line>\d+)", _ASSERT, weight=Weight.WEAK,
         example="Assertion failed: (x == 0), function main, file t.c, line 12.",
         counterexample="../tests/test-c32ispunct.c:261: assertion 'is == 0' failed"),
    Rule(FindingKind.TEST_FAILURE, "Bail out!", r"^Bail out!(?: +(?P<subject>\S.{0,120}))?$", "The test program gave up there, and ran no further test: {subject}.", subject="no reason", weight=Weight.WEAK,
         example="Bail out! cannot bind to port 2525",
         counterexample="ERROR: t/smtp.t - Bail out! cannot bind to port 2525"),
    Rule(FindingKind.OTHER, "Fatal error at startup", r"^valgrind: +(?P<subject>Fatal error at startup): ", "valgrind cannot read the runtime linker of this system: install the debug symbols of the C library (libc6-dbg, glibc-debuginfo, musl-dbg), or leave valgrind out.", then=r"^valgrind: +whose name matches the pattern: +(?P<subject>\S+)", within=10,
         example="valgrind:  Fatal error at startup: a function redirection",
         counterexample="valgrind: failed to start tool 'memcheck' for platform 'amd64-linux': No such file or directory"),
    Rule(FindingKind.TEST_FAILURE, "ERROR: ", r"^(?:../)*ERROR: (?P<subject>[\w./+-]+)(?: - .*| \(.*\)| \d+.*)?$", _SEE, weight=Weight.VAGUE,
         example="ERROR: test_foo - missing test plan",
         counterexample="foo.c(12): error C2143: syntax error: missing ';' before '*'"),
    Rule(FindingKind.TEST_FAILURE, " :: ", r"^(?:FAIL|TIMEOUT|XPASS|UNRESOLVED): (?P<subject>\S+ :: \S+)", _SEE, weight=Weight.WEAK, words=("FAIL", "TIMEOUT", "XPASS", "UNRESOLVED"),
         example="FAIL: LLVM :: a.ll (1 of 2)",
         counterexample="PASS: LLVM :: a.ll (1 of 2)"),
    Rule(FindingKind.TEST_FAILURE, "No tests were found", r"^(?P<subject>No tests were found!!!)$", "ctest runs tests of the build folder that add_test() named: call enable_testing() in the top CMakeLists.txt, and run ctest there.", weight=Weight.WEAK,
         example="No tests were found!!!",
         counterexample="No tests were found"),
    Rule(FindingKind.TEST_FAILURE, "FAIL: ", r"^FAIL: (?P<subject>[^\s(]*[^\s(:])(?= *$| \d+\b| - | \(|:)", _SEE, weight=Weight.WEAK,
         example="FAIL: tst_remote3.sh",
         counterexample="FAIL: no locale en_US.UTF-8"),
    Rule(FindingKind.TEST_FAILURE, "FAIL: ", r"^FAIL: (?P<subject>\S.{0,119})", "The check printed this line: look for it in its source.", weight=Weight.WEAK,
         example="FAIL: no locale en_US.UTF-8",
         counterexample="# FAIL:  0"),
    Rule(FindingKind.TEST_FAILURE, "FAIL: ", r"^\s*--- FAIL: (?P<subject>\S+)", _SEE, weight=Weight.WEAK, then=r"^\s+(?P<file>[^\s:]+\.go):(?P<line>\d+): ",
         example="--- FAIL: TestForever (0.00s)",
         counterexample="Fail:               0   "),
    Rule(FindingKind.TEST_FAILURE, "(", r"^\s*\d+ - (?P<subject>\S+) \((?:Failed|Timeout|SEGFAULT|Subprocess aborted|Not Run|ILLEGAL|BAD_COMMAND|OTHER_FAULT|Child aborted|Exception\S*|Bus error|Numerical)\)", _SEE, weight=Weight.WEAK, words=_CTEST,
         example="\t  3 - parser (Failed)",
         counterexample="[  FAILED  ] Parser.Table (0 ms)"),
    Rule(FindingKind.TIMEOUT, "***", r"^\s*\d+/\d+ Test +#\d+: (?P<subject>\S+) \.*\s*\*\*\*Timeout", _LONG, weight=Weight.WEAK, words=("Failed", "Timeout", "Exception", "Not"),
         example="1/1 Test #1: slow .............................***Timeout   2.07 sec",
         counterexample="2/3 Test #2: parser ...........................***Failed    0.01 sec"),
    Rule(FindingKind.TEST_FAILURE, "***", r"^\s*\d+/\d+ Test +#\d+: (?P<subject>\S+) \.*\s*(?:[A-Z][\w -]*)?\*\*\*(?!Timeout|Skipped|Not Run \(Disabled\))", _SEE, weight=Weight.WEAK, words=("Failed", "Timeout", "Exception", "Not"),
         example="2/3 Test #2: parser ...........................***Failed    0.01 sec",
         counterexample="3/3 Test #3: parser ...........................***Not Run (Disabled)   0.00 sec"),
    Rule(FindingKind.TEST_FAILURE, "FAIL ", r"^\s*\d+/\d+ (?:\S+ [-/] )?(?P<subject>\S.*?) +FAIL +\d", _SEE, weight=Weight.WEAK,
         example=" 3/10 suite - parser        FAIL            0.01s   exit status 1",
         counterexample="Fail on ###                                       OK"),
    Rule(FindingKind.TIMEOUT, "TIMEOUT ", r"^\s*\d+/\d+ (?:\S+ [-/] )?(?P<subject>\S.*?) +TIMEOUT +\d", _LONG, weight=Weight.WEAK,
         example="1/1 slow TIMEOUT        2.12s   killed by signal 15 SIGTERM",
         counterexample="1/1 Test #1: slow .............................***Timeout   2.07 sec"),
    Rule(FindingKind.TEST_FAILURE, "ERROR ", r"^\s*\d+/\d+ (?:\S+ [-/] )?(?P<subject>\S.*?) +ERROR +\d", _SEE, weight=Weight.WEAK,
         example=" 3/10 parser                ERROR           0.01s   exit status 99",
         counterexample="2/3 error   EXPECTEDFAIL    0.24s   exit status 1"),
    Rule(FindingKind.TEST_FAILURE, "UNEXPECTEDPASS ", r"^\s*\d+/\d+ (?:\S+ [-/] )?(?P<subject>\S.*?) +UNEXPECTEDPASS +\d", "{subject} passes although meson.build expects it to fail: remove should_fail.", weight=Weight.WEAK,
         example=" 3/10 suite - parser        UNEXPECTEDPASS  0.01s",
         counterexample=" 3/10 suite - parser        EXPECTEDFAIL    0.01s   exit status 1"),
    Rule(FindingKind.TEST_FAILURE, "not ok ", r"^\s*not ok \d+(?: -)? (?P<subject>(?!.*# (?:TODO|SKIP|todo|skip))\S.{0,120}?)(?: #.*)?$", _SEE, weight=Weight.WEAK,
         example="not ok 3 - parses a table",
         counterexample="not ok 4 - elsewhere # SKIP no network"),
    Rule(FindingKind.TEST_FAILURE, "Failed ", r"^(?P<subject>\S+\.t) ?\.* ?(?:Failed \d+/\d+ subtests|Dubious)", _SEE, weight=Weight.WEAK,
         example="t/parser.t .. Failed 1/3 subtests",
         counterexample="Failed 1/2 subtests "),
    Rule(FindingKind.TEST_FAILURE, "Dubious, test returned", r"^(?P<subject>)Dubious, test returned", _SEE, weight=Weight.VAGUE, earlier=r"^(?P<subject>\S+\.t) \.+ *$",
         example="Dubious, test returned 1 (wstat 256, 0x100)",
         counterexample="test -z '/usr/bin' || mkdir -p '/usr/bin'"),
    Rule(FindingKind.TEST_FAILURE, "FAILED", r"^FAILED (?P<subject>\S+?::\S+)", _SEE, weight=Weight.WEAK,
         example="FAILED tests/test_parser.py::test_table - assert 1 == 2",
         counterexample="test parser::table ... FAILED"),
    Rule(FindingKind.TEST_FAILURE, "FAILED", r"^test (?P<subject>\S+) \.\.\. FAILED", _SEE, weight=Weight.WEAK,
         example="test parser::table ... FAILED",
         counterexample="Test 'parser' failed"),
    Rule(FindingKind.TEST_FAILURE, "[  FAILED  ] ", r"^\[  FAILED  \] (?P<subject>\S+)", _SEE, weight=Weight.WEAK,
         example="[  FAILED  ] Parser.Table (0 ms)",
         counterexample="parser ........ FAILED"),
    Rule(FindingKind.TEST_FAILURE, "FAIL", r"^(?:FAIL|FAILED) +(?P<subject>(?!\d+$)[\w.+-]*(?:[/.][\w.+/-]+))$", _SEE, weight=Weight.WEAK, words=("FAIL", "FAILED"),
         example="FAIL t/03-queue.sh",
         counterexample="FAIL: 2"),
    Rule(FindingKind.TEST_FAILURE, "FAIL\t", r"^FAIL\t(?P<subject>\S+)", _SEE, weight=Weight.VAGUE,
         example="FAIL\texample.org/filter\t0.004s",
         counterexample="--- FAIL: TestForever (0.00s)"),
    Rule(FindingKind.TEST_FAILURE, "... FAIL", r"^(?:Running|Testing|Checking|Executing|[Tt]est)[: ]+'?(?P<subject>[\w./+-]*\w)'?(?: test)? *\.{3,} *FAIL(?:ED|URE)?\b", _SEE, weight=Weight.WEAK, words=("FAILED", "FAIL", "FAILURE"),
         example="Running handshake_test.c          ... FAILED test 8",
         counterexample="parser ........ FAILED"),
    Rule(FindingKind.TEST_FAILURE, "FAILED", r"^(?P<subject>\S+)(?: test)? *(?:\.{2,}|:) *FAILED?!?$", _SEE, weight=Weight.WEAK,
         example="parser ........ FAILED",
         counterexample="\t  3 - parser (Failed)"),
    Rule(FindingKind.TEST_FAILURE, "FAIL", r"^(?:\*\*\* )?(?:Test|TEST|test)[: ] ?'?(?P<subject>[\w./+-]+)'? (?:FAILED|FAIL)", _SEE, weight=Weight.WEAK, words=("FAIL", "FAILED"),
         example="*** Test parser FAILED",
         counterexample="Test 'parser' failed"),
    Rule(FindingKind.TEST_FAILURE, "failed", r"^(?:\*\*\* )?[Tt]est[: ] ?'?(?P<subject>[\w./+-]+)'? failed", _SEE, weight=Weight.WEAK,
         example="Test 'parser' failed",
         counterexample="*** Test parser FAILED"),
    Rule(FindingKind.TEST_FAILURE, "# FAIL: ", r"^# FAIL: +(?P<count>[1-9]\d*)$", "Look at test-suite.log.", subject="tests", weight=Weight.VAGUE,
         example="# FAIL:  1",
         counterexample="# FAIL:  0"),
    Rule(FindingKind.TEST_FAILURE, "tests failed out of", r"\d+% tests passed, (?P<count>[1-9]\d*) tests failed out of", "Run ctest --output-on-failure.", subject="tests", weight=Weight.VAGUE,
         example="67% tests passed, 1 tests failed out of 3",
         counterexample="100% tests passed, 0 tests failed out of 12"),
    Rule(FindingKind.TEST_FAILURE, " failed", r"^=+ .*?(?P<count>[1-9]\d*) failed", "Read the first failure of the test run.", subject="tests", weight=Weight.VAGUE,
         example="========= 1 failed, 2 passed in 0.10s =========",
         counterexample="0 failed, 12 passed"),
)  # fmt: skip
