"""Rules for programs that check sources and end a build where they find something.

Wordings: lib/errorlogger.cpp of danmar/cppcheck, ClangTidyDiagnosticConsumer.cpp of llvm/llvm-project, Formatter/GCC.hs and
Formatter/TTY.hs of koalaman/shellcheck, cpplint.py of
cpplint/cpplint, scripts/checkpatch.pl of Linux.
"""

from ciforge.diagnose.rules.rule import AT, ERROR, Rule, Section, Weight
from ciforge.model.finding import FindingKind

_CHECK = "{file}:{line} does not pass the check {subject}: fix it, or name it in the list of what this check passes by."

SECTIONS = (
    Section("shellcheck", "In ", r"^In (?P<file>\S+) line (?P<line>\d+):$", 4, words=("line",)),
)

RULES = (
    Rule(FindingKind.OTHER, ",-warnings-as-errors]", ERROR + r".* \[(?P<subject>[\w.-]+),-warnings-as-errors\]$", _CHECK,
         example="src/conf.c:31:8: error: use of a signed integer operand with a binary bitwise operator [hicpp-signed-bitwise,-warnings-as-errors]",
         counterexample="werr.c:2:21: error: unused variable 'x' [-Werror,-Wunused-variable]"),
    Rule(FindingKind.OTHER, "error: ", ERROR + r".* \[(?P<subject>[a-z]+(?:[A-Z][A-Za-z]*)+)\]$", _CHECK, weight=Weight.WEAK,
         example="src/conf.c:31:8: error: Null pointer dereference: name [nullPointer]",
         counterexample="redef.c:1:9: error: \"_FILE_OFFSET_BITS\" redefined [-Werror]"),
    Rule(FindingKind.OTHER, "[SC", AT + r"(?:error|warning|note): .* \[(?P<subject>SC\d{4})\]$", _CHECK, weight=Weight.WEAK, words=("error", "warning", "note"),
         example="tools/rel.sh:12:8: note: Double quote to prevent globbing and word splitting. [SC2086]",
         counterexample="x.c:3:2: note: in expansion of macro 'SC2'"),
    Rule(FindingKind.OTHER, "", r"^\s*\^-+\^? (?P<subject>SC\d{4}) \((?:error|warning|info|style)\): ", _CHECK, weight=Weight.WEAK, inside="shellcheck",
         example="        ^-- SC2086 (info): Double quote to prevent globbing and word splitting.",
         counterexample="  For more information: SC2086"),
    Rule(FindingKind.OTHER, "  [", r"^(?P<file>[^\s:]+):(?P<line>\d+):  .*  \[(?P<subject>[a-z]+/[a-z_+]+)\] \[\d\]$", _CHECK, weight=Weight.WEAK, words=("build", "legal", "readability", "runtime", "whitespace"),
         example="src/conf.cc:31:  Missing space before ( in if(  [whitespace/parens] [5]",
         counterexample="src/conf.cc:31: [build/include] [4]"),
)  # fmt: skip
