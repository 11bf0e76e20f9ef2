"""Rules for changes between versions of a language or tool: C23, feature-test macros, autotools, Go, macOS.

Wordings: gcc 8 to 16 and clang 19 in Debian 13, devel/metaauto of openbsd/ports, the missing script of
automake, src/cmd/go/internal/toolchain/select.go of golang/go, clang/lib/Driver/Job.cpp of llvm.
"""

from ciforge.diagnose.rules.rule import ERROR, Rule, Weight
from ciforge.model.finding import FindingKind

_KEYWORD = "{subject} is a keyword of C23, the default of newer compilers: rename it, or build with -std=gnu17."
_C23 = r"(?P<subject>bool|true|false|nullptr|thread_local|constexpr|static_assert|alignas|alignof|typeof|typeof_unqual)"
_WRAPPER = "The wrappers of OpenBSD need it: export AUTOCONF_VERSION and AUTOMAKE_VERSION with versions that are installed, as AUTOCONF_VERSION=2.72."
_VISIBLE = "A feature-test macro in the command (_XOPEN_SOURCE, _POSIX_C_SOURCE, -std=c99) hides {subject}: define the macro of the system as well (__BSD_VISIBLE, _NETBSD_SOURCE, _DARWIN_C_SOURCE, __EXTENSIONS__, _DEFAULT_SOURCE), or do not define it."
_MEMORY = "Give the build more memory, or fewer parallel processes."
_TOOLCHAIN = "This {subject} cannot be fetched for this system: take a newer Go from the packages, or lower the version in go.mod."

