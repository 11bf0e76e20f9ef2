"""Rules for messages of compilers and generators that no other table knows: by the words that most use, and at last any.

Wordings: what GNU's coding standards ask of messages (`FILE:LINE: MESSAGE`), and the sources that the other tables name.
"""

from ciforge.diagnose.rules.compiler_advice import HEADER, UNDECLARED
from ciforge.diagnose.rules.rule import AT, ERROR, Rule, Weight
from ciforge.model.finding import FindingKind

_ANY = AT + r"(?:(?:[Ff]atal )?[Ee]rror|ERROR)(?: [A-Z]*\d+)?: (?:\(\S+\) )?"
_NAME = r"['\"]?(?P<subject>[A-Za-z_$.][\w$.:-]*)['\"]?"
_THING = r"(?i:symbol|identifier|variable|name|label|macro|function|constant|nonterminal|rule|register|type|token|field)"
_MISSING = r"(?:[Uu]nable to|[Cc]annot|[Cc]ould not|[Cc]an't|[Cc]ouldn't|[Ff]ailed to) (?:find|open|read|locate|load|include|access)"

RULES = (
    Rule(FindingKind.MISSING_HEADER, "'", _ANY + _MISSING + r" (?:\w+ ){0,3}'(?P<subject>[\w./+-]+\.(?:h|hh|hpp|hxx|inc))'", HEADER, words=("error",),
         example="frob.i:5: Error: Cannot open include file 'frob.h'",
         counterexample="frob.i:5: Error: Cannot open include file 'frob.i'"),
    Rule(FindingKind.INSTALL_ERROR, "'", _ANY + _MISSING + r" (?:\w+ ){0,3}'(?P<subject>[\w./+-]+)'", "{file}:{line} needs {subject}, which is not there: see what should make it, or name its folder.", weight=Weight.WEAK, words=("error",),
         example="data.tab:5: Error: Unable to find file 'table.dat'",
         counterexample="data.tab:5: Warning: Unable to find file 'table.dat'"),
    Rule(FindingKind.UNDECLARED, "defined", _ANY + rf"(?:\w+ )?{_THING}:? {_NAME} (?:(?:is|was|has) )?(?:not (?:been )?(?:defined|declared)|undefined|undeclared|never defined)", UNDECLARED, words=("defined", "undefined"),
         example="grid.tab:12: error: Variable 'nmax' is not defined",
         counterexample="grid.tab:12: error: 'nmax' is not a constant"),
    Rule(FindingKind.UNDECLARED, "undefined ", _ANY + rf"(?i:undefined) {_THING}:? {_NAME}", UNDECLARED,
         example="src/lex.tab:31:6: error: undefined rule 'ident'",
         counterexample="src/lex.tab:31:6: error: undefined behaviour"),
    Rule(FindingKind.UNDECLARED, "undeclared ", _ANY + rf"(?:[Uu]se of )?(?i:undeclared) (?:{_THING}:? )?{_NAME}", UNDECLARED,
         example="src/lex.tab:31:6: ERROR: undeclared token IDENT",
         counterexample="src/lex.tab:31:6: error: not undeclared"),
    Rule(FindingKind.UNDECLARED, "unknown ", _ANY + rf"[Uu]nknown (?i:symbol|identifier|variable|name|label|function|register|field):? {_NAME}", UNDECLARED,
         example="src/lex.tab:31:6: Error: Unknown register 'xr9'",
         counterexample="src/lex.tab:31:6: error: unknown reason"),
    Rule(FindingKind.SYNTAX_ERROR, "error: ", _ANY + r"(?:parser: )?(?P<subject>(?:syntax error|parse error|unexpected (?:end|token|character|symbol|input)|[\w ]{1,40} expected\b).{0,120})", "Fix {file}:{line}: this version of the tool does not read it.", words=("syntax", "parse", "unexpected", "expected"),
         example="crc.asm:3: error: parser: instruction expected",
         counterexample="crc.asm:3: error: bad operand"),
    Rule(FindingKind.OTHER, "error: ", ERROR + r"(?P<subject>\S.{0,200})",
         example="x.c:3:2: error: something that nobody has heard of",
         counterexample="Compiler for C supports arguments -Wno-error: YES"),
    Rule(FindingKind.OTHER, "error: ", AT + r"Error: (?P<subject>\S.{0,200})",
         example="x.s:12: Error: junk at end of line",
         counterexample="z.y:3.1: error: unexpected end of file"),
)  # fmt: skip
