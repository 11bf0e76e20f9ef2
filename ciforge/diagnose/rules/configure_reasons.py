"""Rules for reasons that configure and other programs give in sentences of a project's own.

Wordings: configure.ac of libimobiledevice, alpine, icecast and strongswan; mesonbuild/environment.py of Meson 1.7;
docs of npm 10 (`npm error network`); downloading in rpmbuild 4.20 and makepkg 7; cmd/cgo of Go 1.25; gcc/gcc.cc of gcc 15;
include/package-ipkg.mk of OpenWrt 21.02; lib/transaction_*.c of xbps 0.59.
"""

from ciforge.diagnose.rules.package_patterns import NET, URL
from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_CONFIGURE = r"(?:^|\s)(?:\S*/)?configure(?:\.\w+)?:(?:\d+:)? (?:error|ERROR): (?:\*+ )?[\"']?"
_PACKAGE = "Add {subject} to `dependencies`, or configure without it."
_TOOL = "Add the package of {subject} to `dependencies`."
_NAME = r"(?P<subject>(?:lib)?[\w.+/-]*\w[\w+]*)"
_ABSENT = r"(?:(?:was|were|is|are|has|could|can) )?(?:not|n't|cannot|can't) (?:be )?(?:been )?(?:found|available|installed|detected|present|located)|(?:is|are) missing"

RULES = (
    Rule(FindingKind.MISSING_TOOL, "error: ", _CONFIGURE + r"(?:[Cc](?:annot|ould not|an't) (?:find|locate) |[Mm]issing )?['\"]?(?:\S*/)?(?P<subject>[\w.+-]+[-_]config)['\"]?(?: (?:script|program|utility|tool))? *(?:!|$|\b(?:is |was |could |can)?(?:not|missing|required|needed))", _TOOL, words=("configure",),
         example="configure: error: frob_config not found!",
         counterexample="configure: error: frob not found in pkg-config"),
    Rule(FindingKind.MISSING_TOOL, "executable", _CONFIGURE + r"(?:\S*/)?(?P<subject>[\w.+-]+) (?:is not|isn't|not) executable", _TOOL,
         example="configure: error: /usr/bin/frobgen is not executable",
         counterexample="configure: error: C compiler cannot create executables"),
    Rule(FindingKind.MISSING_TOOL, "be executed", _CONFIGURE + r"(?:\S*/)?(?P<subject>[\w.+-]+) (?:cannot|can not|could not|can't) be executed", _TOOL,
         example="configure: error: /opt/x/bin/frobgen cannot be executed",
         counterexample="configure: error: the test program could not be executed"),
    Rule(FindingKind.MISSING_PACKAGE, "error: ", _CONFIGURE + r".*\b(?:requested|enabled|wanted|required|specified|given|selected),? but (?:the |a |no )?" + _NAME + rf"(?: (?:library|libraries|headers?|package|development files))? (?:{_ABSENT})", _PACKAGE, words=("configure",),
         example="configure: error: TLS support explicitly requested but libfrob could not be found",
         counterexample="configure: error: TLS support requested but the compiler is too old"),
    Rule(FindingKind.MISSING_PACKAGE, "library '", _CONFIGURE + r"(?:[Tt]he )?library '(?P<subject>[\w.+-]+)' (?:is |was |could )?(?:required|missing|needed|not (?:be )?(?:found|available))", _PACKAGE,
         example="configure: error: library 'frob' is required for TLS",
         counterexample="configure: error: readline library not found"),
    Rule(FindingKind.MISSING_LIBRARY, "libraries", _CONFIGURE + r" ?(?:[Cc]ould not|[Cc]annot|[Cc]an't|[Uu]nable to) find (?:the |any of the )?following [\w ]*libraries: +-l(?P<subject>[\w.+-]+)", "Add the package that ships lib{subject} to `dependencies`, and those of the others in this line.",
         example="configure: error: Could not find the following Z libraries:  -lfrob -lfrobext",
         counterexample="configure: error: Could not find the following programs: frob"),
    # A sentence that names nothing: a warning before it may.
    Rule(FindingKind.MISSING_PACKAGE, "configure: WARNING: ", r"configure: WARNING: \W*(?:[Cc]ould not|[Cc]annot|[Cc]an't|[Uu]nable to) find (?:a |an |the |any )*(?:linkable|usable|working|suitable|recent) " + _NAME, _PACKAGE, weight=Weight.VAGUE,
         example="configure: WARNING: Could not find a linkable frob.  If you have it installed somewhere unusual, you can specify it",
         counterexample="configure: WARNING: Could not find the manual"),
    Rule(FindingKind.CONFIGURE_CHECK, "missing ", _CONFIGURE + r"(?P<subject>(?:[Mm]issing (?:some )?(?:libraries|dependencies|headers|packages|prerequisites)|Some \w+ (?:are|is) missing(?: dependencies)?)\b.{0,120})", "See what configure says above this line: it lists what it did not find.", weight=Weight.VAGUE,
         example="configure: error: Missing libraries; unable to proceed.",
         counterexample="configure: error: Required dependencies are missing."),
    Rule(FindingKind.MISSING_PACKAGE, "install ", _CONFIGURE + r"[Ii]nstall (?:the )?" + _NAME + r",? (?:version )?(?:>=?|[\d.]+)", _PACKAGE, words=("configure",),
         example="configure: error: Install frobssl version >= 1.0.0c",
         counterexample="configure: error: Install the missing packages"),
    Rule(FindingKind.MISSING_TOOL, "could not detect ninja", r"(?:^|\s)ERROR: Could not (?:detect|find) (?P<subject>Ninja)\b", "Add `ninja` to `dependencies`: Meson writes files for it.", weight=Weight.WEAK,
         example="ERROR: Could not detect Ninja v1.8.2 or newer",
         counterexample="ERROR: Could not detect the compiler"),
    Rule(FindingKind.MISSING_TOOL, "requires GNU ", r"^(?:[\w.+-]+ )?(?:\w+ )?requires GNU (?P<subject>\w+)(?: [\d.]+)?(?: or (?:later|newer|above)| to )", _TOOL, weight=Weight.WEAK,
         example="Frobconf requires GNU m4 1.1 or later",
         counterexample="Frobconf requires GNU software"),
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
    Rule(FindingKind.OTHER, "is missing dependencies for", r"^Package \S+ is missing dependencies for the following libraries:$", "The package uses {subject}, and nothing that it depends on has it: add the package that has it to the dependencies of this one.", subject="libraries", weight=Weight.WEAK, then=r"^(?P<subject>\S+\.(?:so|ko)\S*)$", within=1,
         example="Package frob-mod-ldap is missing dependencies for the following libraries:",
         counterexample="Package frob is missing dependencies"),
    Rule(FindingKind.DEPS_NOT_FOUND, "MISSING: ", r"^MISSING: (?P<subject>[\w.+-]+?)(?:[<>=]+\S+|-[\d.]+_\d+)?$", "{subject} is in no repository in the version that is required: build it first, or add the repository that has it.", weight=Weight.WEAK,
         example="MISSING: libfrob>=4.4.0_1",
         counterexample="MISSING: some parts of the manual"),
    Rule(FindingKind.DISK_FULL, "enough free space on ", r"^(?P<subject>Not enough free space on disk)", "The disk is full: free space, or give the build another one.", weight=Weight.RESOURCE,
         example="Not enough free space on disk.",
         counterexample="checking for enough free space on disk... yes"),
)  # fmt: skip
