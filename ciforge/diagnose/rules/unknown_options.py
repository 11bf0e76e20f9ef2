"""Options that a utility of this system does not know: the line that names the option, not the usage text.

Wordings: getopt of each C library (lib/libc/stdlib/getopt.c and getopt_long.c of the BSDs, illumos and
macOS), usr.bin/sed/compile.c of freebsd/freebsd-src; coreutils 9.7 and busybox 1.37 in Debian 13.
"""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_NAME = r"^(?:\S*/)?(?P<tool>(?!ld\b|\S*-ld\b|\S*cc\b|clang|as\b|ar\b|configure)[a-z][\w.+-]*): "
_UTILITY = "This {tool} does not know {subject}: use an option of POSIX, test for it in configure, or name the GNU tool."

RULES = (
    Rule(FindingKind.CONFIGURE_CHECK, " option -- ", _NAME + r"(?:illegal|unknown|invalid|unrecognized) option -- '?(?P<letter>[^\s']+)'?$", _UTILITY, subject="-{letter}", weight=Weight.WEAK,
         example="install: illegal option -- D",
         counterexample="tcc: error: invalid option -- '-iquote'"),
    Rule(FindingKind.CONFIGURE_CHECK, "unrecognized option: ", _NAME + r"unrecognized option: (?P<letter>\w)$", _UTILITY, subject="-{letter}",
         example="grep: unrecognized option: P",
         counterexample="grep: unrecognized option: only-matching"),
    Rule(FindingKind.CONFIGURE_CHECK, "Unknown option", _NAME + r"Unknown option '?(?P<dashes>-*)(?P<letter>[\w-]+)'?(?: \(see .*)?$", _UTILITY, subject="-{letter}", weight=Weight.WEAK,
         example="cp: Unknown option 'Z' (see \"cp --help\")",
         counterexample="ld: Unknown option '-Z'"),
    Rule(FindingKind.CONFIGURE_CHECK, "unrecognized option", _NAME + r"unrecognized option:? '?(?P<dashes>--?)?(?P<name>[\w-]+)[^\s']*'?$", _UTILITY, subject="--{name}",
         example="install: unrecognized option '--strip-program=x'",
         counterexample="/usr/bin/ld: unrecognized option '--nope'"),
    Rule(FindingKind.OTHER, "invalid command code", r"^(?:\S*/)?(?P<subject>sed): \d+: \".*\": invalid command code", "sed of the BSDs takes the word after -i as a suffix: write to another file and move it, or `sed -i.bak`.", weight=Weight.WEAK,
         example='sed: 1: "/Users/user/dev/fork ...": invalid command code V',
         counterexample="sed: -e expression #1, char 3: unterminated `s' command"),
    Rule(FindingKind.OTHER, "expects \\ followed by text", r"^(?:\S*/)?(?P<subject>sed): \d+: \".*\": command [aci] expects \\ followed by text", "sed of the BSDs wants a backslash and a new line after a, c and i, and takes the word after -i as a suffix: use the form of POSIX.", weight=Weight.WEAK,
         example='sed: 1: "conf.mk": command c expects \\ followed by text',
         counterexample="sed: -e expression #1, char 3: unterminated `s' command"),
    Rule(FindingKind.CONFIGURE_CHECK, " is not supported", _NAME + r"Option (?P<subject>--?[\w-]+)\S* is not supported", _UTILITY, weight=Weight.WEAK,
         example="tar: Option --transform=s,^,x, is not supported",
         counterexample="tar: Option -t is not permitted in mode -c"),
    Rule(FindingKind.MISSING_TOOL, ": applet not found", r"^(?P<subject>[\w.+-]+): applet not found", "busybox has no {subject} here: add the package that ships it to `dependencies`.", weight=Weight.WEAK,
         example="stdbuf: applet not found",
         counterexample="/bin/sh: stdbuf: not found"),
)  # fmt: skip
