"""Syntax errors of C and C++.

Wordings: real output of gcc 12 to 16, clang 19 and 21, tcc 0.9.27 and pcc 1.2 in Debian 13, and lines
quoted in commit messages of public projects.
"""

from ciforge.diagnose.rules.compiler_advice import SYNTAX
from ciforge.diagnose.rules.rule import ERROR, PCC, Rule
from ciforge.model.finding import FindingKind

_MARK = r"^\s*(?:\d+ \|)?\s*(?P<subject>(?:__)?[A-Z][A-Z0-9_]{3,}|__[a-z]\w*)(?:\s+\w|\s*$)"
"""A word before a declaration, or alone in a line, that is a macro elsewhere, `__dead void f()`: what is unknown here."""

RULES = (
    Rule(FindingKind.SYNTAX_ERROR, "version control conflict marker",
         ERROR + r"(?P<subject>version control conflict marker in file)",
         "Resolve the merge in {file}: conflict markers were left behind.",
         example="expand.c:20:1: error: version control conflict marker in file",
         counterexample="Run test 025: uskata control file... pass"),
    Rule(FindingKind.SYNTAX_ERROR, "at end of input", ERROR + r"expected .* at (?P<subject>end of input)", "A brace or parenthesis in {file} is not closed, or a conditional hides the one that closes it.",
         example="entr.c:764:9: error: expected declaration or statement at end of input",
         counterexample="x.s:12: Error: junk at end of line"),
    Rule(FindingKind.SYNTAX_ERROR, "error: expected",
         ERROR + r"expected .* (?:before|after|but got|near) '(?P<subject>[^']+)'", SYNTAX, then=_MARK, within=3,
         example="cf.h:55:25: error: expected ':', ',', ';', '}' or '__attribute__' before '.' token",
         counterexample="entr.c:764:9: error: expected declaration or statement at end of input"),
    Rule(FindingKind.SYNTAX_ERROR, "error: expected '", ERROR + r"expected '(?P<subject>[^']+)' (?:after|at end|in|to) ", SYNTAX,
         example="string.c:19:14: error: expected ';' after expression",
         counterexample="cf.h:55:25: error: expected ':', ',', ';', '}' or '__attribute__' before '.' token"),
    Rule(FindingKind.SYNTAX_ERROR, "error: expected", ERROR + r"(?P<subject>expected .*)", SYNTAX,
         example="x.c:1:1: error: expected expression",
         counterexample='"foo.c", line 12: error: expected a ";"'),
    Rule(FindingKind.SYNTAX_ERROR, "' expected (got", ERROR + r"'(?P<subject>[^']+)' expected \(got ", SYNTAX,
         example="unk.c:1: error: ';' expected (got \"v\")",
         counterexample="ld.lld: error: bad.map:1: ; expected, but got bar"),
    Rule(FindingKind.SYNTAX_ERROR, "unterminated ", ERROR + r"unterminated (?:function-like macro invocation|argument list invoking macro) ?[\"']?(?P<subject>\w+)?", SYNTAX,
         example='x.c:1:1: error: unterminated argument list invoking macro "FOO"',
         counterexample="expand.c:20: error: unterminated #ifdef"),
    Rule(FindingKind.SYNTAX_ERROR, "unterminated ", ERROR + r"unterminated (?P<subject>comment|[^:]*)", "Close {subject} in {file}: a merge or an edit removed its end.",
         example="expand.c:20: error: unterminated comment",
         counterexample="/bin/sh: 1: Syntax error: Unterminated quoted string"),
    Rule(FindingKind.SYNTAX_ERROR, "error: ", ERROR + r"(?P<subject>unterminated \S+|stray '[^']*' in program|extraneous [^(]*|missing terminating . character|unbalanced \S+|unknown start of token.*|invalid token.*|#\w+ with no expression|macro .* (?:requires|passed) .*|(?:a )?parameter list without types.*|data definition has no type.*|function definition is not allowed.*|invalid suffix.*|unexpected .*|parse error.*|syntax error.*|type specifier missing.*|type defaults to.*|function-like macro .* is not defined)", SYNTAX,
         example="x.c:1:1: error: stray '\\302' in program",
         counterexample="x.c:2:51: runtime error: signed integer overflow"),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error", PCC + r"(?P<subject>syntax error)", SYNTAX,
         example="unk.c, line 1: syntax error",
         counterexample="Compiling syntax error tests"),
    Rule(FindingKind.SYNTAX_ERROR, "invalid function definition", PCC + r"(?P<subject>invalid function definition)", SYNTAX,
         example="unk.c, line 1: invalid function definition",
         counterexample="mail.local.c: In function 'deliver':"),
)  # fmt: skip
