"""The compilers of Sun, IBM, HP, SGI and Microsoft.

Wordings: real output of gcc 12 to 16, clang 19 and 21, tcc 0.9.27 and pcc 1.2 in Debian 13, and lines
quoted in commit messages of public projects.
"""

from ciforge.diagnose.rules.compiler_advice import HEADER, INCOMPLETE, REDEFINED, SYNTAX, UNDECLARED
from ciforge.diagnose.rules.rule import MSVC, QUOTED, Rule
from ciforge.model.finding import FindingKind

RULES = (
    Rule(FindingKind.MISSING_HEADER, "cannot find include file", QUOTED + r"(?:error: )?cannot find include file: [<\"](?P<subject>[^>\"]+)[>\"]", HEADER,
         example='"foo.c", line 12: cannot find include file: <paths.h>',
         counterexample="foo.c(12): fatal error C1083: Cannot open include file: 'unistd.h': No such file or directory"),
    Rule(FindingKind.MISSING_HEADER, "#include file", QUOTED + r"\S+ \(\w\) #include file [<\"](?P<subject>[^>\"]+)[>\"] not found", HEADER,
         example='"foo.c", line 12.10: 1506-296 (S) #include file <paths.h> not found.',
         counterexample='"foo.c", line 12: cannot find include file: <paths.h>'),
    Rule(FindingKind.MISSING_HEADER, "cannot open source file", QUOTED + r".*[Cc]annot open source file \"(?P<subject>[^\"]+)\"", HEADER,
         example='"foo.c", line 12: catastrophic error: cannot open source file "paths.h"',
         counterexample="foo.c(12): fatal error C1083: Cannot open include file: 'unistd.h': No such file or directory"),
    Rule(FindingKind.UNDECLARED, "undefined symbol: ", QUOTED + r"(?:error: )?undefined symbol: (?P<subject>\w+)", UNDECLARED,
         example='"foo.c", line 12: undefined symbol: MSG_NOSIGNAL',
         counterexample="mold: error: undefined symbol: src/libfrob.so.p/frob.c.o: frob_init"),
    Rule(FindingKind.UNDECLARED, "undeclared identifier ", QUOTED + r"\S+ \(\w\) Undeclared identifier (?P<subject>\w+)", UNDECLARED,
         example='"foo.c", line 12.5: 1506-045 (S) Undeclared identifier MSG_NOSIGNAL.',
         counterexample="error.c:12:3: note: each undeclared identifier is reported only once"),
    Rule(FindingKind.UNDECLARED, " is undefined", QUOTED + r".*[iI]dentifier \"(?P<subject>[^\"]+)\" is undefined", UNDECLARED,
         example='"foo.c", line 12: error: identifier "MSG_NOSIGNAL" is undefined',
         counterexample="Makefile.am:1: error: Libtool library used but 'LIBTOOL' is undefined"),
    Rule(FindingKind.UNDECLARED, " undefined.", r"^\S*cc: " + QUOTED + r"error \d+: \"(?P<subject>[^\"]+)\" undefined", UNDECLARED,
         example='cc: "foo.c", line 5: error 1588: "MSG_NOSIGNAL" undefined.',
         counterexample="cc -Wall -Werror -Werror=implicit-function-declaration   -c -o undefined.o undefined.c"),
    Rule(FindingKind.REDEFINITION, "identifier redeclared: ", QUOTED + r"(?:error: )?identifier redeclared: (?P<subject>\w+)", REDEFINED,
         example='"foo.c", line 12: identifier redeclared: getopt',
         counterexample='"foo.c", line 12.5: 1506-045 (S) Undeclared identifier MSG_NOSIGNAL.'),
    Rule(FindingKind.INCOMPLETE_TYPE, "incomplete struct/union", QUOTED + r".*incomplete (?:struct/union/enum )?(?P<subject>[\w ]+)", INCOMPLETE,
         example='"foo.c", line 12: incomplete struct/union/enum stat64',
         counterexample="redef.c:4: error: struct/union/enum already defined"),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error", QUOTED + r"(?:error: |\S+ \(\w\) |error \d+: )?(?P<subject>[Ss]yntax error.*)", SYNTAX,
         example='"foo.c", line 12: syntax error before or at: void',
         counterexample="foo.c(12): error C2143: syntax error: missing ';' before '*'"),
    Rule(FindingKind.OTHER, "line ", QUOTED + r"(?:error: |\d+-\d+ \([SU]\) |error \d+: )(?P<subject>\S.{0,160})",
         example='"foo.c", line 12: error: expected a ";"',
         counterexample="unk.c, line 1: syntax error"),
    Rule(FindingKind.UNDEFINED_SYMBOL, "unresolved external symbol ", r"error LNK\d+: unresolved external symbol \"?(?P<subject>[^\s\"]+)", "Link the library that defines {subject}.",
         example="foo.obj : error LNK2019: unresolved external symbol _strlcpy referenced in function _main",
         counterexample="ld: unresolved symbol 'strlcpy'"),
    Rule(FindingKind.MISSING_LIBRARY, "cannot open input file '", r"LNK\d+: cannot open (?:input )?file '(?P<subject>[^']+)'", "Add the package that ships {subject}, or set the path of libraries.",
         example="LINK : fatal error LNK1181: cannot open input file 'event.lib'",
         counterexample="config.status: error: cannot find input file: `Makefile.in'"),
    Rule(FindingKind.UNDECLARED, "undeclared identifier", MSVC + r"(?:error C\d+: )?'(?P<subject>[^']+)':? undeclared identifier", UNDECLARED,
         example="foo.c(12): error C2065: 'ssize_t': undeclared identifier",
         counterexample="conftest.c:3:32: note: each undeclared identifier is reported only once for each function it appears in"),
    Rule(FindingKind.OTHER, "error C", MSVC + r"(?:fatal )?error C\d+: (?P<subject>\S.{0,160})", words=("error",),
         example="foo.c(12): error C2143: syntax error: missing ';' before '*'",
         counterexample="*** Error code 1 (ignored)"),
)  # fmt: skip
