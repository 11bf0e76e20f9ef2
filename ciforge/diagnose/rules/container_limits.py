"""Rules for programs that need what a container lacks: a terminal, IPv6, more rights.

Wordings: sudo 1.9 (plugins/sudoers/sudoers.c, src/sudo.c), util-linux su, glibc's strerror for ENOTTY and
EADDRNOTAVAIL, docs/decisions/step-wrapper.md for what a step has.
"""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_RIGHTS = "A step cannot gain rights (no-new-privileges), so setuid and setgid programs run without theirs: let it with `privileges: setuid`, or test that in `expect`."
_TERMINAL = "A step has no terminal: run the program under `script -qec COMMAND /dev/null`, or skip the test without one."
_IPV6 = "The container has no IPv6 address, not even ::1, for the kernel of its engine has no IPv6: test whether the address can be bound, and skip the test if not."

RULES = (
    Rule(FindingKind.OTHER, "no new privileges", r"(?P<subject>sudo|doas|su|pkexec): .*no new privileges", _RIGHTS,
         example='sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
         counterexample="checking for no new privileges... yes"),
    Rule(FindingKind.OTHER, "must be suid", r"(?P<subject>[\w.+-]+): must be suid to work properly", _RIGHTS, weight=Weight.WEAK,
         example="su: must be suid to work properly",
         counterexample="install: the program must be suid root to deliver"),
    Rule(FindingKind.OTHER, "Inappropriate ioctl for device", r"(?:^|\s)(?:\S*/)?(?P<subject>[\w.+-]+): (?:'?[\w() -]+'?: )?Inappropriate ioctl for device", _TERMINAL, weight=Weight.WEAK,
         example="stty: standard input: Inappropriate ioctl for device",
         counterexample="Inappropriate ioctl for device is what tcgetattr says"),
    Rule(FindingKind.OTHER, "not a tty", r"(?:^|\s)(?:\S*/)?(?P<subject>[\w.+-]+): (?:[\w() -]+ )?(?:is )?not a tty\b", _TERMINAL, weight=Weight.WEAK,
         example="smtpctl: stdin is not a tty",
         counterexample="checking whether stdout is not a tty... yes"),
    Rule(FindingKind.OTHER, "No such device or address", r"(?P<subject>/dev/tty): No such device or address", _TERMINAL, weight=Weight.WEAK,
         example="sh: 1: cannot open /dev/tty: No such device or address",
         counterexample="mount: /dev/sdz: No such device or address"),
    Rule(FindingKind.OTHER, "Cannot assign requested address", r"(?:^|[\s\[(])(?P<subject>::1)\b.*: [Cc]annot assign requested address", _IPV6, weight=Weight.WEAK,
         example="bind [::1]:2525: Cannot assign requested address",
         counterexample="bind 192.0.2.1:25: Cannot assign requested address"),
    Rule(FindingKind.OTHER, "Cannot assign requested address", r"Cannot assign requested address.*(?P<subject>::1)\b", _IPV6, weight=Weight.WEAK,
         example="OSError: [Errno 99] Cannot assign requested address: ('::1', 0, 0, 0)",
         counterexample="OSError: [Errno 99] Cannot assign requested address: ('192.0.2.1', 0)"),
)  # fmt: skip
