"""Rules for messages of configure, CMake and Meson that a project words itself or a compiler prints.

Wordings: CMakeTestCCompiler.cmake of CMake 3.31, Meson 1.7, autoconf 2.72 in Debian 13, configure of
FFmpeg/FFmpeg, clang/include/clang/Basic/DiagnosticDriverKinds.td of llvm.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_CONFIGURE = r"(?:^|\s)(?:\S*/)?configure(?:\.\w+)?:(?:\d+:)? (?:error|ERROR): (?:\*+ )?[\"']?"
_OPTION = "This compiler does not know {subject}: test for it in configure before using it."
_TRIED = "See config.log for the last command that failed."

SECTIONS = (
    Section("cmake-compiler", "CMake Error at", r"^(?:\s*-- )?CMake Error at \S*CMakeTest\w*Compiler\.cmake:\d+", 60, True),
    Section("configure-text", "configure: error:", r"^(?:\S*/)?configure: error:\s*$", 4, False, True),
)  # fmt: skip

RULES = (
    Rule(FindingKind.MESON_ERROR, "not found", r"^\S*meson\.build:\d+:\d+: error required dependency '(?P<subject>[^']+)' not found", "Add the package that ships {subject} to `dependencies`, or disable what requires it.",
         example="/b/meson.build:4:8: error required dependency 'frobdep' not found",
         counterexample="meson.build:2:1: error required dependency not found"),
    Rule(FindingKind.MISSING_PACKAGE, ": not found", r"^Checking for '?(?:library |program )?'?(?P<subject>[\w.+-]+)'? *(?:\([^)]*\))? *: not found$", "Add the package that ships {subject} to `dependencies`, or configure without it.", weight=Weight.WEAK,
         example="Checking for 'frob'                      : not found",
         counterexample="Checking for C compiler... not found"),
    Rule(FindingKind.CMAKE_ERROR, "", r"error: (?:unrecognized command[- ]line option|unknown argument:?|unsupported option) '(?P<subject>[^']+)'", "The compiler does not know {subject}: correct CFLAGS, or what CMake was called with.", inside="cmake-compiler",
         example="    cc: error: unrecognized command-line option '-mfoo'",
         counterexample='    "/usr/bin/cc"'),
    Rule(FindingKind.CMAKE_ERROR, "", r"cannot find -l(?P<subject>[^\s:]+)", "The compiler links every program with {subject}, which is not installed: correct LDFLAGS, or add its package.", inside="cmake-compiler",
         example="    /usr/bin/ld: cannot find -lfoo: No such file or directory",
         counterexample='    "/usr/bin/cc"'),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+\S+: (?:fatal )?error: (?!ld returned|linker command)(?P<subject>\S.{0,160})", "The compiler cannot build a program of one line: see what it says.", inside="cmake-compiler",
         example="    clang: error: linker 'x' is not there",
         counterexample="    collect2: error: ld returned 1 exit status"),
    Rule(FindingKind.CMAKE_ERROR, "", r"^\s+(?P<subject>The \S+ compiler)$", "The compiler cannot build a program of one line: see what it says below.", inside="cmake-compiler", weight=Weight.VAGUE,
         example="  The C compiler",
         counterexample="  is not able to compile a simple test program."),
    Rule(FindingKind.MISSING_PACKAGE, "", r"^\W*(?:ERROR: )?(?:[Cc]ould not|[Cc]annot|[Cc]an't|[Uu]nable to|[Ff]ailed to) find (?:\([^()]*\) )?(?:[\w-]+ (?:for|of) )?(?P<subject>(?:lib)?[A-Za-z][\w+-]*(?:\.\w+)*)", "Add {subject} to `dependencies`, or configure without it.", inside="configure-text",
         example="ERROR: could not find (recent enough) development-libs for libfrob.",
         counterexample="================================================"),
    Rule(FindingKind.CONFIGURE_CHECK, "", r"^\s+\**\s*(?P<other>\S.{0,160})$", _TRIED, subject="{other}", inside="configure-text", then=r"^\s+\*+ (?P<subject>\w[^!]*?)[!.]?$", within=1,
         example="\t*** This kernel does not include",
         counterexample="make: *** [config.status] Error 1"),
    Rule(FindingKind.CONFIGURE_CHECK, "error: ", _CONFIGURE + r"(?:.*[\s'])?(?P<subject>[A-Za-z_]\w+)\(\)", "{subject} is not in the libraries that configure tried: see config.log, and check whether this system has it under another name.", words=("configure",),
         example="configure: error: could not locate sched_yield()",
         counterexample="configure: error: readline library not found"),
    Rule(FindingKind.MISSING_PACKAGE, "not found using pkg-config", r"^ERROR: (?P<subject>[\w.+-]+)(?: \S+)* not found using pkg-config", "Add the package that ships {subject} to `dependencies`, or configure without it.",
         example="ERROR: libdav1d >= 0.5.0 not found using pkg-config",
         counterexample="-- libdav1d not found using pkg-config"),
    Rule(FindingKind.CONFIGURE_CHECK, "unable to create an executable file", r"^(?P<tool>\S+) is unable to create an executable file\.", "{tool} cannot build a program of one line: see config.log for the last command that failed.", subject="C compiler",
         example="/usr/bin/clang is unable to create an executable file.",
         counterexample="C compiler test failed."),
    Rule(FindingKind.MESON_ERROR, "Dependency lookup for", r"(?:^|\s)(?P<file>[^\s:]*meson\.build):(?P<line>\d+):\d+: ERROR: Dependency lookup for (?P<subject>\S+) with method '[^']+' failed: (?P<tool>Pkg-config|CMake)\b.* not found", "Meson looks for {subject} with {tool}, which is not installed: add `pkg-config` or `cmake` to `dependencies`, then the package that ships {subject}.",
         example="meson.build:12:0: ERROR: Dependency lookup for libpcre2-8 with method 'pkgconfig' failed: Pkg-config for machine host machine not found. Giving up.",
         counterexample="meson.build:40:2: ERROR: Dependency lookup for zstd with method 'pkgconfig' failed: Could not generate cargs for zstd:"),
    Rule(FindingKind.MESON_ERROR, "Dependency lookup for", r"(?:^|\s)(?P<file>[^\s:]*meson\.build):(?P<line>\d+):\d+: ERROR: Dependency lookup for (?P<subject>\S+) with method", "Add the package that ships {subject}, or one that it needs in turn, to `dependencies`.",
         example="meson.build:40:2: ERROR: Dependency lookup for zstd with method 'pkgconfig' failed: Could not generate cargs for zstd:",
         counterexample='meson.build:3:3: ERROR: Dependency "nope" not found'),
    # muon, which is Meson in C
    Rule(FindingKind.MESON_ERROR, "required dependency not found", r"(?:^|\s)(?P<file>[^\s:]*meson\.build):(?P<line>\d+):\d+: error required dependency not found", "Add the package that ships it to `dependencies`.", subject="dependency", then=r"dependency\('(?P<subject>[^']+)'", within=2,
         example="meson.build:2:1: error required dependency not found",
         counterexample='meson.build:3:3: ERROR: Dependency "nope" not found'),
    # clang, which names no tool where it reads its options
    Rule(FindingKind.CONFIGURE_CHECK, "unknown warning option '", r"^error: unknown warning option '(?P<subject>[^']+)'", _OPTION,
         example="error: unknown warning option '-Wlogical-op' [-Werror,-Wunknown-warning-option]",
         counterexample="warning: unknown warning option '-Wlogical-op' [-Wunknown-warning-option]"),
    Rule(FindingKind.CONFIGURE_CHECK, "invalid value '", r"^error: invalid value '[^']*' in '(?P<subject>[^']+)'", "This compiler is older than the standard in {subject}: test for it in configure before using it.",
         example="error: invalid value 'gnu23' in '-std=gnu23'",
         counterexample="clang: error: invalid linker name in argument '-fuse-ld=nope'"),
    Rule(FindingKind.CONFIGURE_CHECK, "unknown target triple", r"^error: unknown target triple '(?P<subject>[^']+)'", "This clang does not know the target {subject}: correct --target.",
         example="error: unknown target triple 'unknown-unknown-hurd-none'",
         counterexample="ninja: error: unknown target 'docs'"),
    Rule(FindingKind.CONFIGURE_CHECK, "unrecognized -march target", r"error: unrecognized '?-march'? target: (?P<subject>\S+)", "This compiler does not know the processor {subject}: correct -march in CFLAGS.",
         example="arm-linux-gnueabihf-gcc: error: unrecognized -march target: native-x",
         counterexample="cc1: error: bad value ('nope') for '-march=' switch"),
)  # fmt: skip
