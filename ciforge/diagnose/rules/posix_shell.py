"""Scripts that are written for bash and run by another shell, and the errors of ksh.

Wordings: bin/ksh of openbsd/src (exec.c, syn.c), dash 0.5.12, mksh 59c, ksh93u+m, posh 0.14, busybox
1.37 and zsh 5.9 in Debian 13. What POSIX does not have: section 2 of Shell Command Language in
POSIX.1-2024 at pubs.opengroup.org.
"""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_NOT_POSIX = "{subject} is not POSIX sh, and another shell than yours reads this script: write it portably, or run it with bash by name."
_WORDS = r"(?P<subject>\[\[|source|pushd|popd|function|declare|shopt|let|typeset|mapfile|readarray|local|select|disown|compgen|builtin|bind)"
_PLACE = r"(?:^|\s)(?:E: )?(?P<file>(?!(?:/\S*/)?(?:ba|da|z|k|mk|a|po)?sh:)[^\s:\[\]]+)(?:\[(?P<line>\d+)\]: |: ?(?:line )?(?P<other_line>\d+): )"
_AT = r"(?:^|\s)(?:E: )?(?P<file>(?!(?:/\S*/)?(?:ba|da|z|k|mk|a|po)?sh:)[^\s:\[\]]+): ?(?:line )?(?P<line>\d+): "
_KSH = r"(?:^|\s)(?:E: )?(?P<file>[^\s:\[\]]+)\[(?P<line>\d+)\]: "
_SHELL = r"(?:^|[\s/])\w*sh: (?:(?:line )?\d+: )?"
_TOOL = "Add the package of {subject} to `dependencies`."
_FIX = "This shell does not read {file}: write it as POSIX sh, or run it by name with the shell that it is written for."

