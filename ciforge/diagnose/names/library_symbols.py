"""Symbols that a linker misses for a known reason: the option that brings them, or what they come from.

Sources: the pages of these functions in the manuals of glibc 2.41, FreeBSD 14, OpenBSD 7.8, NetBSD 10, illumos (section 3, "Libraries")
and musl 1.2.5; libgcc and libatomic of gcc 15 (gcc/doc/libgcc.texi), compiler-rt of llvm, GNU libiconv and gettext.
"""

import re
from collections.abc import Iterator

_ROWS: tuple[tuple[str, str], ...] = (
    (r"__atomic_\w+|__sync_\w+_8", "The processor has no instruction for {name}: link with -latomic there, after the objects (test for it in configure)."),
    (r"__(?:asan|ubsan|tsan|msan|lsan|hwasan|sanitizer)_\w+", "{name} is of a sanitizer: pass the same -fsanitize= when linking as when compiling, or clean and build again."),
    (r"__gcov_\w+|__llvm_(?:gcov|profile)_\w+", "{name} is of coverage: pass --coverage when linking as well, or clean and build again."),
    (r"__?imp_+\w+", "{name} is of a DLL of Windows: link with its import library, after the objects (-lws2_32 has the sockets)."),
    (r"__afl_\w+|__stack_chk_(?:fail|guard)(?:_local)?|__guard_local", "{name} belongs to -fstack-protector: the C library or libssp of this system must have it; link with the compiler, not with ld."),
    (r"__isoc23_\w+", "{name} is of glibc 2.38 and newer: an object or static library was compiled on a newer system; build it again here."),
    (r"__\w+_chk", "{name} is of glibc's _FORTIFY_SOURCE: an object or static library was compiled for glibc; build it again here."),
    (r"__(?:errno_location|h_errno_location|assert_fail|ctype_[bt]\w+_loc|xstat|fxstat|lxstat|isoc99_\w+|libc_start_main|strdup|strtol_internal)", "{name} is of glibc: an object or library was compiled for another C library; build it again here."),
    (r"___?error|__assert\d*|__s(?:rget|wbuf)|__sF|__isthreaded|_CurrentRuneLocale", "{name} is of a BSD's C library: an object or library was compiled for another system; build it again here."),
    (r"__mulo[st]i4|__(?:u?)divei4|__isPlatform\w+|__cpu_model", "{name} is of compiler-rt, the compiler's own library of clang, and libgcc has not got it: link with clang and --rtlib=compiler-rt, or without what calls it (-ftrapv, overflow builtins)."),
    (r"__(?:u?div|u?mod|mul|ash[lr]|lshr|fix|float|cmp|neg|popcount|clz|ctz|mulo)\w*[dst]i\d?|__addtf3|__\w+tf\d?", "{name} is of the compiler's own library: link with the compiler, not with ld, and do not pass -nostdlib without -lgcc."),
    (r"_?_?main|WinMain", "No object has main(): a source with it is missing in the link, or a test program was given no source."),
    (r"(?:sqrt|pow|floor|ceil|log|log10|log2|exp|sin|cos|tan|atan2?|fmod|round|lround|rint|hypot|cbrt|ldexp|frexp|modf|fabs|isnan|isinf)[fl]?", "Link with -lm, after the objects."),
    (r"pthread_\w+|sem_(?:init|wait|post|destroy|open|timedwait)", "Compile and link with -pthread."),
    (r"dl(?:open|sym|close|error|addr)", "Link with -ldl where the C library has no {name} (glibc before 2.34); the BSDs and musl have it in libc."),
    (r"(?:clock_(?:gettime|nanosleep|getres)|timer_\w+|mq_\w+|shm_(?:open|unlink)|aio_\w+|lio_listio)", "Link with -lrt where the C library has no {name} (older glibc, illumos); Darwin lacks some of them."),
    (r"backtrace(?:_symbols(?:_fd)?)?", "Link with -lexecinfo on the BSDs; musl has no {name}: check for it in configure."),
    (r"(?:open|fork)pty|login_tty|(?:pidfile|flopen|expand_number|humanize_number|trimdomain|uu_lock)\w*", "Link with -lutil, which has {name} on the BSDs and in older glibc."),
    (r"crypt(?:_r|_checkpass|_newhash)?", "Link with -lcrypt where the C library has no {name}; add libxcrypt's package on newer Linux."),
    (r"(?:lib)?intl_\w+|_?(?:lib)?(?:ng|dg|dcg|dn)?gettext|bindtextdomain|textdomain|_nl_msg_cat_cntr", "Link with -lintl, which has {name} outside of glibc."),
    (r"(?:lib)?iconv(?:_open|_close|ctl)?", "Link with -liconv if its header is the one that is included (libiconv_ in the name): header and library must be of one package."),
    (r"(?:__)?(?:res_n?(?:init|query|search|mkquery|send|close)|dn_(?:expand|comp|skipname)|ns_(?:initparse|parserr|msg_\w+|name_\w+|sprintrr\w*)|h_errno|hstrerror|inet_net_(?:ntop|pton))", "Link with -lresolv where the C library has no {name} (older glibc, Darwin, illumos)."),
    (r"(?:__xnet_\w+|getnameinfo|getaddrinfo|freeaddrinfo|gethostby\w+|inet_(?:aton|addr|ntop|pton)|socket|bind|connect|listen|accept|sendto|recvfrom|setsockopt|getsockopt)", "Link with -lsocket -lnsl on illumos and its relatives; elsewhere libc has {name}."),
    (r"fts_(?:open|read|close|set|children)", "musl has no {name}: link with -lfts of musl-fts there (test for it in configure), or ship a copy."),
    (r"error(?:_at_line)?|program_invocation(?:_short)?_name", "{name} is of glibc's <error.h> and <errno.h>, and this C library lacks it: use err() and warn() of <err.h>, or ship a replacement."),
    (r"argp_\w+", "Only glibc has {name}: link with -largp of argp-standalone elsewhere."),
    (r"_libmd_\w+|kvm_\w+|kinfo_get\w+|procstat_\w+|devstat_\w+|md5\w*|MD5(?:Init|Update|Final|End|Data|File)|SHA(?:1|256|512)(?:_?(?:Init|Update|Final|End|Data|File))", "The BSDs have {name} in a library of its own (-lkvm, -lprocstat, -lmd): link it there, or ship a copy elsewhere."),
    (r"uuid_(?:generate|parse|unparse|clear|copy|compare)\w*", "Link with -luuid of util-linux; the BSDs have other functions in libc."),
    (r"cap_(?:rights\w*|enter|ioctls\w*)|unveil|pledge", "{name} is of one BSD: check for it in configure and do without elsewhere."),
)  # fmt: skip

