"""Rules for loading programs: runtime linkers, kernels that refuse a format, and qemu.

Wordings: libexec/ld.so of openbsd/src, libexec/ld.elf_so of NetBSD/src, libexec/rtld-elf/rtld.c of
freebsd/freebsd-src, usr/src/cmd/sgs/rtld/common/rtld.msg of illumos/illumos-gate, Loader.cpp of
apple-oss-distributions/dyld, ldso/dynlink.c of bminor/musl; glibc 2.41 and qemu-user 10 in Debian 13.
"""

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.model.finding import FindingKind

_LIBRARY = "Add the package that ships {subject} to `dependencies`, or set the path of libraries."
_SYMBOL = "The libraries that are loaded do not define {subject}: an older one is found first, or the program was built for a newer system."
_CLASS = "{subject} is built for 32 bits or for another processor: take the library of this build, 64 bits or 32."
_NEWER = "The library that is loaded is older than the one at build time: it has no {subject}."
_FORMAT = "{subject} is built for another processor or system: when cross compiling, do not run it, or run it under emulation."
_EMULATION = "The image is for another processor, and this host does not emulate it: register the emulation (binfmt_misc with qemu-user), or take an image for this platform."
_EMULATED = "The program crashed under emulation: run it on a real machine of this kind to tell a bug of it from one of qemu."
_DYLD = ("dyld", "Symbol")

