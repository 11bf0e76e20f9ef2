"""ciforge's own `expect` step."""

from ciforge.diagnose.rules.rule import Rule
from ciforge.model.finding import FindingKind

RULES = (
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<subject>/\S*) has (?P<is>\S+), not (?P<want>\S+)$", "The installation gives {subject} {is}: mend the install rule, or `expect`."),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<subject>/\S*) was not installed$", "Install {subject}, or take it out of `expect`."),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<subject>/\S*): nothing was installed$", "Nothing was installed: look at the install step."),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: there is no (?P<subject>\S+)$", "{subject} was not made: look at the configure step, or correct its place in `expect`."),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) does not define (?P<subject>\w+) as (?P<want>.*)$", "configure found another value for {subject}: config.log says how."),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) does not define (?P<subject>\w+)$", "configure did not find what {subject} stands for: config.log says why."),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) defines (?P<subject>\w+)$", "configure found what {subject} stands for, though it should not: config.log says how."),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) defines (?P<subject>\w+) as 0$", "configure did not find what {subject} stands for: config.log says why."),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) never mentions (?P<subject>\w+), so ", "Correct the name {subject} in `expect`, or have configure ask for it."),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<subject>\S+)(?: .*)?$", "Look at `expect`: {subject} is not as it says."),
)  # fmt: skip
