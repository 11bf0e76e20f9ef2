"""Rules for messages that later releases of tools word differently; they precede the general rows.

Wordings: autoconf 2.73, automake 1.18 and autoreconf (bin/autoreconf.in, lib/Automake/Channels.pm), lld 23
(lld/ELF/Relocations.cpp, Driver.cpp), mold 3.0, GNU ld 2.44 (bfd/elflink.c), GNU make 4.3 (src/job.c), busybox 1.37 and
toybox 0.8.12 (install.c), zig 0.17 (src/main.zig).
"""

from ciforge.diagnose.rules.rule import ERROR, Rule, Weight
from ciforge.model.finding import FindingKind

_CONFIGURE = r"(?:^|\s)(?:\S*/)?configure(?:\.\w+)?:(?:\d+:)? error: "
_CACHE = "Remove config.cache (or run make distclean), or pass the same {subject} as before: the cache is of another environment."
_GNU_FILES = r"(?:\./)?(?:AUTHORS|NEWS|README|ChangeLog|COPYING|THANKS)"

RULES = (
    # configure
    Rule(FindingKind.CONFIGURE_CHECK, "has changed since the previous run", _CONFIGURE + r"'(?P<subject>\w+)' has changed since the previous run", _CACHE,
         example="configure: error: `CFLAGS' has changed since the previous run:",
         counterexample="configure: error: run `make distclean' and/or `rm config.cache' and start over"),
    Rule(FindingKind.CONFIGURE_CHECK, "in the previous run", _CONFIGURE + r"'(?P<subject>\w+)' was (?:not )?set (?:to '[^']*' )?in the previous run", _CACHE,
         example="configure: error: `CPPFLAGS' was not set in the previous run",
         counterexample="configure: error: `CFLAGS' has changed since the previous run:"),
    Rule(FindingKind.OTHER, "changes in the environment", _CONFIGURE + r"(?P<subject>changes in the environment can compromise the build)", weight=Weight.VAGUE,
         example="configure: error: changes in the environment can compromise the build",
         counterexample="configure: error: `CFLAGS' has changed since the previous run:"),
    Rule(FindingKind.OTHER, " and/or ", _CONFIGURE + r"(?P<subject>run '[^']*' and/or '[^']*')", weight=Weight.VAGUE,
         example="configure: error: run `make distclean' and/or `rm config.cache' and start over",
         counterexample="configure: error: changes in the environment can compromise the build"),
    # automake
    Rule(FindingKind.OTHER, "required file '", ERROR + rf"required file '(?P<subject>{_GNU_FILES})' not found", "Add {subject} to the tree, or write `foreign` into AM_INIT_AUTOMAKE: only GNU's own packages need it.",
         example="Makefile.am: error: required file './AUTHORS' not found".replace("Makefile.am:", "Makefile.am:1:"),
         counterexample="configure.ac:7: error: required file 'config.rpath' not found"),
    Rule(FindingKind.OTHER, "required file '", rf"^(?P<file>[^\s:]+): error: required file '(?P<subject>{_GNU_FILES})' not found", "Add {subject} to the tree, or write `foreign` into AM_INIT_AUTOMAKE: only GNU's own packages need it.",
         example="Makefile.am: error: required file './AUTHORS' not found",
         counterexample="configure.ac:7: error: required file 'config.rpath' not found"),
    Rule(FindingKind.OTHER, "required directory ", r"(?:^|\s)(?P<file>[^\s:]+)(?::(?P<line>\d+))?: error: required directory (?P<subject>\S+) does not exist", "{subject}, which SUBDIRS or AC_CONFIG_FILES names, is not in the tree: git keeps no empty folders.",
         example="Makefile.am:1: error: required directory ./sub does not exist",
         counterexample="configure.ac:7: error: required file 'config.rpath' not found"),
    Rule(FindingKind.OTHER, "used but ", r"(?:^|\s)(?P<file>[^\s:]+)(?::(?P<line>\d+))?: error: \w+ (?:is )?used but (?:')?(?P<subject>SUBDIRS)(?:')? (?:is )?not defined", "AM_GNU_GETTEXT needs SUBDIRS = po in the top Makefile.am, or AM_GNU_GETTEXT([external]).",
         example="Makefile.am: error: AM_GNU_GETTEXT used but SUBDIRS not defined",
         counterexample="Makefile.am:1: error: Libtool library used but 'LIBTOOL' is undefined"),
    Rule(FindingKind.AUTOTOOLS_VERSION, "is obsolete", r"(?:^|\s)(?P<file>[^\s:]+):(?P<line>\d+): (?:warning|error): [Tt]he macro '(?P<subject>\w+)' is obsolete", "Replace {subject} (autoupdate does), or run autoreconf without -Werror and -Wall,error.", weight=Weight.WEAK,
         example="configure.ac:3: warning: The macro `AC_HELP_STRING' is obsolete.",
         counterexample="configure.ac:5: error: possibly undefined macro: AC_FOO_BAR"),
    # linkers
    Rule(FindingKind.UNDEFINED_SYMBOL, "undefined reference: ", r"(?:^|\s)\S*ld(?:\.lld)?: error: undefined reference(?: due to --no-allow-shlib-undefined)?: (?P<subject>[^\s(]+)", "A shared library that is linked needs {subject}, which none defines: link the library that does after it, or rebuild it with all it needs.",
         example="ld.lld: error: undefined reference: frob_init",
         counterexample="proc.c:(.text+0x1c): undefined reference to `frob_init'"),
    Rule(FindingKind.UNDEFINED_SYMBOL, "--no-allow-shlib-undefined: ", r"mold: (?:error|fatal): .*--no-allow-shlib-undefined: undefined symbol: (?P<subject>[^\s(]+)", "A shared library that is linked needs {subject}, which none defines: link the library that does after it, or rebuild it with all it needs.",
         example="mold: error: libfrob.so: --no-allow-shlib-undefined: undefined symbol: frob_init",
         counterexample="mold: error: undefined symbol: src/libfrob.so.p/frob.c.o: frob_init"),
    Rule(FindingKind.UNDEFINED_SYMBOL, ": undefined version: ", r"(?:^|\s)\S*ld(?:\.bfd)?: (?:\S+: )?(?P<subject>[A-Za-z_.$][\w.$@]*): undefined version: (?P<version>\S+)", "{subject} is bound to the version {version}, which the version script does not define: add it there, or pass -Wl,--undefined-version.",
         followed=True,
         example="/usr/bin/ld: frob_init: undefined version: FROB_1",
         counterexample="/usr/bin/ld: failed to set dynamic section sizes: bad value"),
    Rule(FindingKind.OTHER, "failed to set dynamic section sizes", r"ld(?:\.bfd)?: (?P<subject>failed to set dynamic section sizes): ", weight=Weight.VAGUE,
         example="/usr/bin/ld: failed to set dynamic section sizes: bad value",
         counterexample="/usr/bin/ld: final link failed: bad value"),
    Rule(FindingKind.OTHER, "requires an executable stack", r"\bl?ld\S*: (?:error: )?(?P<subject>[^\s:]+): requires an executable stack, but -z execstack is not specified", "Mark the assembler source of {subject}: `.section .note.GNU-stack,\"\",%progbits`, or assemble with -Wa,--noexecstack.",
         example="ld.lld: error: start.o: requires an executable stack, but -z execstack is not specified",
         counterexample="/usr/bin/ld: warning: start.o: missing .note.GNU-stack section implies executable stack"),
    # zig cc
    Rule(FindingKind.CONFIGURE_CHECK, "unsupported linker arg", r"^error: unsupported linker arg: (?P<subject>\S+)", "The linker of zig does not know {subject}: test for it in configure before using it.",
         example="error: unsupported linker arg: --version-script",
         counterexample="error: unsupported option '-x' for target 'y'"),
    # install
    Rule(FindingKind.INSTALL_ERROR, " option ", r"(?:^|[\s/])install: (?:invalid option -- |Unknown option )'(?P<letter>[^']+)'", "This install does not know {subject}: use -c, -d, -m, -o and -g alone, or ship install-sh.", subject="-{letter}", weight=Weight.WEAK,
         example="install: Unknown option 'C'",
         counterexample="install: illegal option -- D"),
    Rule(FindingKind.INSTALL_ERROR, "bad ", r"(?:^|[\s/])(?:install|chown|chgrp): bad (?:user|group) '(?P<subject>[^']+)'", "Create {subject} before the installation: name it in `users`.", weight=Weight.WEAK,
         example="install: bad user '_smtpd'",
         counterexample="install: invalid user '_smtpdX'"),
    # make
    Rule(FindingKind.MAKE_SYNTAX, "invalid --jobserver-auth string", r"(?:internal error: )?(?P<subject>invalid --jobserver-auth string) '", "A newer make runs this one, which does not know its kind of jobserver: unset MAKEFLAGS, or use one make.",
         example="make: *** internal error: invalid --jobserver-auth string 'fifo:/tmp/GMfifo1'.  Stop.",
         counterexample="make[1]: warning: jobserver unavailable: using -j1.  Add '+' to parent make rule."),
)  # fmt: skip
