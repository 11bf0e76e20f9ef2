"""ciforge's own `expect` step."""

from ciforge.diagnose.rules.rule import Rule
from ciforge.model.finding import FindingKind

RULES = (
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<subject>/\S*) has (?P<is>\S+), not (?P<want>\S+)$", "The installation gives {subject} {is}: mend the install rule, or `expect`.",
         example="expect: /usr/local/sbin/smtpctl has mode=0755, not mode=2555",
         counterexample="expect: /usr/local/sbin/smtpctl was not installed"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<subject>/\S*) was not installed$", "Install {subject}, or take it out of `expect`.",
         example="expect: /usr/local/sbin/smtpctl was not installed",
         counterexample="expect: /usr/local/sbin/smtpctl: nothing was installed"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<subject>/\S*): nothing was installed$", "Nothing was installed: look at the install step.",
         example="expect: /usr/local/sbin/smtpctl: nothing was installed",
         counterexample="expect: /usr/local/sbin/smtpctl was not installed"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: there is no (?P<subject>\S+)$", "{subject} was not made: look at the configure step, or correct its place in `expect`.",
         example="expect: there is no config.h",
         counterexample="expect: config.h defines NEED_STRLCPY"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) does not define (?P<subject>\w+) as (?P<want>.*)$", "configure found another value for {subject}: config.log says how.",
         example="expect: config.h does not define HAVE_CRYPT as 1",
         counterexample="expect: config.h does not define HAVE_CRYPT"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) does not define (?P<subject>\w+)$", "configure did not find what {subject} stands for: config.log says why.",
         example="expect: config.h does not define HAVE_CRYPT",
         counterexample="expect: config.h does not define HAVE_CRYPT as 1"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) defines (?P<subject>\w+)$", "configure found what {subject} stands for, though it should not: config.log says how.",
         example="expect: config.h defines NEED_STRLCPY",
         counterexample="expect: config.h defines HAVE_DECL_X as 0"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) defines (?P<subject>\w+) as 0$", "configure did not find what {subject} stands for: config.log says why.",
         example="expect: config.h defines HAVE_DECL_X as 0",
         counterexample="expect: config.h never mentions HAVE_X, so !HAVE_X would always be met"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) never mentions (?P<subject>\w+), so ", "Correct the name {subject} in `expect`, or have configure ask for it.",
         example="expect: config.h never mentions HAVE_X, so !HAVE_X would always be met",
         counterexample="expect: there is no config.h"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<subject>\S+)(?: .*)?$", "Look at `expect`: {subject} is not as it says.",
         example="expect: /usr/bin/x",
         counterexample="--- ciforge: expect ---"),
)  # fmt: skip
