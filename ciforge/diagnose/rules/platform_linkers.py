"""Linkers of Solaris and illumos, macOS and zig.

Wordings: usr/src/cmd/sgs/libld/common/libld.msg of illumos/illumos-gate, src/ld of
apple-oss-distributions/ld64 and the new linker of Xcode 15, src/link of ziglang/zig and zig 0.17.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_OPTION = "This linker does not know {subject}: test for it in configure before using it."
_CLASS = "{subject} is built for 32 bits or for another processor: take the library of this build."

SECTIONS = (
    Section("solaris-text", "relocation remains", r"^Text relocation remains\s+referenced", 400),
)

RULES = (
    Rule(FindingKind.CONFIGURE_CHECK, "ld: fatal: unrecognized option", r"^ld: fatal: unrecognized option '(?P<subject>[^']+)'", _OPTION,
         example="ld: fatal: unrecognized option '--gc-sections'",
         counterexample="ld: fatal: use the -z help option for usage information"),
    Rule(FindingKind.CONFIGURE_CHECK, "has illegal argument", r"^ld: fatal: option '?(?P<option>-[\w-]+)'? has illegal argument '(?P<value>[^']+)'", _OPTION, subject="{option} {value}",
         example="ld: fatal: option -z has illegal argument 'noexecstack'",
         counterexample="ld: fatal: unrecognized option '--gc-sections'"),
    Rule(FindingKind.CONFIGURE_CHECK, " is incompatible with ", r"^ld: fatal: (?:option )?'?(?P<subject>-[\w-]+)'?(?: option| and -[\w-]+ options?)? (?:is|are) incompatible with (?P<what>\S.*)$", "This linker refuses {subject} with {what}: leave the option out here, or test for it in configure.",
         example="ld: fatal: -Bsymbolic option is incompatible with building a dynamic executable",
         counterexample="ld: warning: file a.o is incompatible with b.o"),
    Rule(FindingKind.RELOCATION, "", r"^(?P<subject>[A-Za-z_.<]\S*)\s+0x[0-9a-f]+\s+\S+$", "Compile what is linked here with -fPIC (assembler too), or allow it with -z textoff.", inside="solaris-text",
         example="frob_fill               0x1454a3    x86/frob.asm.o",
         counterexample="    against symbol                  offset      in file"),
    Rule(FindingKind.RELOCATION, "relocations remain against", r"^ld: fatal: (?P<subject>relocations remain) against allocatable but non-writable sections", "Compile what is linked here with -fPIC (assembler too), or allow it with -z textoff.", weight=Weight.VAGUE,
         example="ld: fatal: relocations remain against allocatable but non-writable sections",
         counterexample="ld: fatal: relocation error: R_386_GOTOFF: file x.o: symbol f: bad"),
    Rule(FindingKind.OTHER, "option for usage information", r"^ld: fatal: (?P<subject>use the -z help option)", "See the line above.", weight=Weight.VAGUE,
         example="ld: fatal: use the -z help option for usage information",
         counterexample="ld: fatal: unrecognized option '--gc-sections'"),
    Rule(FindingKind.RELOCATION, "ld: fatal: relocation error", r"^ld: fatal: relocation error: (?P<subject>R_\w+): ", "Compile what is linked here with -fPIC, and do not hide what others use.",
         example="ld: fatal: relocation error: R_386_GOTOFF: file .libs/topology.o: symbol report_os_error: a GOT relative relocation must reference a local symbol",
         counterexample="ld.so.1: regress: fatal: relocation error: file ./regress: symbol explicit_bzero: referenced symbol not found"),
    Rule(FindingKind.MISSING_LIBRARY, "wrong ELF class", r"^ld: fatal: file (?P<subject>[^\s:]+): wrong ELF class", _CLASS,
         example="ld: fatal: file /usr/lib/libevent.so: wrong ELF class: ELFCLASS32",
         counterexample="ld.so.1: regress: fatal: /opt/lib/libevent.so: wrong ELF class: ELFCLASS32"),
    Rule(FindingKind.SYNTAX_ERROR, "ld: fatal: ", r"^ld: fatal: (?P<file>[^\s:]+): (?P<line>\d+): (?P<subject>\S.*)$", "This linker does not read the mapfile {file}: mapfiles of Solaris have a syntax of their own.",
         example="ld: fatal: prog.map: 12: expected a ';'",
         counterexample="ld: fatal: file /usr/lib/libevent.so: wrong ELF class: ELFCLASS32"),
    Rule(FindingKind.MISSING_DSO, "symbol belongs to implicit dependency", r"^(?P<subject>[A-Za-z_]\S*)\s+\S+\s+\(symbol belongs to implicit dependency (?:\S*/)?(?P<library>[\w+-]+)\.so[^)]*\)", "Name {library} on the command line: the linker does not search the dependencies of libraries.", inside="solaris-undefined",
         example="recv                                src/lib.a(httpstorage.o)  (symbol belongs to implicit dependency /lib/amd64/libsocket.so.1)",
         counterexample="strsep                              compat.o"),
    # GNU ld
    Rule(FindingKind.MISSING_LIBRARY, "treating as linker script", r"(?:^|/|\s)ld(?:\.\w+)?: ?(?P<subject>[^\s:]+): file format not recognized; treating as linker script", "{subject} is not an object file: an interrupted build left it, or a download was not what it should be. Remove it and build again.",
         example="/usr/bin/ld:a.o: file format not recognized; treating as linker script",
         counterexample="/usr/bin/ld: old.o: file not recognized: file format not recognized"),
    Rule(FindingKind.MISSING_LIBRARY, "in wrong format", r"(?:^|/|\s)\S*ld(?:\.\w+)?: (?P<subject>[^\s:]+): (?:error adding symbols: )?file in wrong format", "{subject} is built for another processor or system: remove it, and build it again for this one.",
         example="/usr/bin/ld: lib/foo.o: file in wrong format",
         counterexample="/usr/bin/ld: old.o: file not recognized: file format not recognized"),
    Rule(FindingKind.MISSING_LIBRARY, "has no index", r"(?:^|/|\s)\S*ld(?:\.\w+)?: (?:error: )?(?P<subject>[^\s:]+): (?:error adding symbols: )?archive has no index", "{subject} has no index of its symbols: run ranlib on it, and make it with the ar of this compiler ($(AR)).",
         followed=True,
         example="/usr/bin/ld: libfrob.a: error adding symbols: archive has no index; run ranlib to add one",
         counterexample="ranlib: file: libx.a(error.o) has no symbols"),
    Rule(FindingKind.MISSING_LIBRARY, "No such file: ", r"(?:^|/|\s)\S*ld(?:\.\w+)?: (?P<subject>[^\s:]+): No such file: No such file or directory", "{subject} does not exist: the package that ships it or the rule that creates it is missing.",
         example="/usr/bin/ld: ../lib/libcompat.a: No such file: No such file or directory",
         counterexample="ld: cannot find ../lib/libcompat.a: No such file or directory"),
    Rule(FindingKind.TYPE_CONFLICT, "TLS definition in ", r"(?:^|/|\s)\S*ld(?:\.\w+)?: (?P<subject>\w+): TLS (?:definition|reference) in \S+.* mismatches non-TLS ", "One place declares {subject} as thread-local and another one does not: include the header that declares it (<errno.h> for errno), and remove `extern` declarations of it.",
         example="/usr/bin/ld: errno: TLS definition in /lib/libc.so.6 section .tbss mismatches non-TLS reference in a.o",
         counterexample="/usr/bin/ld: /lib/libc.so.6: error adding symbols: bad value"),
    Rule(FindingKind.CONFIGURE_CHECK, "unrecognised emulation mode", r"(?:^|/|\s)\S*ld(?:\.\w+)?: unrecogni[sz]ed emulation mode: (?P<subject>\S+)", "This linker does not link for {subject}: take the linker of that target, or test for -m in configure.",
         example="/usr/bin/ld: unrecognised emulation mode: elf_amd64_fbsd",
         counterexample="Supported emulations: elf_x86_64 elf32_x86_64"),
    # LLVM
    Rule(FindingKind.UNDEFINED_SYMBOL, "undefined symbol: ", r"(?:^|/|\s)wasm-ld(?:-\d+)?: error: (?P<file>[^\s:]+)(?:\([^)]*\))?: undefined symbol: (?P<subject>\S+)", "No library of this target has {subject}: WebAssembly has no processes and few system calls, so leave out what calls it, or check for it in configure.",
         example="wasm-ld: error: proc.o: undefined symbol: fork",
         counterexample="wasm-ld: error: unknown argument: --nope"),
    Rule(FindingKind.UNDEFINED_SYMBOL, "undefined symbol '", r"(?:^|/|\s)(?:ld\.lld|ld|lld): error: (?P<file>[^\s:]+):\(.*\): undefined symbol '(?P<subject>[^']+)'", "Link the library that defines {subject}, or check for it in configure and ship a replacement.",
         example="/usr/bin/ld.lld: error: src/main.c:(function main): undefined symbol 'frob_init'",
         counterexample="ld.lld: error: undefined symbol: missing_fn"),
    Rule(FindingKind.MISSING_LIBRARY, "is incompatible with", r"(?:^|/|\s)(?:ld\.lld|ld|lld): (?:error|warning): (?P<subject>[^\s:]+) is incompatible with (?P<wanted>\S+)", "{subject} is built for another processor or system than {wanted}: take the library of this build.",
         example="ld.lld: error: /usr/local/lib/libfrob.so is incompatible with elf_x86_64",
         counterexample="ld.lld: error: unable to find library -lnope"),
    # macOS
    Rule(FindingKind.MISSING_LIBRARY, "but attempting to link with file built for", r"^ld: warning: ignoring file '?(?P<subject>[^\s',]+)'?, building for \S+ but attempting to link with file built for (?P<found>\S+)", "{subject} is built for {found}: take a library for the architecture of this build.", weight=Weight.WEAK, lasting=True,
         example="ld: warning: ignoring file /opt/lib/libevent.dylib, building for macOS-x86_64 but attempting to link with file built for macOS-arm64",
         counterexample="ld: warning: ignoring duplicate libraries: '-lm'"),
    Rule(FindingKind.MISSING_LIBRARY, "which is not the architecture being linked", r"^ld: warning: ignoring file '?(?P<subject>[^\s',]+)'?, file was built for .* which is not the architecture being linked \((?P<wanted>\w+)\)", "{subject} is not built for {wanted}: take a library for the architecture of this build.", weight=Weight.WEAK, lasting=True,
         example="ld: warning: ignoring file libz.a, file was built for archive which is not the architecture being linked (arm64): libz.a",
         counterexample="ld: warning: ignoring file '/usr/local/lib/libevent.dylib': found architecture 'x86_64', required architecture 'arm64'"),
    Rule(FindingKind.MISSING_LIBRARY, "ld: warning: ignoring file", r"^ld: warning: ignoring file '?(?P<subject>[^\s',]+)'?[,:] .*?(?:found architecture|architecture) '?(?P<found>(?!being\b)[\w]+)'?", "{subject} is built for {found}: take a library for the architecture of this build.", weight=Weight.WEAK, lasting=True,
         example="ld: warning: ignoring file '/usr/local/lib/libevent.dylib': found architecture 'x86_64', required architecture 'arm64'",
         counterexample="ld: warning: directory not found for option '-L/opt/lib'"),
    Rule(FindingKind.MISSING_LIBRARY, "incompatible architecture (have", r"'(?P<subject>[^']+)' \([\w -]*, but is an incompatible architecture \(have '(?P<found>[^']+)'", "{subject} is built for {found}: remove it, and build it again for the architecture of the program that loads it.",
         example="ImportError: dlopen(/b/_frob.so, 0x0002): tried: '/b/_frob.so' (mach-o file, but is an incompatible architecture (have 'x86_64', need 'arm64'))",
         counterexample="tried: '/b/_frob.so' (no such file)"),
    Rule(FindingKind.CONFIGURE_CHECK, "ld: unknown option", r"^ld: unknown options?: (?P<subject>[^\s=]+)", _OPTION,
         example="ld: unknown options: --version-script=prog.map",
         counterexample="ld.lld: error: unknown argument '--nope'"),
    # zig
    Rule(FindingKind.UNDEFINED_SYMBOL, "undefined symbol: ", r"^error: (?:ld\.lld: )?undefined symbol: (?P<subject>[^\s(]+)", "Link the library that defines {subject}, or check for it in configure and ship a replacement.", then=r"^\s+note: referenced by (?P<file>[^\s:()]+\.\w+):(?P<line>\d+)", within=1,
         example="error: ld.lld: undefined symbol: pledge",
         counterexample="ld.lld: error: undefined symbol: missing_fn"),
    Rule(FindingKind.MISSING_LIBRARY, "unable to find ", r"^error: unable to find (?:dynamic|static)? ?(?:system )?library ['\"](?P<subject>[^'\"]+)['\"]", "Add the package that ships {subject} to `dependencies`, or do not link it here.",
         example="error: unable to find dynamic system library 'event' using strategy 'paths_first'. searched paths: none",
         counterexample="ld.lld: error: unable to find library -lnope"),
    Rule(FindingKind.CONFIGURE_CHECK, "unable to parse target", r"^error: unable to parse target(?: query)? '(?P<subject>[^']+)'", "This zig does not know the target {subject}: `zig targets` lists those that it knows.",
         example="error: unable to parse target query 'x86_64-solaris11': UnknownOperatingSystem",
         counterexample="error: unable to find dynamic system library 'event' using strategy 'paths_first'. searched paths: none"),
)  # fmt: skip
