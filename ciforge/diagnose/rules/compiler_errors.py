"""Errors of compilers and assemblers that no other table knows.

Wordings: real output of gcc 12 to 16, clang 19 and 21, tcc 0.9.27 and pcc 1.2 in Debian 13, and lines
quoted in commit messages of public projects.
"""

from ciforge.diagnose.rules.rule import AT, ERROR, PCC, Rule, Weight
from ciforge.model.finding import FindingKind

RULES = (
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
