"""make of OpenBSD, NetBSD, FreeBSD and illumos, SCons, and ninja where they differ from GNU make.

Wordings: usr.bin/make of openbsd/src (job.c, cmd_exec.c, engine.c, error.c) and of NetBSD/src,
contrib/bmake of freebsd/freebsd-src, usr/src/cmd/make of illumos/illumos-gate (bin/doname.cc,
bin/parse.cc); bmake 20200710 and SCons 4.8 in Debian 13.
"""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_MEMORY = "Give the build more memory, or fewer parallel processes."
_CRASH = "A program that the build runs crashed while making {subject}."
_SIGNAL = r"^\*\*\* Signal SIG{} in \S+ \((?:\S+:\d+ )?'(?P<subject>[^']+)'(?:: .*)?\)"
_OPENBSD = ("SIGKILL", "SIGTERM", "SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGSYS")
_TIME = "Find out what it was waiting for, or raise the time limit."
_SYNTAX = "{file}:{line} is written for another make: GNU make and BSD make differ here."
_TARGET = "{subject} is not in the tree and no rule creates it: look for a file that moved, or for another spelling of its name."

RULES = (
    Rule(FindingKind.OUT_OF_MEMORY, "*** Signal SIGKILL", _SIGNAL.format("KILL"), _MEMORY, words=_OPENBSD,
         example="*** Signal SIGKILL in . (Makefile:12 'parser.o')",
         counterexample="*** Signal SIGSEGV in . (Makefile:31 'keywords.h')"),
    Rule(FindingKind.TIMEOUT, "*** Signal SIGTERM", _SIGNAL.format("TERM"), _TIME, words=_OPENBSD,
         example="*** Signal SIGTERM in . (Makefile:4 'check')",
         counterexample="*** Signal SIGKILL in . (Makefile:12 'parser.o')"),
    Rule(FindingKind.INTERNAL_COMPILER_ERROR, "*** Signal SIG", _SIGNAL.replace("[^']+", r"[^']+\.l?o").format("(?:SEGV|ABRT|BUS|ILL)"), "The compiler crashed on {subject}: try another version of it, or less optimization.", words=_OPENBSD, weight=Weight.VAGUE,
         example="*** Signal SIGSEGV in . (<sys.mk>:87 'parse.o': @cc -O2 -pipe  -c parse.c)",
         counterexample="*** Signal SIGSEGV in . (Makefile:31 'keywords.h')"),
    Rule(FindingKind.OTHER, "*** Signal SIG", _SIGNAL.format("(?:SEGV|ABRT|BUS|ILL|FPE|SYS)"), _CRASH, words=_OPENBSD, weight=Weight.VAGUE,
         example="*** Signal SIGSEGV in . (Makefile:31 'keywords.h')",
         counterexample="*** Error 1 in . (Makefile:31 'keywords.h')"),
    Rule(FindingKind.TEST_FAILURE, "FAILED", r"^FAILED$", "The regression test {subject} failed: its output stands above.", subject="a regression test", earlier=r"^==== (?P<subject>\S+) ====$", weight=Weight.WEAK,
         example="FAILED",
         counterexample="FAILED: src/main.o"),
    Rule(FindingKind.OTHER, "Signal ", r"^\*\*\* (?P<subject>Signal (?:4|6|7|8|10|11))$", "A program that the build runs crashed: the command above this line.", weight=Weight.WEAK,
         example="*** Signal 11",
         counterexample="*** [out.c] Signal 11"),
    Rule(FindingKind.MAKE_SYNTAX, "line ", r"(?:^|\s)\S*make(?:\[\d+\])?: \"(?P<file>[^\"]+)\",? line (?P<line>\d+): (?:error: )?(?P<subject>(?!warning|note)\S.{0,160}?)\.?$", "The makefile stops the build at {file}:{line}.",
         example='bmake: "/build/calc/Makefile" line 2: LIBEVENT is not set',
         counterexample='File "/usr/lib/python3/dist.py", line 12, in run'),
    Rule(FindingKind.MAKE_RULE, "not found, needed by target", r"^scons: \*\*\* \[\S+\] Source '(?P<subject>[^']+)' not found, needed by target", _TARGET,
         example="scons: *** [util.o] Source `util.c' not found, needed by target `util.o'.",
         counterexample="scons: *** [main.o] Error 1"),
)  # fmt: skip