_PATTERNS = tuple((re.compile(rf"(?:{pattern})\Z"), advice) for pattern, advice in _ROWS)

_LARGE = re.compile(
    r"(?P<name>(?:[fl]?stat|fstatat|l?seek|open|openat|creat|p?readv?|pwritev?|mmap|f?truncate|fopen|freopen|fseeko|ftello|tmpfile|mkstemp|"
    r"readdir|scandir|glob|nftw|ftw|statv?fs|fstatv?fs|getrlimit|setrlimit|sendfile|posix_fallocate|posix_fadvise|lockf|off|ino|blkcnt|fsblkcnt|fsfilcnt|rlim))64(?P<end>_t)?\Z"
)


def advice_of_symbol(name: str) -> str:
    """What to do about an undefined symbol of this name; empty if its name says nothing."""
    darwin = name.startswith("_") and (name.startswith("___") or not name.startswith("__"))
    plain = name.removeprefix("_") if darwin else name
    return next(_advices(name, plain), "")


def _advices(*names: str) -> Iterator[str]:
    for pattern, advice in _PATTERNS:
        for name in names:
            if pattern.match(name):
                yield advice.format(name=name)


def name_without_64(name: str) -> str:
    """`fstat` for `fstat64`, of glibc's names for large files; empty for other names."""
    match = _LARGE.match(name.removeprefix("struct "))
    return f"{match['name']}{match['end'] or ''}" if match else ""
