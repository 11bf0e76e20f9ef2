"""Headers that a compiler does not find, and functions without a declaration.

Wordings: real output of gcc 12 to 16, clang 19 and 21, tcc 0.9.27 and pcc 1.2 in Debian 13, and lines
quoted in commit messages of public projects.
"""

from ciforge.diagnose.rules.compiler_advice import HEADER
from ciforge.diagnose.rules.rule import ERROR, WARNING, Rule
from ciforge.model.finding import FindingKind, Severity

_IMPLICIT = "Include the header that declares {subject}, or check for it in configure and ship a replacement."

RULES = (
    # Headers
    Rule(FindingKind.MISSING_HEADER, "error: ",
         ERROR + r"'?(?P<subject>[^\s:']+)'?: No such file or directory", HEADER,
         example="hdr.c:1:10: fatal error: nope/missing.h: No such file or directory",
         counterexample="gcc -DERROR=1 -DMSG='\"fatal error: x.h: No such file or directory\"' -c x.c"),
    Rule(FindingKind.MISSING_HEADER, "' file not found", ERROR + r"'(?P<subject>[^']+)' file not found",
         HEADER,
         example="hdr.c:1:10: fatal error: 'nope/missing.h' file not found",
         counterexample="hdr.c:1: error: include file 'nope/missing.h' not found"),
    Rule(FindingKind.MISSING_HEADER, "include file '",
         ERROR + r"include file '(?P<subject>[^']+)' not found", HEADER,
         example="hdr.c:1: error: include file 'nope/missing.h' not found",
         counterexample='"foo.c", line 12.10: 1506-296 (S) #include file <paths.h> not found.'),
    Rule(FindingKind.MISSING_HEADER, "cannot find '", ERROR + r"cannot find '(?P<subject>[^']+)'$", HEADER,
         example="hdr.c:1: error: cannot find 'nope/missing.h'",
         counterexample="configure: error: cannot find zlib.h"),
    Rule(FindingKind.MISSING_HEADER, "fatal error: ",
         ERROR + r"(?P<subject>[\w./+-]+\.(?:h|hh|hpp|hxx|inc)): \S.*$", HEADER,
         example="hdr.c:1:10: fatal error: nope/missing.h: Datei oder Verzeichnis nicht gefunden",
         counterexample="hdr.c:1:10: fatal error: 'nope/missing.h' file not found"),
    Rule(FindingKind.MISSING_HEADER, "cannot open include file",
         r"(?P<file>(?:[A-Za-z]:(?=[\\/]))?[^\s:(]+)\((?P<line>\d+)\): .*[Cc]annot open include file: '(?P<subject>[^']+)'",
         HEADER,
         example="foo.c(12): fatal error C1083: Cannot open include file: 'unistd.h': No such file or directory",
         counterexample='"foo.c", line 12: catastrophic error: cannot open source file "paths.h"'),

    # Functions without a declaration
    Rule(FindingKind.IMPLICIT_DECLARATION, "incompatible implicit declaration of built-in function '",
         ERROR + r"incompatible implicit declaration of built-in function '(?P<subject>[^']+)'", _IMPLICIT,
         example="q.c:1:18: error: incompatible implicit declaration of built-in function 'exit' [-Werror=builtin-declaration-mismatch]",
         counterexample="q.c:1:18: warning: incompatible implicit declaration of built-in function 'exit' [-Wbuiltin-declaration-mismatch]"),
    Rule(FindingKind.IMPLICIT_DECLARATION, "implicit declaration of function '",
         ERROR + r"implicit declaration of function '(?P<subject>[^']+)'", _IMPLICIT,
         followed=True,
         example="../test.c:3:3: error: implicit declaration of function 'pthread_set_name_np' is invalid in C99 [-Werror,-Wimplicit-function-declaration]",
         counterexample="cc -Wall -Werror -Werror=implicit-function-declaration   -c -o error.o error.c"),
    Rule(FindingKind.IMPLICIT_DECLARATION, "call to undeclared ",
         ERROR + r"call to undeclared (?:library )?function '(?P<subject>[^']+)'", _IMPLICIT,
         example="impl.c:1:17: error: call to undeclared function 'foo_undeclared'; ISO C99 and later do not support implicit function declarations [-Wimplicit-function-declaration]",
         counterexample="checking for gcc options needed to detect all undeclared functions... none needed"),
    Rule(FindingKind.IMPLICIT_DECLARATION, "implicitly declaring library function",
         ERROR + r"implicitly declaring library function '(?P<subject>[^']+)'", _IMPLICIT,
         example="sl.c:1:24: error: implicitly declaring library function 'strlen' with type 'unsigned long (const char *)' [-Werror,-Wimplicit-function-declaration]",
         counterexample="cc -Wall -Werror -Werror=implicit-function-declaration   -c -o main.o main.c"),
    Rule(FindingKind.IMPLICIT_DECLARATION, "implicit declaration of function '",
         WARNING + r"implicit declaration of function '(?P<subject>[^']+)'", _IMPLICIT,
         severity=Severity.WARNING,
         example="impl.c:1:17: warning: implicit declaration of function 'foo' [-Wimplicit-function-declaration]",
         counterexample="../src/hello.c:53:33: error: implicit declaration of function 'errx' [-Wimplicit-function-declaration]"),
    Rule(FindingKind.IMPLICIT_DECLARATION, "implicitly declaring library function",
         WARNING + r"implicitly declaring library function '(?P<subject>[^']+)'", _IMPLICIT,
         severity=Severity.WARNING,
         example="impl.c:1:17: warning: implicitly declaring library function 'strlen' with type 'unsigned long (const char *)' [-Wimplicit-function-declaration]",
         counterexample="calc.c:1:74: warning: control reaches end of non-void function [-Wreturn-type]"),
    Rule(FindingKind.IMPLICIT_DECLARATION, "call to undeclared ",
         WARNING + r"call to undeclared (?:library )?function '(?P<subject>[^']+)'", _IMPLICIT,
         severity=Severity.WARNING,
         example="impl.c:1:17: warning: call to undeclared function 'foo'; ISO C99 and later do not support implicit function declarations [-Wimplicit-function-declaration]",
         counterexample="x.c:1:1: error: too few arguments to function call, expected 3, have 2"),
)  # fmt: skip
