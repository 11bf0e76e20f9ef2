"""GNU make and bmake.

Wordings: real output of GNU make 4.4 and bmake 20200710 in Debian 13.
"""

from ciforge.diagnose.rules.rule import DRIVER_WORDS, Rule, Weight
from ciforge.model.finding import FindingKind

_MAKE = r"(?:^|\s)(?:\S*/)?[a-z]*make(?:\.exe)?(?:\[\d+\])?: "
_FILE = r"(?:^|\s)(?P<file>[^\s:]+):(?P<line>\d+): \*\*\* "
_BSD = r"(?:^|\s)\"(?P<file>[^\"]+)\",? line (?P<line>\d+): "
_RULE = "{subject} is neither in the tree nor made by a rule: look for a file that moved, or for a name that make spells differently."
_SYNTAX = "{file}:{line} is written for another make: GNU make and BSD make differ here."
_NONE = "No Makefile was made: look at what configure said, and in which folder make runs."

RULES = (
    Rule(FindingKind.MAKE_RULE, "No rule to make target '", r"\*\*\* No rule to make target '(?P<subject>[^']*)'", _RULE),
    Rule(FindingKind.MAKE_RULE, "don't know how to make ", r"don't know how to make (?P<subject>\S+?)\.? ?(?:\(prerequisite of: |\. Stop|\(continuing\)|Stop|$)", _RULE),
    Rule(FindingKind.MAKE_RULE, "Don't know how to make target", r"Don't know how to make target '(?P<subject>[^']+)'", _RULE),
    Rule(FindingKind.MAKE_RULE, "no makefile found", _MAKE + r"\*\*\* (?P<subject>No targets specified and no makefile found)", _NONE),
    Rule(FindingKind.MAKE_RULE, "No targets", _MAKE + r"\*\*\* (?P<subject>No targets)\.", _NONE),
    Rule(FindingKind.MAKE_RULE, "no target to make", _MAKE + r"(?P<subject>no target to make)", _NONE),
    Rule(FindingKind.MAKE_RULE, "missing and no known rule to make it", r"error: '(?P<subject>[^']+)', needed by .* missing and no known rule to make it", _RULE),
    Rule(FindingKind.MAKE_RULE, "unknown target", r"^ninja: error: unknown target '(?P<subject>[^']+)'", _RULE),
    Rule(FindingKind.MAKE_RULE, "loading 'build.ninja'", r"^ninja: error: loading '(?P<subject>build\.ninja)': No such file", "Nothing was configured: look at what CMake or Meson said."),
    Rule(FindingKind.MAKE_SYNTAX, "missing separator", _FILE + r"(?P<subject>missing separator)", _SYNTAX),
    Rule(FindingKind.MAKE_SYNTAX, "multiple target patterns", _FILE + r"(?P<subject>multiple target patterns)", "{file}:{line}: a colon in a name or path reads as another target."),
    Rule(FindingKind.MAKE_SYNTAX, "*** ", _FILE + r"(?P<subject>missing endif|missing 'endif'|extraneous '?\w+'?|recipe commences before first target|unterminated (?:call to function|variable reference)[^.]*|target pattern contains no '%'|mixed implicit and (?:static pattern|normal) rules[^.]*|only one '\w+' per conditional|empty variable name|invalid syntax in conditional|insufficient number of arguments[^.]*|commands commence before first target|missing target pattern|.* function.*)", _SYNTAX, words=DRIVER_WORDS),
    Rule(FindingKind.MAKE_SYNTAX, "Need an operator", _BSD + r"(?P<subject>Need an operator)", _SYNTAX),
    Rule(FindingKind.MAKE_SYNTAX, "line ", _BSD + r"(?:error: )?(?P<subject>Missing dependency operator|Malformed conditional|Unknown modifier|Unclosed \w+|Unknown directive|Invalid line type|if-less \S+|Could not find \S+|Inconsistent operator\S*|Unmatched\S*|Shell command needed\S*|Unassociated shell command\S*|\d+ open conditionals?|Cannot open \S+|Missing operator\S*|Badly formed.*|Undefined variable.*|Variable \S+ is recursive|Special and mundane targets.*)", _SYNTAX),
    Rule(FindingKind.MAKE_SYNTAX, "*** Parse error", r"^\*\*\* Parse error(?: in [^:]+)?: (?P<subject>Need an operator|[^()]{1,80}?)(?: in '[^']*')? \((?P<file>[^\s:()]+):(?P<line>\d+)\)", _SYNTAX),
    Rule(FindingKind.MAKE_RULE, "ninja: fatal: chdir to", r"^ninja: fatal: chdir to '(?P<subject>[^']+)'", "Nothing was configured there: look at what CMake or Meson said, and which folder ninja is given."),
    Rule(FindingKind.OTHER, "ninja: fatal: ", r"^ninja: fatal: (?P<subject>\S.{0,160})"),
    Rule(FindingKind.MAKE_SYNTAX, "No closing parenthesis", r"(?:^|\s)\"?(?P<file>[^\s\",]+)\"?,? line (?P<line>\d+): (?P<subject>No closing parenthesis)", _SYNTAX),
    Rule(FindingKind.MAKE_SYNTAX, "*** ", _FILE + r"(?P<subject>(?!\[|No rule)\S.{0,160}?)(?:  Stop\.|$)", "See {file}:{line}: the Makefile itself refuses.", words=DRIVER_WORDS),
    Rule(FindingKind.MAKE_SYNTAX, "conflicting targets", r"ninja: error: (?P<file>\S+):(?P<line>\d+): (?P<subject>.*)", "Mend {file}:{line}."),
    Rule(FindingKind.MAKE_SYNTAX, "error in reader", r"^make: (?P<subject>[Ff]atal error in reader): (?P<file>[^\s,]+), line (?P<line>\d+)", _SYNTAX),
    Rule(FindingKind.MAKE_RULE, "no such file or directory", _MAKE + r"(?P<subject>[^\s:]*[Mm]akefile[^\s:]*|\S+\.mk): No such file or directory", _NONE, weight=Weight.WEAK),
    Rule(FindingKind.MAKE_RULE, "no such file or directory", r"(?:^|\s)(?:(?P<file>[^\s:]+):(?P<line>\d+): )(?P<subject>[^\s:]+(?:\.mk|\.mak|\.inc|akefile\S*|\.Po|\.Plo|\.d)): No such file or directory", "{subject}, which {file} includes, is not there: run configure again, or carry it.", weight=Weight.WEAK),
    Rule(FindingKind.MAKE_RULE, "No such file or directory", r"\*\*\* (?P<subject>[^\s:]+): No such file or directory", "{subject} is not in the tree.", weight=Weight.WEAK),
)  # fmt: skip
