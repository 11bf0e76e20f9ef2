"""bison, byacc, yacc, flex, lex and gperf: what they say, and that they are not there.

Wordings: real output of bison 3.8, byacc 2.0 and flex 2.6 in Debian 13.
"""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_GRAMMAR = r"(?:^|\s)(?P<file>[^\s:]+\.(?:y|yy|ypp|y\+\+|yxx)):(?P<line>\d+)(?:\.[\d.-]+)?: (?:fatal )?error: "
_OLD = r"(?:^|\s)(?P<file>[^\s:]+\.(?:y|yy|ypp|y\+\+|yxx)):(?P<line>\d+)\.[\d.-]+: "
"""bison before 3, which does not say `error:`."""
_LEXER = r"(?:^|\s|\")(?P<file>[^\s:\"]+\.(?:l|ll|lpp|lex|lxx))\"?:(?P<line>\d+): "
_LEXER_WORDS = (
    "character", "quote", "rule", "EOF", "fatal", "undefined", "unknown", "premature", "unrecognized", "bad",
    "undeclared", "negative", "missing", "incomplete",
)  # fmt: skip
"""Words of which an error of flex has one."""
_BYACC = r"byacc: e - line (?P<line>\d+) of \"(?P<file>[^\"]+)\", "
_TOOLS = r"(?P<subject>(?:/\S*/)?(?:bison|byacc|yacc|flex|lex|gperf)(?:\+\+)?)"
_INSTALL = "Add {subject} to `dependencies`, or ship the files that it generates."
_AGE = "{file}:{line} requires a newer bison: install one, or put its folder first in PATH."
_MEND = "Fix {file}:{line}; other parser generators are stricter than yours."

