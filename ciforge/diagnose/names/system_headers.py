"""Headers that only some systems have, so that no package brings them to the others.

Sources: the folders include and sys of freebsd/freebsd-src, NetBSD/src and openbsd/src, include/uapi/linux of
torvalds/linux, the headers of glibc 2.36 and musl 1.2.5, usr/src/uts/common/sys of illumos/illumos-gate, and xnu and Libc
of apple-oss-distributions.
"""

import re
from collections.abc import Mapping

_BSD = "the BSDs and Darwin"
_OWN: Mapping[str, str] = {
    "Linux": "sys/epoll.h sys/signalfd.h sys/prctl.h sys/fanotify.h sys/sendfile.h sys/capability.h sys/sysinfo.h sys/vfs.h "
    "asm/types.h sys/fsuid.h sys/personality.h netpacket/packet.h",
    "Linux and some BSDs": "byteswap.h sys/inotify.h sys/eventfd.h sys/timerfd.h",
    "Linux, Darwin and some BSDs": "sys/random.h",
    "glibc": "argp.h error.h gnu/libc-version.h gnu/lib-names.h obstack.h mcheck.h",
    "glibc and musl": "features.h",
    "glibc and some BSDs": "printf.h",
    "glibc, the BSDs and Darwin, not of musl": "execinfo.h",
    _BSD: "sys/event.h sys/sysctl.h util.h net/if_dl.h net/route.h net/bpf.h sys/sockio.h vis.h",
    "the BSDs": "sys/endian.h sys/tree.h libutil.h login_cap.h bsd_auth.h sys/pledge.h machine/endian.h kvm.h dev/biovar.h "
    "sys/capsicum.h sys/jail.h readpassphrase.h",
    "Darwin": "mach/mach.h mach/mach_time.h mach-o/dyld.h libkern/OSAtomic.h libkern/OSByteOrder.h TargetConditionals.h "
    "AvailabilityMacros.h CommonCrypto/CommonDigest.h sandbox.h xpc/xpc.h launch.h os/lock.h",
    "SunOS": "port.h sys/devpoll.h priv.h procfs.h sys/filio.h kstat.h door.h ucred.h stropts.h",
    "Windows": "windows.h winsock2.h ws2tcpip.h io.h direct.h process.h conio.h",
    "x86": "immintrin.h emmintrin.h xmmintrin.h smmintrin.h nmmintrin.h tmmintrin.h wmmintrin.h x86intrin.h cpuid.h",
    "ARM": "arm_neon.h arm_acle.h arm_sve.h",
    "glibc and the BSDs, not of musl": "fts.h sys/cdefs.h sys/queue.h",
}  # fmt: skip
_FOLDERS: Mapping[str, str] = {
    "linux/": "Linux", "asm/": "Linux", "asm-generic/": "Linux", "bits/": "glibc", "mach/": "Darwin",
}  # fmt: skip
_HOLDERS = {header: system for system, headers in _OWN.items() for header in headers.split()}


def system_of_header(header: str) -> str:
    """`Linux` for `sys/epoll.h`; empty for headers that a package may bring, or that every system has."""
    if found := _HOLDERS.get(header):
        return found
    return next((system for folder, system in _FOLDERS.items() if header.startswith(folder)), "")


_SYSTEM = re.compile(
    r"(?:/usr(?!/(?:src|ports|obj|pkgsrc|xenocara)/)|/opt|/Library|/Applications|/nix)"
    r"(?:/\S*)?/(?:include|include-fixed|Headers|lib/gcc|lib/clang)/"
)
"""A header of the system or the compiler; a source tree may be below these folders, too."""


def is_of_system(file: str) -> bool:
    """Whether a file is a header of the system or of the compiler."""
    return _SYSTEM.match(file) is not None
