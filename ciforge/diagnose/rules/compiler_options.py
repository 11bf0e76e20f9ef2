"""Rules for compilers and assemblers that reject an option, a program that they run, or a file.

Wordings: real output of gcc 12 to 16, clang 19 and 21, tcc 0.9.27 and pcc 1.2 in Debian 13, and lines
quoted in commit messages of public projects.
"""

from ciforge.diagnose.rules.compiler_advice import OPTION
from ciforge.diagnose.rules.rule import Rule
from ciforge.model.finding import FindingKind

_OUTPUT = (
    "The folder of {subject} does not exist or is not writable: see the rule that should create it."
)

RULES = (
    Rule(FindingKind.CONFIGURE_CHECK, "cannot specify -o with", r"^(?:\S*[/-])?(?:cc|gcc|g\+\+|c\+\+|clang|clang\+\+)(?:-[\d.]+)?: (?:error: |fatal error: )?cannot specify (?P<subject>-o) with (?:'?-c'?|'?-S'?|multiple)", "The compiler sees several source files in this command, as an old one does that takes the argument of an option it does not know for a file: test for the options (-MT, -MF) in configure, or use a newer compiler.",
         example="cc: cannot specify -o with -c or -S and multiple compilations",
         counterexample="cc: error: unrecognized command-line option '-o2'"),
    Rule(FindingKind.CONFIGURE_CHECK, "unrecognized command", r"(?:^|[/\s])[\w.+-]+: error: unrecognized command[ -]line option [\"'](?P<subject>[^\"']+)[\"']", OPTION,
         followed=True,
         example="x86_64-openwrt-linux-musl-gcc: error: unrecognized command line option '-R'",
         counterexample="  787 |         Zungetc(command,controlfile);"),
    Rule(FindingKind.CONFIGURE_CHECK, "unrecognized argument to", r"error: unrecognized argument to '(?P<option>-[\w-]+=)' option: '(?P<value>[^']+)'", OPTION, subject="{option}{value}",
         example="gcc: error: unrecognized argument to '-fsanitize=' option: 'function'",
         counterexample="gcc: error: unrecognized argument in option '-mcmodel=huge'"),
    Rule(FindingKind.CONFIGURE_CHECK, "unknown argument", r"(?:^|[/\s])[\w.+-]*(?:clang|cc|\+\+)[\w.+-]*: error: unknown argument:? '(?P<subject>[^']+)'", OPTION,
         example="clang: error: unknown argument: '-fnope'",
         counterexample="ld.lld: error: unknown argument '--nope'"),
    Rule(FindingKind.CONFIGURE_CHECK, "error: ", r"(?:^|[/\s])[\w.+-]*(?:clang|cc|g\+\+)[\w.+-]*: error: (?:unsupported (?:option|argument)|invalid (?:value|argument|linker name)|unknown target|unrecognized (?:argument|option)).*?'(?P<subject>[^']+)'", OPTION,
         example="clang: error: invalid linker name in argument '-fuse-ld=nope'",
         counterexample="configure: error: invalid variable name: `foo-bar'"),
    Rule(FindingKind.CONFIGURE_CHECK, "invalid version number in", r"(?:^|[/\s])[\w.+-]*(?:clang|cc|\+\+)[\w.+-]*: error: invalid version number in '(?P<subject>[^']+)'", "{subject} is not a version of the system that is built for: see where the build sets it.",
         example="clang: error: invalid version number in '-mmacosx-version-min=abc'",
         counterexample="clang: error: unknown argument: '-mmacosx-version-min=10.6'"),
    Rule(FindingKind.CONFIGURE_CHECK, "bad value", r"(?:^|[/\s])(?:cc1\w*|[\w.+-]+): error: bad value \(?'(?P<subject>[^']+)'\)? for '?-m", OPTION,
         example="cc1: error: bad value ('nope') for '-march=' switch",
         counterexample="/usr/bin/ld: final link failed: bad value"),
    Rule(FindingKind.MISSING_TOOL, "cannot execute '", r"(?:^|[/\s])[\w.+-]+: (?:fatal )?error: cannot execute '(?P<subject>[^']+)'", "Install {subject}, or set PATH so that the compiler finds it.",
         example="gcc: fatal error: cannot execute 'as': posix_spawnp: No such file or directory",
         counterexample="rm: cannot remove 'calc.o': No such file or directory"),
    Rule(FindingKind.MISSING_TOOL, "error: unable to execute command", r"error: unable to execute command: Executable \"(?P<subject>[^\"]+)\" doesn't exist", "Install {subject}, or set PATH so that the compiler finds it.",
         example="clang: error: unable to execute command: Executable \"ld\" doesn't exist!",
         counterexample="ld.lld: error: unable to find library -lnope"),
    Rule(FindingKind.MAKE_RULE, ": No such file or directory", r"(?:^|[/\s])(?:cc1\w*|[\w.+-]*(?:clang|cc|\+\+)[\w.+-]*): (?:fatal )?error: (?:no such file or directory: ')?(?P<subject>[^\s:']+)'?: No such file or directory", "{subject} is not in the tree, or the rule that makes it did not run.",
         example="cc1: fatal error: nosuch.c: No such file or directory",
         counterexample="clang: error: no such file or directory: 'nosuch.c'"),
    Rule(FindingKind.MAKE_RULE, "no such file or directory: '", r"(?:^|[/\s])[\w.+-]+: error: no such file or directory: '(?P<subject>[^']+)'", "{subject} is not in the tree, or the rule that makes it did not run.",
         example="clang: error: no such file or directory: 'nosuch.c'",
         counterexample="Running `clang --version` gave \"[Errno 2] No such file or directory: 'clang'\""),
    Rule(FindingKind.CONFIGURE_CHECK, " option", r"(?:^|/|\s)(?:as|ar|strip|ranlib|nm|objcopy|\S+-as|\S+-ar): (?:unrecognized|invalid|illegal|unknown) option (?:-- )?'?(?P<subject>[^\s']+)'?", "This tool does not know {subject}: test for it in configure before using it.",
         example="as: unrecognized option '-EL'",
         counterexample="checking for C compiler option to produce errors... -Werror"),
    Rule(FindingKind.CONFIGURE_CHECK, "invalid option -- ", r"^tcc: error: invalid option -- '(?P<subject>[^']+)'", OPTION,
         example="tcc: error: invalid option -- '-iquote'",
         counterexample="checking for gcc option to produce PIC... -fPIC -DPIC"),
    Rule(FindingKind.OTHER, "unable to open output file", r"^error: unable to open output file '(?P<subject>[^']+)'", _OUTPUT,
         example="error: unable to open output file 'obj/frob.o': 'No such file or directory'",
         counterexample="ld: can't open output file for writing: bin/frob, errno=2 for architecture x86_64"),
    Rule(FindingKind.OTHER, "Fatal error: can't create ", r"^(?:\S+: )?Fatal error: can't create (?P<subject>[^\s:]+): ", _OUTPUT,
         followed=True,
         example="Fatal error: can't create obj/frob.o: No such file or directory",
         counterexample="flex: fatal error, can't open lex.l"),
    Rule(FindingKind.OTHER, "no input files", r"^(?:\S*/)?[\w.+-]+: (?:fatal )?error: (?P<subject>no input files)", "This make does not set what the Makefile expects: look for variables and functions of another make.",
         example="cc: error: no input files",
         counterexample="gperf: error: No input files"),
)  # fmt: skip
