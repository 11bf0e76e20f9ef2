"""Rules for programs that make source: GNU m4, lemon, NASM and Yasm, and the compiler of Vala.

Wordings: src/builtin.c of GNU m4, tool/lemon.c of sqlite/sqlite, asm/labels.c and asm/preproc.c of netwide-assembler/nasm,
libyasm/symrec.c of yasm/yasm, compiler/valacompiler.vala of GNOME/vala.
"""

from ciforge.diagnose.rules.rule import AT, Rule
from ciforge.model.finding import FindingKind

_UNDEFINED = "Define {subject}, or name the folder of the file that does with -i."

RULES = (
    Rule(FindingKind.INSTALL_ERROR, "cannot open '", r"(?:^|/)g?m4:(?P<file>[^\s:]+):(?P<line>\d+): cannot open '(?P<subject>[^']+)': ", "{file}:{line} includes {subject}, which is not in the folders that m4 searches: name its folder with -I, or add it to the tree.", words=("m4", "gm4"),
         example="m4:rules.m4:3: cannot open `local.m4': No such file or directory",
         counterexample="m4:rules.m4:1: ERROR: end of file in argument list"),
    Rule(FindingKind.YACC_LEX, "Nonterminal ", r"^(?P<file>[^\s:]+):(?P<line>\d+): Nonterminal \"(?P<subject>[^\"]+)\" has no rules", "Define {subject} as a rule in {file}, or write it as a token, with a capital letter.",
         example='parse.y:20: Nonterminal "expr" has no rules.',
         counterexample="parse.y: 2 nonterminals useless in grammar"),
    Rule(FindingKind.YACC_LEX, " parsing conflict", r"^(?P<subject>\d+ parsing conflicts?)\.$", "Give the tokens of the grammar precedence by %left, %right or %nonassoc.", words=("conflict", "conflicts"),
         example="2 parsing conflicts.",
         counterexample="2 parsing conflicts resolved"),
    Rule(FindingKind.UNDECLARED, "symbol '", AT + r"error: (?:\(\S+\) )?symbol '(?P<subject>[^']+)' (?:not defined|undefined)", _UNDEFINED,
         example="asm/crc.asm:41: error: symbol `frob_table' not defined",
         counterexample="x.y:3.8: error: symbol 'B' is used, but is not defined as a token and has no rules"),
    Rule(FindingKind.UNDECLARED, "undefined symbol '", AT + r"error: undefined symbol '(?P<subject>[^']+)' \(first use\)", _UNDEFINED,
         example="asm/crc.asm:41: error: undefined symbol `frob_table' (first use)",
         counterexample="ld.lld: error: undefined symbol: missing_fn"),
    Rule(FindingKind.MISSING_PACKAGE, "not found in specified Vala API", r"error: Package '(?P<subject>[^']+)' not found in specified Vala API", "Add the package with {subject}.vapi to `dependencies`, or name its folder with --vapidir.",
         example="error: Package `gee-0.8' not found in specified Vala API directories or GObject-Introspection GIR directories",
         counterexample="error: Package 'gee-0.8' not found"),
    Rule(FindingKind.YACC_LEX, "Expected to see ", r"^(?P<file>[^\s:]+):(?P<line>\d+): Expected to see .*(?:symbol|token) \"(?P<subject>[^\"]+)\"", "Fix {file}:{line}: lemon reads its own notation, not yacc's.",
         example='parse.y:3: Expected to see a ":" following the LHS symbol "expr".',
         counterexample="parse.y:3: expected to see something"),
    Rule(FindingKind.YACC_LEX, "error: ", r"^(?P<file>[^\s:]+\.re):(?P<line>\d+):\d+: error: (?P<subject>\S.{0,160})", "Fix {file}:{line}: this re2c does not read it.", words=("re",),
         example="lex.re:3:10: error: newline in character class",
         counterexample="lex.re.c:3:10: error: expected expression"),
    Rule(FindingKind.UNDECLARED, "graph lookup of ", r"^(?P<file>[^\s:]+):(?P<line>\d+):\d+: graph lookup of \"(?P<subject>[^\"]+)\" failed", "Define the machine {subject} in {file}, or include the file that does.",
         example='http.rl:3:9: graph lookup of "header" failed',
         counterexample="graph lookup"),
)  # fmt: skip
