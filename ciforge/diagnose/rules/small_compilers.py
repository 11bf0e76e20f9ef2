"""Small C compilers that print the source line first and the error below it, behind a caret.

Wordings: tokenize.c, parse.c and preprocess.c of rui314/chibicc and of fuhsnn/slimcc.
`scan/caret_errors.py` takes file, line and name from the lines above the caret.
"""

from ciforge.diagnose.rules.compiler_advice import HEADER, INCOMPLETE, SYNTAX, UNDECLARED
from ciforge.diagnose.rules.rule import Rule
from ciforge.model.finding import FindingKind

CARET = r"^\s+\^ "
"""The text before the message."""
_DECLARE = "Include the header that declares {subject}, or declare it before its first use."

RULES = (
    Rule(FindingKind.UNDECLARED, "undefined variable", CARET + r"undefined variable$", UNDECLARED,
         example="                   ^ undefined variable",
         counterexample="note: undefined variable"),
    Rule(FindingKind.IMPLICIT_DECLARATION, "implicit declaration of a function", CARET + r"implicit declaration of a function$", _DECLARE,
         example="            ^ implicit declaration of a function",
         counterexample="a.c:3:2: warning: implicit declaration of function 'f'"),
    Rule(FindingKind.MISSING_HEADER, "cannot open file", CARET + r"(?P<subject>[^\s:]+): cannot open file: ", HEADER,
         example="               ^ bsd/string.h: cannot open file: No such file or directory",
         counterexample="bison: cannot open file 'x.y': No such file or directory"),
    Rule(FindingKind.INCOMPLETE_TYPE, "no such member", CARET + r"no such member$", "The structure has no member {subject} here: check for it in configure, or use what this system has.",
         example="                   ^ no such member",
         counterexample="error: no such member"),
    Rule(FindingKind.INCOMPLETE_TYPE, "has incomplete type", CARET + r"variable has incomplete type$", INCOMPLETE,
         example="          ^ variable has incomplete type",
         counterexample="a.c:3:2: error: variable has incomplete type 'struct s'"),
    Rule(FindingKind.SYNTAX_ERROR, "expected ", CARET + r"expected (?P<subject>'[^']+'|an? \S.*)$", SYNTAX,
         example="                    ^ expected ';'",
         counterexample="   expected ';'"),
)  # fmt: skip