RULES = (
    Rule(FindingKind.SYNTAX_ERROR, "cannot combine with previous", ERROR + r"(?P<subject>cannot combine with previous '\w+' declaration specifier)", "Look at {file}:{line}: two types stand where one may, or a keyword is used as a name.",
         example="x.h:3:13: error: cannot combine with previous 'int' declaration specifier",
         counterexample="x.c:1:1: error: multiple data types in declaration specifiers"),
    Rule(FindingKind.SYNTAX_ERROR, "loop initial declarations", r"(?:^|(?<=[\s(]))(?P<file>[^\s:]+):(?P<line>\d+)(?::\d+)?: (?:error: )?(?P<subject>'for' loop initial declarations?) (?:are|used outside|is)", "This compiler takes C90 unless it is told: build with -std=gnu99 or newer (CFLAGS, AC_PROG_CC_C99, or C_STANDARD in CMake), or declare the variable before the loop.",
         example="frob.c:56:2: error: 'for' loop initial declarations are only allowed in C99 mode",
         counterexample="frob.c:56:2: note: use option -std=c99 or -std=gnu99 to compile your code"),
    # C23
    Rule(FindingKind.SYNTAX_ERROR, "cannot be used here", ERROR + rf"'{_C23}' cannot be used here", _KEYWORD,
         example="cql2ccl.c:162:12: error: 'bool' cannot be used here",
         counterexample="x.c:1:1: error: 'foo' cannot be used here"),
    Rule(FindingKind.SYNTAX_ERROR, "error: expected ", ERROR + rf"expected (?:identifier|identifier or '\('|';', identifier or '\(') before '{_C23}'", _KEYWORD,
         example="alac_decoder.c:42:9: error: expected identifier before 'false'",
         counterexample="x.c:1:1: error: expected identifier before 'foo'"),
    Rule(FindingKind.SYNTAX_ERROR, " data types in declaration", ERROR + r"(?P<subject>two or more|multiple) data types in declaration", "Two types stand side by side at {file}:{line}. A name that is a keyword of C23, the default of newer compilers, reads like this: rename it, or build with -std=gnu17.", then=rf"^\s+\d+ \|.*\b{_C23}\b", within=1, words=("data",),
         example="x.c:1:1: error: multiple data types in declaration specifiers",
         counterexample="x.c:1:1: error: expected identifier before 'foo'"),
    Rule(FindingKind.OTHER, "unknown register name", ERROR + r"unknown register name '(?P<subject>[^']+)' in '?asm", "The inline assembler at {file}:{line} is for another processor: use it only there, and C elsewhere.",
         example="f.c:1:16: error: unknown register name 'eax' in 'asm'",
         counterexample="x.s:12: Error: bad register name"),
    # Types that are not defined in the headers that were read
    Rule(FindingKind.INCOMPLETE_TYPE, "pointer to incomplete type '", ERROR + r"dereferencing pointer to incomplete type '(?:const )?(?P<subject>[\w ]+?) \{aka ", "Include the header that defines {subject}; a forward declaration is not enough. If no header does, it is opaque: use the functions of the library.",
         example="x.c:88:15: error: dereferencing pointer to incomplete type 'foo_t {aka struct foo_st}'",
         counterexample="x.c:88:15: error: dereferencing pointer to incomplete type 'struct foo_st'"),
    # Types of the BSDs in headers of the system
    Rule(FindingKind.UNKNOWN_TYPE, "unknown type name 'u_", r"(?:^|(?<=[\s(]))(?P<file>/\S*include/[^\s:]+):(?P<line>\d+)(?::\d+)?: error: unknown type name '(?P<subject>u_(?:int|char|short|long|quad_t|int(?:8|16|32|64)_t))'", _VISIBLE, words=("u_int", "u_char", "u_short", "u_long", "u_quad_t", "u_int8_t", "u_int16_t", "u_int32_t", "u_int64_t"),
         example="/usr/include/sys/sysctl.h:832:25: error: unknown type name 'u_int'; did you mean 'int'?",
         counterexample="p.c:2:1: error: unknown type name 'u_int'"),
    # autotools
    Rule(FindingKind.AUTOTOOLS_VERSION, "environment variable, please", r"^Provide an (?P<subject>AUTO(?:CONF|MAKE)_VERSION) environment variable, please", _WRAPPER,
         example="Provide an AUTOCONF_VERSION environment variable, please",
         counterexample="checking for AUTOCONF_VERSION environment variable"),
    Rule(FindingKind.AUTOTOOLS_VERSION, "is probably too old", r"^WARNING: '(?P<subject>[^']+)' is probably too old\.", "The tarball was made with another version, and a file is newer than what is made of it: touch the generated files, or run autoreconf -fi.", weight=Weight.WEAK, lasting=True,
         example="WARNING: 'automake-1.15' is probably too old.",
         counterexample="WARNING: 'automake-1.15' is missing on your system."),
    # Go
    Rule(FindingKind.GO_MODULE, "toolchain not available", r"^go: download (?P<subject>go[\w.]+) for \S+: toolchain not available", _TOOLCHAIN,
         example="go: download go1.25.0 for openbsd/amd64: toolchain not available",
         counterexample="go: downloading go1.25 (netbsd/arm64)"),
    # What a machine runs out of
    Rule(FindingKind.DISK_FULL, "no space left on device", r"(?:^|[:,(] ?'?|\s)(?P<subject>no space left on device)", "Free disk space, or give the build more: other failures of this job may be consequences.", weight=Weight.RESOURCE,
         example="/opt/go/pkg/tool/linux_amd64/link: mapping output file failed: no space left on device",
         counterexample="Disk usage: 12 GB, no space left unused"),
    Rule(FindingKind.OUT_OF_MEMORY, "unable to execute command: Killed", r"(?:^|[/\s])(?P<subject>[\w.+-]+): error: unable to execute command: Killed", _MEMORY, weight=Weight.RESOURCE,
         example="c++: error: unable to execute command: Killed",
         counterexample="clang: error: unable to execute command: Segmentation fault"),
    Rule(FindingKind.OUT_OF_MEMORY, "was killed: ", r"^pid \d+ \((?P<subject>[^)]+)\),.* was killed: (?:failed to reclaim memory|out of swap space|a thread waited too long)", _MEMORY, weight=Weight.RESOURCE,
         example="pid 4711 (cc1plus), jid 0, uid 65534, was killed: failed to reclaim memory",
         counterexample="pid 4711 (cc1plus), jid 0, uid 65534: exited on signal 11"),
    # macOS
    Rule(FindingKind.MISSING_TOOL, "invalid active developer path", r"^(?P<subject>xcrun): error: invalid active developer path", "The command line tools are gone, as after an upgrade of macOS: run xcode-select --install.",
         example="xcrun: error: invalid active developer path (/Library/Developer/CommandLineTools), missing xcrun at: /Library/Developer/CommandLineTools/usr/bin/xcrun",
         counterexample="xcrun: error: unable to find utility \"clang\", not a developer tool or in PATH"),
    Rule(FindingKind.OTHER, "not agreed to the Xcode license", r"^(?:\S+: )?(?:error: )?You have not agreed to the (?P<subject>Xcode license)", "Run sudo xcodebuild -license accept on the machine.",
         example="You have not agreed to the Xcode license agreements. Please run 'sudo xcodebuild -license' from within a Terminal window to review and agree to the Xcode and Apple SDKs license.",
         counterexample="Agreeing to the Xcode license requires admin privileges"),
)  # fmt: skip
