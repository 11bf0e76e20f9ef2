"""Conditionals of the C preprocessor that a merge or an edit damaged.

Wordings: libcpp/directives.cc, libcpp/expr.cc and libcpp/errors.cc of gcc, clang/include/clang/Basic/DiagnosticLexKinds.td
of llvm-project, and real output of gcc 14 and clang 19.
"""

from ciforge.diagnose.rules.rule import ERROR, Rule
from ciforge.model.finding import FindingKind

RULES = (
    Rule(FindingKind.SYNTAX_ERROR, "without #if", ERROR + r"(?P<subject>#\w+ without #if)",
         "Line {line} of {file} has no `#if`: a merge or an edit removed the one above it, or left this line twice.",
         example="doas.c:363:2: error: #elif without #if",
         counterexample="expand.c:20:2: error: unterminated #ifdef"),
    Rule(FindingKind.SYNTAX_ERROR, "after #else", ERROR + r"(?P<subject>#\w+ after #else)",
         "Line {line} of {file} follows the `#else` of its conditional: remove one of both, or add the `#endif` that is missing between them.",
         example="remote.c:310:2: error: #else after #else",
         counterexample="doas.c:363:2: error: #elif without #if"),
    Rule(FindingKind.SYNTAX_ERROR, "unterminated ", ERROR + r"unterminated (?P<subject>#\w+|conditional directive)",
         "The `#endif` of line {line} of {file}, or of a conditional within it, is missing: a merge or an edit removed it.",
         example="expand.c:20: error: unterminated #ifdef",
         counterexample="expand.c:20: error: unterminated comment"),
    Rule(FindingKind.SYNTAX_ERROR, "macro name", ERROR + r"(?:no macro name given in (?P<subject>#\w+) directive|macro name missing)",
         "Name a macro in line {line} of {file}.",
         example="fribidi-main.c:37:2: error: no macro name given in #ifdef directive",
         counterexample="x.c:1:9: error: macro names must be identifiers"),
    Rule(FindingKind.SYNTAX_ERROR, "missing '", ERROR + r"(?P<subject>missing '\)' after [\"']defined[\"'])",
         "Close the parenthesis of `defined(` in line {line} of {file}.",
         example="main.c:17:21: error: missing ')' after \"defined\"",
         counterexample="main.c:17:21: error: missing ')' in expression"),
    Rule(FindingKind.SYNTAX_ERROR, "invalid preprocessing directive", ERROR + r"(?P<subject>invalid preprocessing directive #?\w*)",
         "Line {line} of {file} is no directive of C: `#elif` and `#else` continue a conditional, `#endif` ends it.",
         example="UriMemory.c:103:2: error: invalid preprocessing directive #elsif; did you mean #elif?",
         counterexample="x.c:1:9: error: macro names must be identifiers"),
    Rule(FindingKind.SYNTAX_ERROR, "operator", ERROR + r"(?P<subject>missing binary operator before token.*|token is not a valid binary operator.*)",
         "The condition in line {line} of {file} lacks an operator, or a macro in it that has arguments is not defined.",
         example='i3status.c:521:21: error: missing binary operator before token "YAJL_MAJOR"',
         counterexample="x.c:1:9: error: operator '&&' has no left operand"),
)  # fmt: skip
