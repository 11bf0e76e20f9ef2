"""Programs that a shell, make or env did not find, and scripts that do not parse.

Wordings: real output of dash, bash, GNU make 4.4 and bmake in Debian 13; mksh, zsh and busybox as
their sources have them.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_TOOL = "Add the package of {subject} to `dependencies`."
_FOLDER = "{subject} is not there: look at the step that should have made it."
_NAME = r"(?P<subject>(?![\d\s])[^\s:']+)"
_SCRIPT = r"(?P<file>(?!(?:/\S*/)?(?:ba|da|z|k|mk|a)?sh\b|-c:)[^\s:]+): (?:line )?(?P<line>\d+): "

SECTIONS = (
    Section(
        "python",
        "Traceback (most recent call last)",
        r"^Traceback \(most recent call last\):$",
        60,
        True,
        True,
    ),
)

RULES = (
    Rule(FindingKind.OTHER, "", r"^(?!ModuleNotFound|Import|urllib|socket|Permission|Syntax)(?P<name>[A-Za-z][\w.]*(?:Error|Exception|Exit)): '?(?P<subject>[^']*)'?", "A Python program that the build runs ended with {name}: see its last lines.", inside="python", weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "not found", rf"(?:^|\s){_SCRIPT}(?:exec: )?{_NAME}: (?:command )?not found", _TOOL, weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "not found", rf"(?:^|[\s/])\w*sh: (?:(?:line )?\d+: )?(?:exec: )?{_NAME}: (?:command |inaccessible or )?not found", _TOOL, weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "command not found", rf"(?:^|\s)\S*make(?:\[\d+\])?: {_NAME}: [Cc]ommand not found", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "no such file or directory", r"(?:^|\s)\S*make(?:\[\d+\])?: (?P<subject>(?!\*\*\*)[^\s:']+(?<!akefile)(?<!\.mk)(?<!\.c)(?<!\.h)): No such file or directory", _TOOL),
    Rule(FindingKind.MISSING_TOOL, ") failed", r"(?:^|\s)\S*make(?:\[\d+\])?: exec\((?P<subject>[^)]+)\) failed", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "command not found", r"^zsh: command not found: (?P<subject>\S+)", _TOOL, weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "no such file or directory", r"(?:^|/)(?:env|nice|nohup|xargs|sudo|timeout|time|setsid|ccache|fakeroot)(?:: error)?: (?:failed to (?:run|execute) command )?'?(?P<subject>[^\s:']+)'?: No such file or directory", _TOOL, weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "executable file not found in $PATH", r"exec: \"(?P<subject>[^\"]+)\": executable file not found in \$PATH", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "bad interpreter", r"(?:^|\s)(?P<file>[^\s:]+): (?:line \d+: )?(?:\S+: )?(?P<subject>/\S+): bad interpreter: ", "Add the package of {subject} to `dependencies`, or correct the first line of {file}."),
    Rule(FindingKind.MISSING_TOOL, "no such file or directory", rf"(?:^|\s){_SCRIPT}(?P<subject>\./\S+): No such file or directory", "{subject} is not in the tree: look at the step that should have made it.", weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "no such file or directory", rf"(?:^|\s){_SCRIPT}(?P<subject>/\S+): No such file or directory", _TOOL, weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "cannot execute: required file not found", rf"(?:^|\s){_SCRIPT}(?P<subject>\S+): cannot execute: required file not found", "What the first line of {subject} names is not installed, or a carriage return ends that line.", weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "no such file or directory", r"^(?:/\S*/)?\w*sh: (?:(?:line )?\d+: )?(?P<subject>[^\s:]+): (?:No such file or directory|cannot execute: required file not found)", _TOOL, weight=Weight.WEAK),
    Rule(FindingKind.OTHER, "can't cd to", rf"(?:^|\s){_SCRIPT}cd: can't cd to (?P<subject>\S+)", _FOLDER, weight=Weight.WEAK),
    Rule(FindingKind.OTHER, ": cd: ", rf"(?:^|\s){_SCRIPT}cd: (?P<subject>[^\s:]+): No such file or directory", _FOLDER, weight=Weight.WEAK),
    Rule(FindingKind.OTHER, ": cd: ", r"^(?:/\S*/)?\w*sh: (?:(?:line )?\d+: )?cd: (?:can't cd to )?(?P<subject>[^\s:]+)(?:$|: No such file or directory)", _FOLDER, weight=Weight.WEAK),
    Rule(FindingKind.MAKE_RULE, "can't open file '", r"^\S*python[\d.]*: can't open file '(?P<subject>[^']+)'", "{subject} is not in the tree, or the rule that makes it did not run."),
    Rule(FindingKind.MISSING_TOOL, "command not found", r"^xvfb-run: error: (?P<subject>\S+) command not found", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "failed to exec '", r"^[\w-]+: failed to exec '(?P<subject>[^']+)': No such file or directory", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "must be installed to build", r"(?:^|\s)'(?P<subject>[\w.+-]+)' must be installed to build", _TOOL, weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "No module named", r"(?:ModuleNotFoundError|ImportError): No module named '?(?P<subject>[\w.]+)", "Add the package of the Python module {subject} to `dependencies`.", weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "Can't locate ", r"Can't locate (?P<subject>\S+\.pm) in @INC", "Add the package of the Perl module {subject} to `dependencies`.", weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "error: command '", r"^\s*error: command '(?P<subject>[^']+)' failed: No such file or directory", _TOOL),
    Rule(FindingKind.MISSING_TOOL, "cannot run program", r"[Cc]annot run program \"(?P<subject>[^\"]+)\"", _TOOL),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error", rf"(?:^|\s){_SCRIPT}[Ss]yntax error:? ?(?:near unexpected token )?'?(?P<subject>unexpected end of file(?= from )|[^']*)'?", "Mend {file}: another shell than the one you use reads it.", weight=Weight.WEAK),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error", r"^(?:/\S*/)?\w*sh: (?:(?:line |-c: line )?(?P<line>\d+): )[Ss]yntax error:? ?(?:near unexpected token )?'?(?P<subject>unexpected end of file(?= from )|[^']*)'?", "Mend the script: another shell than the one you use reads it.", weight=Weight.WEAK),
    Rule(FindingKind.SYNTAX_ERROR, "SyntaxError: ", r"^(?P<subject>SyntaxError: .*)", "Mend the script: another Python than the one you use reads it.", weight=Weight.WEAK),
    Rule(FindingKind.SYNTAX_ERROR, "syntax error at ", r"^syntax error at (?P<file>\S+) line (?P<line>\d+)", "Mend {file}:{line}.", subject="syntax error", weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "Permission denied", rf"(?:^|\s){_SCRIPT}(?P<subject>\S+): Permission denied", "Make {subject} executable.", weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "Permission denied", r"(?:^|\s)\S*make(?:\[\d+\])?: (?:execvp: )?(?P<subject>[^\s:]+): Permission denied", "Make {subject} executable.", weight=Weight.WEAK),
    Rule(FindingKind.MISSING_TOOL, "Permission denied", r"^(?:/\S*/)?\w*sh: (?:(?:line )?\d+: )?(?P<subject>[^\s:]+): Permission denied", "Make {subject} executable.", weight=Weight.WEAK),
)  # fmt: skip
