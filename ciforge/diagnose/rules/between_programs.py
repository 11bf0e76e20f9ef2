"""Rules for programs that a build runs in between: cgo, npm, kconfig, rpmbuild, opkg, xbps, shells and the driver of gcc.

Wordings: docs of npm 10 (`npm error network`) and lib/cli of npm 6; downloading in rpmbuild 4.20 and makepkg 7; cmd/cgo of
Go 1.25; gcc/gcc.cc of gcc 15; scripts/kconfig of Linux 5.4; include/package-ipkg.mk of OpenWrt 21.02; lib/transaction_*.c of
xbps 0.59; execute_cmd.c of bash 5.2; gtestutils.c of GLib 2.84.
"""

from ciforge.diagnose.rules.package_patterns import NET, URL
from ciforge.diagnose.rules.rule import ERROR, Rule, Weight
from ciforge.model.finding import FindingKind

RULES = (
    Rule(FindingKind.DEPS_NETWORK, "network request to ", r"^npm (?:ERR!|error) network request to " + URL + r"\S* failed", NET,
         example="npm ERR! network request to https://registry.example.org/frob failed, reason: connect ETIMEDOUT 192.0.2.1:443",
         counterexample="npm ERR! network This is a problem related to network connectivity."),
    Rule(FindingKind.DEPS_NETWORK, "couldn't download ", r"^error: Couldn't download (?P<subject>\w+://\S+)", "The lines above say why {subject} cannot be loaded: correct its address, or put the file beside the description.", weight=Weight.WEAK,
         example="error: Couldn't download https://files.example.org/frob-1.2.tar.gz",
         counterexample="error: Couldn't exec frob"),
    Rule(FindingKind.GO_BUILD, "could not determine ", r"(?:^|\s)(?:(?P<file>\S+\.go):(?P<line>\d+):(?:\d+:)? )?could not determine (?:what|kind of name for) (?P<subject>C\.\w+)", "The headers that the comment above `import \"C\"` includes do not declare {subject} on this system: include the header that does, or keep the file out of the build here (//go:build).",
         example="shm.go:34:35: could not determine kind of name for C.FROB_MODE",
         counterexample="could not determine kind of name"),
    Rule(FindingKind.MISSING_LIBRARY, "linker input file not found", r"error: (?P<subject>\S+): linker input file not found", "The command names {subject} as a file, and there is none: it is the word of a check that failed, a flag without its dash, or a library that should have been built first. See which variable has it.",
         example="g++: error: nope: linker input file not found: No such file or directory",
         counterexample="g++: warning: nope: linker input file unused because linking not done"),
    Rule(FindingKind.MISSING_TOOL, ": exec of ", r"^open[23]: exec of (?P<subject>\S+) .*failed", "Add the package of {subject} to `dependencies`.",
         example="open2: exec of frobgen -t -E failed at ../utils/hash line 37.",
         counterexample="exec of frobgen was allowed"),
    Rule(FindingKind.OTHER, "is missing dependencies for", r"^Package \S+ is missing dependencies for the following libraries:$", "The package uses {subject}, and nothing that it depends on has it: add the package that has it to the dependencies of this one.", subject="libraries", then=r"^(?P<subject>\S+\.(?:so|ko)\S*)$", within=1,
         example="Package frob-mod-ldap is missing dependencies for the following libraries:",
         counterexample="Package frob is missing dependencies"),
    Rule(FindingKind.DEPS_NOT_FOUND, "MISSING: ", r"^MISSING: (?P<subject>[\w.+-]+?)(?:[<>=]+\S+|-[\d.]+_\d+)?$", "{subject} is in no repository in the version that is required: build it first, or add the repository that has it.", weight=Weight.WEAK,
         example="MISSING: libfrob>=4.4.0_1",
         counterexample="MISSING: some parts of the manual"),
    Rule(FindingKind.DISK_FULL, "enough free space on ", r"^(?P<subject>Not enough free space on disk)", "The disk is full: free space, or give the build another one.", weight=Weight.RESOURCE,
         example="Not enough free space on disk.",
         counterexample="checking for enough free space on disk... yes"),
    Rule(FindingKind.OTHER, "never called!", r"^npm (?:ERR!|error) (?P<subject>(?:cb\(\)|[Ee]xit handler) never called)!", "npm itself ended too early, which newer releases of it seldom do: run the job again, or take another npm.",
         example="npm ERR! cb() never called!",
         counterexample="npm ERR! network This is a problem related to network connectivity."),
    Rule(FindingKind.OTHER, "can't find file ", r"^can't find file (?P<subject>\S+)$", "The program of this rule runs in a folder without {subject}, or the source lacks it: see in which folder make is.", weight=Weight.WEAK,
         example="can't find file Kfrob",
         counterexample="can't find file to patch at input line 3"),
    Rule(FindingKind.OTHER, "cannot execute binary file", r": (?:source: |\.: )?(?P<subject>[^\s:]+): cannot execute binary file(?!: Exec format)", "{subject} is no script, or a program for another processor or system: `file {subject}` says which.", weight=Weight.WEAK,
         example="/b/builder.sh: line 1: source: /b/setup: cannot execute binary file",
         counterexample="bash: ./frob: cannot execute binary file: Exec format error"),
    Rule(FindingKind.OTHER, "error: ", ERROR + r"\"(?P<subject>[^\"]{1,160})\"$", "{file} refuses this system on purpose, by #error: see what it requires.",
         example='hash/os_specific.cc:106:2: error: "port"',
         counterexample='x.c:3:2: error: #error "This system is not supported"'),
    Rule(FindingKind.TEST_FAILURE, "ERROR", r"^(?:# )?Bail out! (?:\S+:)?ERROR:(?P<file>[^\s:]+):(?P<line>\d+):(?P<subject>\w+): ", "See {file}:{line}, and run this test alone.", weight=Weight.WEAK,
         example="Bail out! ERROR:../tests/t-frob.c:2345:t_ioctl: assertion failed (i == 34): (570425344 == 34)",
         counterexample="Bail out! cannot bind to port 2525"),
)  # fmt: skip
