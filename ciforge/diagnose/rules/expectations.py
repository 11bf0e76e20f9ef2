"""ciforge's own `expect` step."""

from ciforge.diagnose.rules.rule import Rule
from ciforge.model.finding import FindingKind

RULES = (
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<subject>/\S*) has (?P<is>\S+), not (?P<want>\S+)$", "{subject} is installed with {is}: fix the install rule, or `expect`.",
         example="expect: /usr/local/sbin/smtpctl has mode=0755, not mode=2555",
         counterexample="expect: /usr/local/sbin/smtpctl was not installed"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<subject>/\S*) was not installed$", "Install {subject}, or remove it from `expect`.",
         example="expect: /usr/local/sbin/smtpctl was not installed",
         counterexample="expect: /usr/local/sbin/smtpctl: nothing was installed"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<subject>/\S*): nothing was installed$", "Nothing was installed: see the install step.",
         example="expect: /usr/local/sbin/smtpctl: nothing was installed",
         counterexample="expect: /usr/local/sbin/smtpctl was not installed"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: there is no (?P<subject>\S+)$", "{subject} was not created: see the configure step, or correct its path in `expect`.",
         example="expect: there is no config.h",
         counterexample="expect: config.h defines NEED_STRLCPY"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) does not define (?P<subject>\w+) as (?P<want>.*)$", "configure found another value for {subject}: see config.log.",
         example="expect: config.h does not define HAVE_CRYPT as 1",
         counterexample="expect: config.h does not define HAVE_CRYPT"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) does not define (?P<subject>\w+)$", "configure did not find what {subject} stands for: see config.log.",
         example="expect: config.h does not define HAVE_CRYPT",
         counterexample="expect: config.h does not define HAVE_CRYPT as 1"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) defines (?P<subject>\w+)$", "configure found what {subject} stands for, but should not: see config.log.",
         example="expect: config.h defines NEED_STRLCPY",
         counterexample="expect: config.h defines HAVE_DECL_X as 0"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) defines (?P<subject>\w+) as 0$", "configure did not find what {subject} stands for: see config.log.",
         example="expect: config.h defines HAVE_DECL_X as 0",
         counterexample="expect: config.h never mentions HAVE_X, so !HAVE_X would always be met"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<file>\S+) never mentions (?P<subject>\w+), so ", "Correct the name {subject} in `expect`, or have configure ask for it.",
         example="expect: config.h never mentions HAVE_X, so !HAVE_X would always be met",
         counterexample="expect: there is no config.h"),
    Rule(FindingKind.EXPECTATION, "expect: ", r"^expect: (?P<subject>\S+)(?: .*)?$", "{subject} differs from what `expect` requires.",
         example="expect: /usr/bin/x",
         counterexample="--- ciforge: expect ---"),
)  # fmt: skip
