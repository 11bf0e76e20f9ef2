"""GNU make and bmake.

Wordings: real output of GNU make 4.4 and bmake 20200710 in Debian 13.
"""

from ciforge.diagnose.rules.rule import DRIVER_WORDS, Rule, Weight
from ciforge.model.finding import FindingKind

_MAKE = r"(?:^|\s)(?:\S*/)?[a-z]*make(?:\.exe)?(?:\[\d+\])?: "
_FILE = r"(?:^|\s)(?P<file>[^\s:]+):(?P<line>\d+): \*\*\* "
_BSD = r"(?:^|\s)\"(?P<file>[^\"]+)\",? line (?P<line>\d+): "
_RULE = "{subject} is not in the tree and no rule creates it: look for a file that moved, or for another spelling of its name."
_SEPARATOR = (
    "{file}:{line} is written for another make: if it has directives like `.if`, add `bmake` to `dependencies` and run "
    "`bmake` in the steps build and install."
)
_SYNTAX = "{file}:{line} is written for another make: GNU make and BSD make differ here."
_NONE = "No Makefile was generated: see the output of configure, and the folder in which make runs."

RULES = (
    Rule(FindingKind.MAKE_RULE, "No rule to make target", r"\*\*\* No rule to make target ?'(?P<subject>[^']*)'", _RULE,
         example="make[4]: *** No rule to make target '../../include/openssl/ec.h', needed by 'rsa_lib.o'.  Stop.",
         counterexample="--- no_rule_to_make_target.o ---"),
    Rule(FindingKind.MAKE_RULE, "don't know how to make ", r"don't know how to make (?P<subject>\S+?)\.? ?(?:\(prerequisite of: |\. Stop|\(continuing\)|Stop|$)", _RULE,
         example="make[2]: don't know how to make install/strip. Stop",
         counterexample="make: Fatal error: Don't know how to make target `aliases.c'"),
    Rule(FindingKind.MAKE_RULE, "Don't know how to make target", r"Don't know how to make target '(?P<subject>[^']+)'", _RULE,
         example="make: Fatal error: Don't know how to make target `aliases.c'",
         counterexample="make[2]: don't know how to make install/strip. Stop"),
    Rule(FindingKind.MAKE_RULE, "no makefile found", _MAKE + r"\*\*\* (?P<subject>No targets specified and no makefile found)", _NONE,
         example="make: *** No targets specified and no makefile found.  Stop.",
         counterexample="Run-time dependency libseccomp found: NO (tried pkgconfig and cmake)"),
    Rule(FindingKind.MAKE_RULE, "No targets", _MAKE + r"\*\*\* (?P<subject>No targets)\.", _NONE,
         example="make: *** No targets.  Stop.",
         counterexample="make: *** No targets specified and no makefile found.  Stop."),
    Rule(FindingKind.MAKE_RULE, "no target to make", _MAKE + r"(?P<subject>no target to make)", _NONE,
         example="bmake: no target to make.",
         counterexample="--- no_rule_to_make_target.o ---"),
    Rule(FindingKind.MAKE_RULE, "missing and no known rule to make it", r"error: '(?P<subject>[^']+)', needed by .* missing and no known rule to make it", _RULE,
         example="ninja: error: 'x.c', needed by 'x.o', missing and no known rule to make it",
         counterexample="ar rcs liberror.a undefined_symbol.o missing_library.o no_rule_to_make_target.o"),
    Rule(FindingKind.MAKE_RULE, "unknown target", r"^ninja: error: unknown target '(?P<subject>[^']+)'", _RULE,
         example="ninja: error: unknown target 'docs'",
         counterexample="<builtin>: update target 'error.o' due to: error.c"),
    Rule(FindingKind.MAKE_RULE, "loading 'build.ninja'", r"^ninja: error: loading '(?P<subject>build\.ninja)': No such file", "Nothing was configured: see the output of CMake or Meson.",
         example="ninja: error: loading 'build.ninja': No such file or directory",
         counterexample="ninja: fatal: chdir to 'build' - No such file or directory"),
    Rule(FindingKind.MAKE_SYNTAX, "did you mean TAB", _FILE + r"(?P<subject>missing separator) \(did you mean TAB", "Begin {file}:{line} with a tab instead of spaces.",
         followed=True,
         example="Makefile:2: *** missing separator (did you mean TAB instead of 8 spaces?).  Stop.",
         counterexample="Makefile:640: *** missing separator.  Stop."),
    Rule(FindingKind.MAKE_SYNTAX, "missing separator", _FILE + r"(?P<subject>missing separator)", _SEPARATOR,
         example="Makefile:640: *** missing separator.  Stop.",
         counterexample="Makefile:7: *** missing 'endif'.  Stop."),
    Rule(FindingKind.MAKE_SYNTAX, "multiple target patterns", _FILE + r"(?P<subject>multiple target patterns)", "{file}:{line}: a colon in a name or path is read as another target.",
         example="Makefile:62: *** multiple target patterns.  Stop.",
         counterexample="W: Target Packages (main) is configured multiple times"),
    Rule(FindingKind.MAKE_SYNTAX, "*** ", _FILE + r"(?P<subject>missing endif|missing 'endif'|extraneous '?\w+'?|recipe commences before first target|unterminated (?:call to function|variable reference)[^.]*|target pattern contains no '%'|mixed implicit and (?:static pattern|normal) rules[^.]*|only one '\w+' per conditional|empty variable name|invalid syntax in conditional|insufficient number of arguments[^.]*|commands commence before first target|missing target pattern|.* function.*)", _SYNTAX, words=("Stop",),
         example="Makefile:7: *** missing 'endif'.  Stop.",
         counterexample="Makefile:640: *** missing separator.  Stop."),
    Rule(FindingKind.MAKE_SYNTAX, "Need an operator", _BSD + r"(?P<subject>Need an operator)", _SYNTAX,
         example='bmake: "/w/mk/Makefile" line 2: Need an operator',
         counterexample="*** Parse error in /w/frob: Need an operator in 'ifdef' (Makefile:53)"),
    Rule(FindingKind.MAKE_SYNTAX, "line ", _BSD + r"(?:error: )?(?P<subject>Missing dependency operator|Malformed conditional|Unknown modifier|Unclosed \w+|Unknown directive|Invalid line type|if-less \S+|Could not find \S+|Inconsistent operator\S*|Unmatched\S*|Shell command needed\S*|Unassociated shell command\S*|\d+ open conditionals?|Cannot open \S+|Missing operator\S*|Badly formed.*|Undefined variable.*|Variable \S+ is recursive|Special and mundane targets.*)", _SYNTAX,
         example='"Makefile", line 9: Missing dependency operator',
         counterexample='bmake: "/w/mk/Makefile" line 2: Need an operator'),
    Rule(FindingKind.MISSING_PACKAGE, "***", r"^(?P<file>\S*[Mm]ake\S*|\S+\.mk):(?P<line>\d+): \*\*\* (?:[Ee]rror: |ERROR: )?[\"']?(?P<subject>lib[\w.+-]*\w)[\"']? (?:is |was )?(?:not found|missing|not installed|required)", "Add {subject} to `dependencies`, or build without it.", words=("found", "missing", "installed", "required"),
         example="Makefile:13: *** libfrob not found -- install its headers.  Stop.",
         counterexample="Makefile:13: *** missing separator.  Stop."),
    Rule(FindingKind.MISSING_TOOL, "***", r"^(?P<file>\S*[Mm]ake\S*|\S+\.mk):(?P<line>\d+): \*\*\* (?:[Ee]rror: |ERROR: )?[\"']?(?P<subject>[a-z][\w.+-]*\w)[\"']? (?:is |was )?(?:not found|missing|not installed|required)", "Add the package of {subject} to `dependencies`.", words=("found", "missing", "installed", "required"),
         example="Makefile:13: *** pkg-config not found -- install base-devel.  Stop.",
         counterexample="Makefile:13: *** missing separator.  Stop."),
    Rule(FindingKind.TEST_FAILURE, "test-suite.log]", r"make(?:\[\d+\])?: \*\*\* \[(?:\S+: )?(?:\S*/)?test-suite\.log\] Error", "Look at test-suite.log.", subject="tests", weight=Weight.VAGUE, words=("make", "gmake"),
         example="make[5]: *** [Makefile:801: test-suite.log] Error 1",
         counterexample="make[4]: *** [Makefile:909: check-TESTS] Error 2"),
    Rule(FindingKind.MAKE_SYNTAX, "*** Parse error", r"^\*\*\* Parse error(?: in [^:]+)?: (?P<subject>Need an operator|Error in archive specification|[^()]{1,80}?)(?:: \".*\"| in '[^']*')? \((?P<file>[^\s:()]+):(?P<line>\d+)\)", _SYNTAX,
         example="*** Parse error in /w/frob: Need an operator in 'ifdef' (Makefile:53)",
         counterexample="old.c:12: parse error before `u_quad'"),
    Rule(FindingKind.MAKE_RULE, "ninja: fatal: chdir to", r"^ninja: fatal: chdir to '(?P<subject>[^']+)'", "Nothing was configured there: see the output of CMake or Meson, and the folder that ninja is given.",
         example="ninja: fatal: chdir to 'build' - No such file or directory",
         counterexample="ninja: no work to do."),
    Rule(FindingKind.OTHER, "ninja: fatal: ", r"^ninja: fatal: (?P<subject>\S.{0,160})",
         example="ninja: fatal: posix_spawn: Argument list too long",
         counterexample="Unpacking ninja-build (1.10.1-1) ..."),
    Rule(FindingKind.MAKE_SYNTAX, "No closing parenthesis", r"(?:^|\s)\"?(?P<file>[^\s\",]+)\"?,? line (?P<line>\d+): (?P<subject>No closing parenthesis)", _SYNTAX,
         example='make: "/w/Makefile" line 3: No closing parenthesis in archive specification',
         counterexample="checking for bison... no"),
    Rule(FindingKind.MAKE_SYNTAX, "*** ", _FILE + r"(?P<subject>(?!\[|No rule)\S.{0,160}?)(?:  Stop\.|$)", "See {file}:{line}: the Makefile stops the build.", words=DRIVER_WORDS,
         example="Makefile:3: *** GNU sed is needed.  Stop.",
         counterexample="make: *** [Makefile:12: out.c] Segmentation fault (core dumped)"),
    Rule(FindingKind.MAKE_SYNTAX, "conflicting targets", r"ninja: error: (?P<file>\S+):(?P<line>\d+): (?P<subject>.*)", "Fix {file}:{line}.",
         example="ninja: error: build.ninja:12: conflicting targets",
         counterexample="Build targets in project: 3"),
    Rule(FindingKind.MAKE_SYNTAX, "error in reader", r"^make: (?P<subject>[Ff]atal error in reader): (?P<file>[^\s,]+), line (?P<line>\d+)", _SYNTAX,
         example="make: Fatal error in reader: Makefile, line 12: Unexpected end of line seen",
         counterexample="/usr/bin/m4:configure.ac:13: ERROR: end of file in argument list"),
    Rule(FindingKind.MAKE_RULE, "no such file or directory", _MAKE + r"(?P<subject>[^\s:]*[Mm]akefile[^\s:]*|\S+\.mk): No such file or directory", _NONE, weight=Weight.WEAK,
         example="gmake: Makefile: No such file or directory",
         counterexample="cat: /etc/no-such-file: No such file or directory"),
    Rule(FindingKind.MAKE_RULE, "No such file or directory", r"^(?P<file>(?:\S*/)?(?:GNU)?[Mm]akefile[\w.-]*):(?P<line>\d+): (?P<subject>[^\s:]*\.depends?): No such file or directory$", "{file}:{line} includes {subject}, and no rule makes it: run make depend first, if there is one.", weight=Weight.VAGUE,
         example="Makefile:135: .depend: No such file or directory",
         counterexample="make: Makefile.inc: No such file or directory"),
    Rule(FindingKind.MAKE_RULE, "no such file or directory", r"(?:^|\s)(?:(?P<file>[^\s:]+):(?P<line>\d+): )(?P<subject>[^\s:]+(?:\.mk|\.mak|\.inc|akefile\S*|\.Po|\.Plo|\.d)): No such file or directory", "{subject}, which {file} includes, does not exist: run configure again, or add it to the tree.", weight=Weight.WEAK,
         example="Makefile:12: config.mk: No such file or directory",
         counterexample="gmake: Makefile: No such file or directory"),
    Rule(FindingKind.MAKE_RULE, "No such file or directory", r"\*\*\* (?P<subject>[^\s:]+): No such file or directory", "{subject} is not in the tree.", weight=Weight.WEAK,
         example="make: *** src: No such file or directory.  Stop.",
         counterexample="make: yacc: No such file or directory"),
)  # fmt: skip