RULES = (
    Rule(FindingKind.SYNTAX_ERROR, "function: not found", _AT + r"(?P<subject>function): not found", _NOT_POSIX, weight=Weight.WEAK, lasting=True,
         example="./configure: 812: function: not found",
         counterexample="./configure: 812: source: not found"),
    Rule(FindingKind.SYNTAX_ERROR, "not found", _AT + _WORDS + r": (?:command )?(?:inaccessible or )?not found", _NOT_POSIX, weight=Weight.WEAK,
         followed=True,
         example="./test.sh: 3: [[: not found",
         counterexample="./bootstrap: 3: autoreconf: not found"),
    Rule(FindingKind.SYNTAX_ERROR, "not found", _KSH + _WORDS + r": (?:inaccessible or )?not found", _NOT_POSIX, weight=Weight.WEAK,
         example="E: ./build.sh[2]: pushd: inaccessible or not found",
         counterexample="./bootstrap[7]: autoreconf: not found"),
    Rule(FindingKind.SYNTAX_ERROR, "not found", _SHELL + _WORDS + r": (?:inaccessible or |command )?not found", _NOT_POSIX, weight=Weight.WEAK,
         example="/bin/sh: 1: pushd: not found",
         counterexample="/bin/sh: msgfmt: not found"),
    Rule(FindingKind.SYNTAX_ERROR, "not found", r"(?:^|\s)(?P<file>(?!(?:/\S*/)?\w*sh:)[^\s:\[\]]+): " + _WORDS + r": not found$", _NOT_POSIX, weight=Weight.WEAK,
         example="./run-tests.sh: [[: not found",
         counterexample="/bin/sh: msgfmt: not found"),
    Rule(FindingKind.AUTOTOOLS_VERSION, "not found", _KSH + r"/\S*/(?P<subject>(?:autom4te|autoconf|automake|aclocal|autoheader|autoreconf)-[\d.]+): (?:inaccessible or )?not found", "The wrappers of OpenBSD run the version in AUTOCONF_VERSION and AUTOMAKE_VERSION: export AUTOCONF_VERSION and AUTOMAKE_VERSION with versions that are installed.", weight=Weight.WEAK, lasting=True,
         example="/usr/local/bin/autom4te[35]: /usr/local/bin/autom4te-2.13: not found",
         counterexample="E: ./bootstrap[2]: aclocal: inaccessible or not found"),
    Rule(FindingKind.MISSING_TOOL, "not found", r"(?:^|\s)(?:E: |\w*sh: )?(?P<file>[^\s:\[\]]+)\[(?P<line>\d+)\]: (?:\S*/)?(?P<subject>[^\s:'/]+): (?:inaccessible or )?not found", _TOOL, weight=Weight.WEAK,
         example="ksh: ./autogen.sh[12]: autoreconf: not found",
         counterexample="./bootstrap: 3: autoreconf: not found"),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error: '", _KSH + r"syntax error: '(?P<subject>[^']+)' unexpected", _FIX, weight=Weight.WEAK,
         example="./mkversion.sh[12]: syntax error: `(' unexpected",
         counterexample="E: ./gen.sh[3]: syntax error: unexpected '('"),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error: unexpected '", _KSH + r"syntax error: unexpected '(?P<subject>[^']+)'", _FIX, weight=Weight.WEAK,
         example="E: ./gen.sh[3]: syntax error: unexpected '('",
         counterexample="./mkversion.sh[12]: syntax error: `(' unexpected"),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error at line", r"(?:^|\s)(?P<file>[^\s:]+): syntax error at line (?P<line>\d+): '(?P<subject>[^']+)' (?:unexpected|unmatched)", _FIX, weight=Weight.WEAK,
         example="./p.ksh: syntax error at line 2: `)' unexpected",
         counterexample="syntax error at ./mkdep.pl line 12, near \"foo\""),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error: '", r"(?:^|\s)(?P<file>[^\s:\[\]]+):(?P<line>\d+): syntax error: '(?P<subject>[^']+)' unexpected", _FIX, weight=Weight.WEAK,
         example="./p.sh:1: syntax error: `(' unexpected",
         counterexample="./mkversion.sh[12]: syntax error: `(' unexpected"),
    Rule(FindingKind.SYNTAX_ERROR, "ad substitution", _PLACE + r"(?:\S+: )?(?P<subject>[Bb]ad substitution)", "This substitution is not POSIX sh, and another shell than yours reads {file}: write it portably, or run it with bash by name.", weight=Weight.WEAK, words=("substitution",),
         followed=True,
         example="ver.sh: 3: Bad substitution",
         counterexample="sed: bad substitution flag"),
    Rule(FindingKind.SYNTAX_ERROR, "bad trap", r"(?:^|\s)trap: (?P<subject>\w+): bad trap", "The trap {subject} is not POSIX sh, and another shell than yours reads this script: write it portably, or run it with bash by name.", weight=Weight.WEAK,
         example="trap: ERR: bad trap",
         counterexample="error: trap: 11"),
    Rule(FindingKind.SYNTAX_ERROR, "Illegal option -o", r"(?:^|\s)(?:\S+: )?(?:\d+: )?set: Illegal option -o (?P<subject>\w+)", "set -o {subject} is not known to this shell: write the script without it, or run it with bash by name.", weight=Weight.WEAK,
         followed=True,
         example="./build.sh: 2: set: Illegal option -o pipefail",
         counterexample="install: illegal option -- D"),
    Rule(FindingKind.SYNTAX_ERROR, "unexpected operator", _AT + r"(?:\[|test): (?:\S+: )?(?P<subject>unexpected operator)", "== in test is not POSIX sh, and another shell than yours reads {file}: write = instead.", weight=Weight.WEAK,
         followed=True,
         example="./c.sh: 3: test: yes: unexpected operator",
         counterexample="x.c:3: error: unexpected operator"),
    Rule(FindingKind.OTHER, "no matches found: ", r"^(?:zsh|[^\s:]+):\d+: no matches found: (?P<subject>\S+)", "In zsh a pattern that matches nothing ends the command: quote {subject}, or run the recipe with sh.", weight=Weight.WEAK,
         example="zsh:1: no matches found: *.md",
         counterexample="grep: no matches found"),
    Rule(FindingKind.MISSING_TOOL, "command not found: ", r"^zsh:\d+: command not found: (?P<subject>\S+)", _TOOL, weight=Weight.WEAK,
         example="zsh:1: command not found: scdoc",
         counterexample="zsh: command not found: xgettext"),
    Rule(FindingKind.OTHER, "unbound variable", _AT + r"(?P<subject>[^\s:]+): unbound variable", "{subject} is not set: set it in the environment of the step, or give it a default in the script.", weight=Weight.WEAK,
         example="./inst.sh: line 3: DESTDIR: unbound variable",
         counterexample="prolog: unbound variable"),
    Rule(FindingKind.OTHER, "parameter not set", _PLACE + r"(?P<subject>[^\s:]+): parameter (?:null or )?not set", "{subject} is not set: set it in the environment of the step, or give it a default in the script.", weight=Weight.WEAK,
         followed=True,
         example="./inst.sh: 3: PREFIX: parameter not set",
         counterexample="./inst.sh: line 3: DESTDIR: unbound variable"),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error: ", r"^(?P<file>[^\s:\[\]]+):(?P<line>\d+): syntax error: (?P<subject>(?!.*\bunexpected$)(?!unexpected )\S.*)$", _FIX, weight=Weight.WEAK,
         example="./b.sh:3: syntax error: invalid use of `('",
         counterexample="./p.sh:1: syntax error: `(' unexpected"),
    # awk
    Rule(FindingKind.OTHER, "calling undefined function ", r"^(?:\S*/)?[a-z-]*awk: (?:\S+ )?calling undefined function (?P<subject>\w+)", "This awk has no {subject}: keep to what POSIX says about awk, or run gawk by name.", weight=Weight.WEAK,
         example="awk: calling undefined function gensub",
         counterexample="gawk: p.awk:1: fatal: function `strftimex' not defined"),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error at source line", r"^(?:\S*/)?[a-z-]*awk: (?P<subject>[\w ]*syntax error) at source line (?P<line>\d+)(?: source file (?P<file>\S+))?", "This awk does not read the program: keep to what POSIX says about awk, or run gawk by name.", weight=Weight.WEAK,
         example="awk: syntax error at source line 2",
         counterexample="mawk: p.awk: line 2: syntax error at or near )"),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error at or near", r"^(?:[mgno]?awk|original-awk): (?P<file>[^\s:]+): line (?P<line>\d+): syntax error at or near (?P<subject>\S+)", "This awk does not read {file}:{line}: keep to what POSIX says about awk.", weight=Weight.WEAK,
         example="mawk: p.awk: line 2: syntax error at or near )",
         counterexample="psql: ERROR: syntax error at or near"),
    Rule(FindingKind.OTHER, ": fatal: ", r"^gawk: (?P<file>[^\s:]+):(?P<line>\d+): (?:\([^)]*\) )?fatal: (?:function '(?P<subject>[^']+)' not defined|(?P<other>.*))", "Fix {file}:{line}.", subject="{other}", weight=Weight.WEAK,
         example="gawk: p.awk:1: fatal: function `strftimex' not defined",
         counterexample="mold: fatal: something is wrong"),
)  # fmt: skip
