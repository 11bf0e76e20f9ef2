"""Rules for what valgrind and the sanitizers report, and for sandboxes that end a program.

Wordings: memcheck/mc_errors.c and coregrind/m_errormgr.c of valgrind 3.24, compiler-rt/lib/ubsan/ubsan_diag.cpp of llvm,
sys/kern/kern_pledge.c of openbsd/src, go/src/runtime/race of golang/go.
"""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_FRAME = (
    r"^==\d+== +(?:at|by) 0x[0-9A-F]+: \S.* \((?P<file>(?!vg_|m_)[^\s:()]+\.\w+):(?P<line>\d+)\)"
)
_GO_FRAME = r"^\s+(?P<file>(?!\S*/src/(?:testing|runtime|sync|net|internal|io|log|fmt|bytes|bufio|reflect|os|context|time|strings|sort|encoding|crypto|database|errors|math)/)(?:[A-Za-z]:)?[^\s:]+\.go):(?P<line>\d+) \+0x"
"""A frame that is not of Go's own packages, which are below GOROOT/src."""
RACES = "data race"
"""The subject of a report of Go's race detector."""
RACE = "Two goroutines use the same memory at the same time, one of them at {file}:{line}, and one writes: guard it with a lock or a channel."
_BUG = "The tested program has a bug: the lines below show where. It may be there on all systems."
_PLEDGE = "OpenBSD ended the program for a system call that its pledge does not promise: add the promise, or make the call before pledge()."

RULES = (
    Rule(FindingKind.TEST_FAILURE, "== ", r"^==\d+== (?P<subject>Conditional jump or move depends on uninitialised value|Use of uninitialised value|Invalid free\(\)|Mismatched free\(\)|Source and destination overlap|Syscall param \S+ \S+)", _BUG, weight=Weight.WEAK, then=_FRAME, within=8, lasting=True,
         words=("Invalid", "Conditional", "Mismatched", "uninitialised", "overlap", "Syscall"),
         example="==812== Conditional jump or move depends on uninitialised value(s)",
         counterexample="==812== Command: ./t_table"),
    Rule(FindingKind.TEST_FAILURE, "definitely lost in loss record", r"^==\d+== +[\d,]+ (?:\([^)]*\) )?bytes in [\d,]+ blocks are (?P<subject>definitely lost) in loss record", "The tested program does not free the memory: the lines below show where it was allocated.", weight=Weight.WEAK, then=_FRAME, within=8, lasting=True,
         example="==812== 64 bytes in 1 blocks are definitely lost in loss record 1 of 1",
         counterexample="==812== LEAK SUMMARY:"),
    Rule(FindingKind.OTHER, "Sanitizer CHECK failed", r"^==\d+== ?(?P<subject>\w+Sanitizer) CHECK failed: ", "The runtime of {subject} failed, not what it checks: take another version of the compiler, or leave the sanitizer out on this system.", weight=Weight.WEAK, words=("AddressSanitizer", "LeakSanitizer", "MemorySanitizer", "ThreadSanitizer", "HWAddressSanitizer", "UndefinedBehaviorSanitizer"),
         example="==3739==AddressSanitizer CHECK failed: sanitizer_common_interceptors.inc:259",
         counterexample="==3739==ERROR: AddressSanitizer: heap-use-after-free"),
    Rule(FindingKind.TEST_FAILURE, "WARNING: DATA RACE", r"^WARNING: (?P<other>DATA RACE)$", RACE, subject=RACES, weight=Weight.WEAK, then=_GO_FRAME, within=20,
         example="WARNING: DATA RACE",
         counterexample="WARNING: ThreadSanitizer: data race (pid=11)"),
    Rule(FindingKind.OTHER, "pledge \"", r"^(?P<subject>[\w.+-]+)\[\d+\]: pledge \"(?P<promise>[^\"]*)\", syscall \d+", _PLEDGE, weight=Weight.WEAK, lasting=True,
         example='frobd[91334]: pledge "inet", syscall 97',
         counterexample="checking for pledge... yes"),
    Rule(FindingKind.OTHER, "cannot execute - ", r"^(?:\S*/)?\w*sh: (?P<subject>[^\s:]+): cannot execute - (?:Operation not permitted|Permission denied)", "This system does not run {subject} from this file system: it is mounted noexec, or (OpenBSD) the program needs writable and executable memory and the mount lacks wxallowed.", weight=Weight.WEAK,
         example="/bin/ksh: ./frobjit: cannot execute - Operation not permitted",
         counterexample="/bin/ksh: ./frobjit: cannot execute - No such file or directory"),
)  # fmt: skip
