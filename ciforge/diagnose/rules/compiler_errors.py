"""Errors of compilers and assemblers that no other table knows.

Wordings: real output of gcc 12 to 16, clang 19 and 21, tcc 0.9.27 and pcc 1.2 in Debian 13, and lines
quoted in commit messages of public projects.
"""

from ciforge.diagnose.rules.compiler_advice import HEADER, UNDECLARED
from ciforge.diagnose.rules.rule import AT, ERROR, PCC, Rule, Weight
from ciforge.model.finding import FindingKind

RULES = (
    Rule(FindingKind.UNDECLARED, " is undefined", ERROR + r"identifier \"(?P<subject>[^\"]+)\" is undefined", UNDECLARED,
         example='foo.c:12: error: identifier "MSG_NOSIGNAL" is undefined',
         counterexample='"foo.c", line 12: error: identifier "MSG_NOSIGNAL" is undefined'),
    Rule(FindingKind.IMPLICIT_DECLARATION, "declared implicitly", ERROR + r"function \"(?P<subject>[^\"]+)\" (?:was )?declared implicitly", "Include the header that declares {subject}, or check for it in configure and ship a replacement.",
         example='foo.c:4: error: function "pledge" declared implicitly',
         counterexample="impl.c:1:17: error: implicit declaration of function 'foo'"),
    Rule(FindingKind.MISSING_HEADER, "error: ", ERROR + r"(?:cannot|can't|unable to|could not|failed to) (?:open|find|read) (?:source |include |header )*(?:file )?[<\"']?(?P<subject>[\w./+-]+\.(?:h|hh|hpp|hxx|inc))[>\"']?", HEADER,
         example='foo.c:12:10: error: cannot open source file "paths.h"',
         counterexample="foo.c:1:10: fatal error: 'nope/missing.h' file not found"),
    Rule(FindingKind.UNDECLARED, "error: ", ERROR + r"(?:use of )?(?:undeclared|undefined|unknown) (?:identifier|variable|name|symbol):? [\"']?(?P<subject>[A-Za-z_]\w*)[\"']?$", UNDECLARED,
         example="net.c:41:9: error: undeclared identifier: O_EXLOCK",
         counterexample="net.c:41:9: error: undeclared identifier in a place"),
    Rule(FindingKind.UNKNOWN_TYPE, "error: ", ERROR + r"(?:undeclared|undefined|unknown) type(?: name)?:? [\"']?(?P<subject>[A-Za-z_]\w*)[\"']?$", "Include the header that defines {subject} before {file} uses it.",
         example="net.c:41:9: error: undefined type: u_quad_t",
         counterexample="net.c:41:9: error: undefined type of thing"),
    Rule(FindingKind.OTHER, "#error", ERROR + r"#error (?P<subject>.*)", "{file} refuses this system on purpose: see what it requires.",
         example='x.c:3:2: error: #error "This system is not supported"',
         counterexample="[3/9] Compiling C object src/error.c.o"),
    Rule(FindingKind.OTHER, "error: ", ERROR + r"(?P<subject>\S.{0,200})",
         example="x.c:3:2: error: something that nobody has heard of",
         counterexample="Compiler for C supports arguments -Wno-error: YES"),
    Rule(FindingKind.UNDECLARED, "no such instruction", AT + r"Error: no such instruction: '(?P<subject>[^\s']+)", "The assembler does not know {subject}: it is for another processor, or the assembler is too old.",
         example="x.s:12: Error: no such instruction: `vfmadd213pd'",
         counterexample="Program no-such-tool found: NO"),
    Rule(FindingKind.OTHER, "error: ", AT + r"Error: (?P<subject>\S.{0,200})",
         example="x.s:12: Error: junk at end of line",
         counterexample="z.y:3.1: error: unexpected end of file"),
    Rule(FindingKind.OTHER, "cannot recover from earlier errors", PCC + r"cannot recover from (?P<subject>earlier errors)", weight=Weight.VAGUE,
         example="x.c, line 3: cannot recover from earlier errors: goodbye!",
         counterexample="Leaving directory after 0 errors generated"),
)  # fmt: skip