RULES = (
    Rule(FindingKind.YACC_LEX, "command not found", rf"(?:^|\s)make(?:\[\d+\])?: {_TOOLS}: [Cc]ommand not found", _INSTALL,
         example="make: yacc: Command not found",
         counterexample="make: gendoc: Command not found"),
    Rule(FindingKind.YACC_LEX, "not found", rf"(?:^|\s)(?P<file>\S*ylwrap): (?:line )?(?P<line>\d+): {_TOOLS}: (?:command )?not found", _INSTALL,
         example="./ylwrap: line 174: bison: command not found",
         counterexample="configure: WARNING: libfoo not found, building without it"),
    Rule(FindingKind.YACC_LEX, "ylwrap", rf"(?:^|\s)(?P<file>\S*ylwrap): ?\w*?(?P<line>\d+): {_TOOLS}: ", _INSTALL,
         example="../ylwrap:行178: yacc: 未找到命令",
         counterexample="configure.ac: installing './ylwrap'"),
    Rule(FindingKind.YACC_LEX, "not found", rf"(?:^|[\s/])(?:ba|da|z|k)?sh: (?:(?:line )?\d+: )?{_TOOLS}: (?:command )?(?:not found|inaccessible or not found)", _INSTALL,
         example="/bin/sh: 1: flex: not found",
         counterexample="/bin/sh: msgfmt: not found"),
    Rule(FindingKind.YACC_LEX, "no such file or directory", rf"(?:^|\s)\S*make(?:\[\d+\])?: {_TOOLS}: No such file or directory", _INSTALL,
         example="make: yacc: No such file or directory",
         counterexample="make: yaccX: No such file or directory"),
    Rule(FindingKind.YACC_LEX, ") failed", rf"(?:^|\s)\S*make(?:\[\d+\])?: exec\({_TOOLS}\) failed", _INSTALL,
         example="bmake: exec(yacc) failed (No such file or directory)",
         counterexample="bmake: exec(yaccX) failed (No such file or directory)"),
    Rule(FindingKind.YACC_LEX, "is missing on your system", rf"WARNING: '{_TOOLS}' is missing on your system", _INSTALL,
         example="WARNING: 'bison' is missing on your system.",
         counterexample="WARNING: 'makeinfo' is missing on your system."),
    Rule(FindingKind.YACC_LEX, "but is not", _GRAMMAR + r"symbol '?(?P<subject>[^\s',]+)'? is used, but is not defined", "Define {subject} as a token or a rule in {file}.",
         example="x.y:3.8: error: symbol 'B' is used, but is not defined as a token and has no rules",
         counterexample="dh_missing: warning: usr/lib/libfrob.la exists in debian/tmp but is not installed to anywhere"),
    Rule(FindingKind.YACC_LEX, "error: require bison", _GRAMMAR + r"require (?P<subject>bison) (?P<version>[^\s,]+)", "Build with bison {version} or newer.",
         example="c.y:2.10-14: error: require bison 9.9, but have 3.8.2",
         counterexample="configure.ac:2: error: require Automake 1.99, but have 1.17"),
    Rule(FindingKind.YACC_LEX, "invalid directive", _GRAMMAR + r"invalid directive: '(?P<subject>[^']+)'", _AGE,
         example="x.y:204.1-11: error: invalid directive: '%precedence'",
         counterexample="x.y:204.1-11: invalid directive: '%code'"),
    Rule(FindingKind.YACC_LEX, "error: ", _GRAMMAR + r"(?P<subject>\S.{0,160})", _MEND, words=("y", "yy", "ypp", "yxx"),
         example="z.y:3.1: error: unexpected end of file",
         counterexample="+ echo 'configure: error: nothing'"),
    Rule(FindingKind.YACC_LEX, "conflicts: ", r"(?:^|\s)(?P<file>[^\s:]+\.(?:y|yy|ypp|y\+\+|yxx)): error: (?P<subject>(?:shift|reduce)/reduce conflicts): ", "Fix the grammar of {file}, or raise its %expect.",
         example="p.y: error: shift/reduce conflicts: 1 found, 0 expected",
         counterexample="x.y: conflicts: 3 shift/reduce"),
    Rule(FindingKind.YACC_LEX, "invalid directive", _OLD + r"invalid directive: '(?P<subject>[^']+)'", _AGE,
         example="frob.y:1.1-5: invalid directive: `%code'",
         counterexample="Fail on invalid comments                          OK"),
    Rule(FindingKind.YACC_LEX, "syntax error, unexpected", _OLD + r"(?P<subject>syntax error, unexpected .*)", _AGE,
         example="frob.y:24.9-19: syntax error, unexpected identifier, expecting string",
         counterexample="/usr/bin/ld.gold: error: bad.map:1:30: syntax error, unexpected STRING, expecting ';'"),
    Rule(FindingKind.YACC_LEX, "byacc: e - ", _BYACC + r"(?P<subject>.+)", _MEND,
         example='byacc: e - line 1 of "z.y", unmatched %{',
         counterexample="byacc calc.y"),
    Rule(FindingKind.YACC_LEX, "yacc: ", r"^yacc: (?:e - |error: )(?:line (?P<line>\d+) of \"(?P<file>[^\"]+)\", )?(?P<subject>.+)", _MEND,
         example='yacc: e - line 4 of "grammar.y", syntax error',
         counterexample="make: yacc: Command not found"),
    Rule(FindingKind.YACC_LEX, "unrecognized %option: ", _LEXER + r"unrecognized %option: (?P<subject>\S+)", "This flex does not know %option {subject}.",
         example="l2.l:1: unrecognized %option: pe",
         counterexample="as: unrecognized option '-EL'"),
    Rule(FindingKind.YACC_LEX, ":", _LEXER + r"(?P<subject>bad character class|missing quote|unrecognized rule|EOF encountered inside an action|fatal parse error|undefined definition.*|unknown error processing.*|bad character: .*|premature EOF|unrecognized '%' directive|bad start condition list|undeclared start condition.*|negative range.*|bad <start condition>.*|missing \} *|incomplete name definition|bad iteration values)", _MEND, words=_LEXER_WORDS,
         example="l.l:2: bad character class",
         counterexample="  270 |         if (!strcmp((l>xl)?name+(l-xl):name,e->ext)) {"),
    Rule(FindingKind.YACC_LEX, "lex: ", r"(?:^|/)(?:flex|lex): (?:fatal error|error|fatal internal error|can't open)[,:]? ?(?P<subject>\S.*)", "Fix the lexer: see the message of flex.", words=("lex", "flex"),
         example="flex: fatal error, can't open lex.l",
         counterexample="/bin/sh: 1: flex: not found"),
    Rule(FindingKind.YACC_LEX, "bison: ", r"(?:^|/)bison: (?:error: |fatal error: )?(?P<subject>cannot open file .*|unrecognized option.*|invalid .*|missing operand.*)", "See the message of bison: its options or its input are wrong.",
         example="bison: cannot open file 'x.y': No such file or directory",
         counterexample="./ylwrap: line 174: bison: command not found"),
    Rule(FindingKind.YACC_LEX, "error: No input files", r"gperf: (?P<subject>.*)", "Name the file that gperf is to read.", weight=Weight.WEAK,
         example="gperf: error: No input files",
         counterexample="cc: error: no input files"),
)  # fmt: skip
