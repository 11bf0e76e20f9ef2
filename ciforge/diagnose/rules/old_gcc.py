"""gcc before 4, which does not say `error:`.

Wordings: real output of gcc 12 to 16, clang 19 and 21, tcc 0.9.27 and pcc 1.2 in Debian 13, and lines
quoted in commit messages of public projects.
"""

from ciforge.diagnose.rules.compiler_advice import (
    CONFLICT,
    HEADER,
    INCOMPLETE_OF,
    REDEFINED,
    SYNTAX,
    UNDECLARED,
)
from ciforge.diagnose.rules.rule import AT, ERROR, Rule
from ciforge.model.finding import FindingKind

RULES = (
    Rule(FindingKind.MISSING_HEADER, ": No such file or directory", AT + r"(?P<subject>[\w./+-]+\.(?:h|hh|hpp)): No such file or directory", HEADER,
         example="old.c:3:17: ltdl.h: No such file or directory",
         counterexample="conftest.c:9:10: fatal error: nope.h: No such file or directory"),
    Rule(FindingKind.UNDECLARED, "undeclared (first use", AT + r"'(?P<subject>[^']+)' undeclared \(first use", UNDECLARED,
         example="old.c:12: `X' undeclared (first use in this function)",
         counterexample="src/hello.c:72:50: error: 'greetings' undeclared (first use in this function)"),
    Rule(FindingKind.TYPE_CONFLICT, "conflicting types for '", AT + r"conflicting types for '(?P<subject>[^']+)'", CONFLICT,
         example="old.c:12: conflicting types for `f'",
         counterexample="strbuffer.c:21:5: error: conflicting types for 'strbuffer_init'"),
    Rule(FindingKind.REDEFINITION, "redefinition of '", AT + r"redefinition of '(?P<subject>[^']+)'", REDEFINED,
         example="old.c:12: redefinition of `f'",
         counterexample="/build/json-c/printbuf.c:193:18: error: redefinition of 'printbuf_new'"),
    Rule(FindingKind.INCOMPLETE_TYPE, "storage size of '", AT + r"storage size of '(?P<subject>[^']+)' isn't", INCOMPLETE_OF,
         example="old.c:12: storage size of `s' isn't known",
         counterexample="modbus.c:476:21: error: storage size of 'sockaddr' isn't known"),
    Rule(FindingKind.INCOMPLETE_TYPE, "has incomplete type", AT + r"field '(?P<subject>[^']+)' has incomplete type", INCOMPLETE_OF,
         example="old.c:12: field `s' has incomplete type",
         counterexample="unk.c:3:43: error: field 'x' has incomplete type"),
    Rule(FindingKind.SYNTAX_ERROR, "error before ", AT + r"(?:error: )?(?:parse|syntax) error before '?(?P<subject>[^'\s]+)", SYNTAX,
         example="old.c:12: parse error before `u_quad'",
         counterexample='"foo.c", line 12: syntax error before or at: void'),
    Rule(FindingKind.INCOMPLETE_TYPE, "initializer but incomplete", ERROR + r"variable '(?P<subject>[^']+)' has initializer but incomplete type", INCOMPLETE_OF,
         example="x.c:3:1: error: variable 'v' has initializer but incomplete type",
         counterexample="x.c:3:1: error: parameter 1 ('v') has incomplete type"),
    Rule(FindingKind.INCOMPLETE_TYPE, "has incomplete type", ERROR + r"parameter \d+ \('(?P<subject>[^']+)'\) has incomplete type", INCOMPLETE_OF,
         example="x.c:3:1: error: parameter 1 ('v') has incomplete type",
         counterexample="old.c:12: field `s' has incomplete type"),
    Rule(FindingKind.INCOMPLETE_TYPE, "pointer to incomplete type", AT + r"(?:error: )?dereferencing (?P<subject>pointer to incomplete type)", "Include the header that defines the structure that is used at {file}:{line}; a forward declaration is not enough. If none does, the structure is opaque: use the functions of its library.",
         example="x.c:3: error: dereferencing pointer to incomplete type",
         counterexample="x.c:3:1: error: variable 'v' has initializer but incomplete type"),
    Rule(FindingKind.TYPE_CONFLICT, "new declaration of '", ERROR + r"ambiguating new declaration of '(?P<subject>[^']+)'", CONFLICT,
         example="x.cc:3:1: error: ambiguating new declaration of 'int f()'",
         counterexample="confl.c:2:6: error: static declaration of 'f' follows non-static declaration"),
)  # fmt: skip