RULES = (
    Rule(FindingKind.MISSING_LIBRARY, "Library not loaded: @", r"Library not loaded: (?P<subject>@(?:rpath|loader_path|executable_path)/\S+)", "{subject} is looked for beside the program and along its rpath: link with -Wl,-rpath, or set DYLD_LIBRARY_PATH while it runs from the build folder.",
         example="dyld[4711]: Library not loaded: @rpath/libfrob.1.dylib",
         counterexample="dyld: Library not loaded: /usr/local/lib/libevent.dylib"),
    # OpenBSD
    Rule(FindingKind.MISSING_LIBRARY, "can't load library '", r"(?:^|\s)\S+: can't load library '(?P<subject>[^']+)'", _LIBRARY,
         example="ld.so: test_parse: can't load library 'libevent.so.4.1'",
         counterexample="can't load package: package hared/cmd: cannot find package \"hared/cmd\" in any of:"),
    Rule(FindingKind.UNDEFINED_SYMBOL, ": undefined symbol '", r"(?:^|\s)[^\s:]+:(?!\d+:)[^\s:]+: undefined symbol '(?P<subject>[^']+)'", _SYMBOL,
         example="regress:./libparse.so.1.0: undefined symbol 'strtonum_np'",
         counterexample="tcc: error: undefined symbol 'missing_fn'"),
    # NetBSD
    Rule(FindingKind.UNDEFINED_SYMBOL, "Undefined PLT symbol \"", r": Undefined PLT symbol \"(?P<subject>[^\"@]+)", _SYMBOL,
         example='/build/prog/regress: Undefined PLT symbol "reallocarray" (symnum = 31)',
         counterexample='./regress: Undefined symbol "getentropy" referenced from COPY relocation in ./regress'),
    # FreeBSD, NetBSD, DragonFly
    Rule(FindingKind.UNDEFINED_SYMBOL, "Undefined symbol \"", r": Undefined symbol \"(?P<subject>[^\"@]+)(?:@[^\"]*)?\"", _SYMBOL,
         example='ld-elf.so.1: /usr/local/lib/libevent.so.1: Undefined symbol "arc4random_addrandom@FBSD_1.0"',
         counterexample='/build/prog/regress: Undefined PLT symbol "reallocarray" (symnum = 31)'),
    Rule(FindingKind.UNDEFINED_SYMBOL, " required by ", r"^ld-elf\S*: (?P<library>\S+): version (?P<subject>(?!FBSD_|FBSDprivate|DF\d|DF_)\S+) required by (?P<program>\S+) not (?:found|defined)", "{program} was linked with another {library} than the one that is loaded, which has no {subject}: rebuild or update {program}, or put the right library first.",
         example="ld-elf.so.1: /usr/lib/libcrypto.so.30: version OPENSSL_3.2.0 required by /usr/local/lib/libcurl.so.4 not defined",
         counterexample="ld-elf.so.1: /lib/libc.so.7: version FBSD_1.8 required by /usr/local/bin/bison not found"),
    Rule(FindingKind.UNDEFINED_SYMBOL, " required by ", r"^ld-elf\S*: \S+: version (?P<subject>\S+) required by (?P<program>\S+) not (?:found|defined)", "{program} is built for a newer release than this one: the system's library is older and has no {subject}.",
         example="ld-elf.so.1: /lib/libc.so.7: version FBSD_1.8 required by /usr/local/bin/bison not found",
         counterexample='ld-elf.so.1: Shared object "libssl.so.30" not found, required by "libcurl.so.4"'),
    # illumos
    Rule(FindingKind.MISSING_LIBRARY, "open failed", r"^ld\.so\.1: \S+: fatal: (?P<subject>\S+): open failed: No such file", _LIBRARY, weight=Weight.RESOURCE,
         example="ld.so.1: test_parse: fatal: libevent-2.1.so.7: open failed: No such file or directory",
         counterexample="ld.so.1: regress: fatal: /opt/lib/libevent.so: wrong ELF class: ELFCLASS32"),
    Rule(FindingKind.MISSING_LIBRARY, "wrong ELF class", r"^ld\.so\.1: \S+: fatal: (?P<subject>\S+): wrong ELF class", _CLASS, weight=Weight.RESOURCE,
         example="ld.so.1: regress: fatal: /opt/lib/libevent.so: wrong ELF class: ELFCLASS32",
         counterexample="ld: fatal: file /usr/lib/libevent.so: wrong ELF class: ELFCLASS32"),
    Rule(FindingKind.UNDEFINED_SYMBOL, "referenced symbol not found", r"^ld\.so\.1: \S+: fatal: relocation error: file \S+: symbol (?P<subject>[^\s:]+): referenced symbol not found", _SYMBOL, weight=Weight.RESOURCE,
         example="ld.so.1: regress: fatal: relocation error: file ./regress: symbol explicit_bzero: referenced symbol not found",
         counterexample="ld: fatal: relocation error: R_386_GOTOFF: file .libs/topology.o: symbol report_os_error: a GOT relative relocation must reference a local symbol"),
    Rule(FindingKind.UNDEFINED_SYMBOL, "' not found", r"^ld\.so\.1: \S+: fatal: \S+: version '(?P<subject>[^']+)' not found", _NEWER, weight=Weight.RESOURCE,
         example="ld.so.1: m4: fatal: libc.so.1: version 'ILLUMOS_0.41' not found (required by file /usr/gnu/bin/m4)",
         counterexample="./m: ./libpar.so.2: version `PAR_2' not found (required by ./m)"),
    # macOS
    Rule(FindingKind.UNDEFINED_SYMBOL, "Symbol not found: ", r"^dyld(?:\[\d+\])?: (?:lazy symbol binding failed: )?Symbol not found: (?P<subject>[^\s,]+)", "This macOS has no {subject}: build with a deployment target (MACOSX_DEPLOYMENT_TARGET) that is not newer than the system that runs the program.",
         example="dyld[123]: Symbol not found: _strchrnul",
         counterexample="dyld: Library not loaded: /usr/local/lib/libevent.dylib"),
    # musl
    Rule(FindingKind.MISSING_LIBRARY, "error loading shared library", r"Error loading shared library (?P<subject>[^\s:]+): Exec format error", "{subject} is built for another processor or system: take the library of this build.",
         example="Error loading shared library /opt/lib/libfoo.so: Exec format error (needed by ./regress)",
         counterexample="Error loading shared library libevent.so.7: No such file or directory (needed by ./a.out)"),
    # glibc
    Rule(FindingKind.MISSING_LIBRARY, "' not found (required by", r": version '(?P<subject>[^']+)' not found \(required by", _NEWER,
         example="./m: ./libpar.so.2: version `PAR_2' not found (required by ./m)",
         counterexample="E: Version '99' for 'gcc' was not found"),
    # Formats of other processors, emulation
    Rule(FindingKind.OTHER, "Exec format error", r"^(?:[^\s:]+: )?(?:(?:line )?\d+: )?(?P<subject>[^\s:]+): (?:cannot execute(?: binary file)?: )?Exec format error", _FORMAT, weight=Weight.WEAK,
         example="/bin/sh: 1: ./hello: Exec format error",
         counterexample="Error loading shared library /opt/lib/libfoo.so: Exec format error (needed by ./regress)"),
    Rule(FindingKind.OTHER, "ELF", r"^(?P<subject>[^\s:]+): (?:line )?1: \W*ELF\W*.*: not found", _FORMAT, weight=Weight.WEAK, lasting=True,
         example="./hello: 1: ELF: not found",
         counterexample="./gen: 1: elfedit: not found"),
    Rule(FindingKind.OTHER, "exec format error", r"^(?:standard_init_linux\.go:\d+: )?exec \"?(?:(?P<subject>/(?:usr/)?bin/(?:ba|da|a)?sh)\"?|user process caused): exec format error", _EMULATION, subject="exec",
         example="exec /bin/sh: exec format error",
         counterexample="exec /ciforge/src/hello: exec format error"),
    Rule(FindingKind.OTHER, "exec format error", r"^(?:standard_init_linux\.go:\d+: )?exec (?:user process caused: )?(?:\"?(?P<subject>/[^\s:\"]+)\"?: )?exec format error", _FORMAT, subject="exec",
         example="exec /ciforge/src/hello: exec format error",
         counterexample="fork/exec /build/f.test: exec format error"),
    Rule(FindingKind.OTHER, "exec format error", r"^(?:\S+: )?fork/exec (?P<subject>[^\s:]+): exec format error", _FORMAT,
         example="fork/exec /build/f.test: exec format error",
         counterexample='fork/exec: exec: "gcc": executable file not found in $PATH'),
    Rule(FindingKind.MISSING_LIBRARY, "could not open '", r"^(?:(?:\S*/)?qemu-\S+: )?Could not open '(?P<subject>/(?:usr/)?lib\S*/ld[-\d][^']*)': No such file", "The C library of the emulated system is not installed: add it, name it with -L or QEMU_LD_PREFIX, or link statically.",
         example="qemu-aarch64: Could not open '/lib/ld-linux-aarch64.so.1': No such file or directory",
         counterexample="Could not open 'prog.conf': No such file or directory"),
    Rule(FindingKind.OTHER, "uncaught target signal", r"^(?P<subject>qemu)\S*: uncaught target signal \d+", _EMULATED, weight=Weight.WEAK,
         example="qemu: uncaught target signal 11 (Segmentation fault) - core dumped",
         counterexample="make: *** [Makefile:2: check] Segmentation fault (core dumped)"),
)  # fmt: skip
