"""Table of the headers that declare the names of the C library, the same on every system."""

from collections.abc import Mapping
from functools import cache

from ciforge.diagnose.names.c_names import C_NAMES
from ciforge.diagnose.names.posix_names import POSIX_NAMES

_TAGS = ("struct ", "union ", "enum ")

OTHER_MACROS: Mapping[str, str] = {
    "major": "sys/sysmacros.h", "minor": "sys/sysmacros.h", "makedev": "sys/sysmacros.h",
    "timerclear": "sys/time.h", "timerisset": "sys/time.h", "timercmp": "sys/time.h", "timeradd": "sys/time.h",
    "timersub": "sys/time.h", "b64_ntop": "resolv.h", "b64_pton": "resolv.h", "res_ninit": "resolv.h",
    "res_nquery": "resolv.h", "res_nsearch": "resolv.h", "res_nclose": "resolv.h", "res_search": "resolv.h",
    "dn_expand": "resolv.h", "dn_skipname": "resolv.h", "ns_initparse": "arpa/nameser.h", "ns_parserr": "arpa/nameser.h",
}  # fmt: skip
"""Names that many systems have as macros, so that no library has them.

Sources: glibc's bits/sysmacros.h, sys/time.h and resolv.h; include/resolv.h and sys/time.h of FreeBSD, NetBSD and OpenBSD.
"""


def header_elsewhere(name: str) -> str:
    """A clause on the systems that have a name in another header than the one that is named; empty for most names."""
    return _ELSEWHERE if name in ("major", "minor", "makedev") else ""


_ELSEWHERE = " (the BSDs and Darwin have it in <sys/types.h>)"


_SYS_TYPES = "u_char u_short u_int u_long u_int8_t u_int16_t u_int32_t u_int64_t quad_t u_quad_t caddr_t daddr_t"
"""Types that POSIX does not have, and every system has in sys/types.h, unless a feature-test macro hides them."""
_EVERYWHERE = {"struct:winsize": "sys/ioctl.h"}
"""Headers of names that POSIX.1-2024 added to another header, which C libraries do not have there yet."""


@cache
def _headers() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for table in (POSIX_NAMES, C_NAMES):
        for header, names in table.items():
            found |= dict.fromkeys(names.split(), header)
    return dict.fromkeys(_SYS_TYPES.split(), "sys/types.h") | found | _EVERYWHERE


def header_of(name: str) -> str:
    """`fcntl.h` for `O_CREAT`, `sys/stat.h` for `struct stat`; empty if neither ISO C nor POSIX has the name."""
    for tag in _TAGS:
        if name.startswith(tag):
            return _headers().get(f"struct:{name.removeprefix(tag)}", "")
    return _headers().get(name, "") or _headers().get(f"struct:{name}", "")


def is_standard_header(header: str) -> bool:
    """Whether ISO C or POSIX has the header."""
    return header in C_NAMES or header in POSIX_NAMES


def macro_header_of(name: str) -> str:
    """The header of a name that no library has, because it is a macro; empty if nobody knows of one."""
    if header := OTHER_MACROS.get(name, ""):
        return header
    return header_of(name) if name.isupper() or name in _LOWER_MACROS else ""


_LOWER_MACROS = frozenset(
    [
        "assert",
        "errno",
        "va_start",
        "va_arg",
        "va_end",
        "va_copy",
        "offsetof",
        "setjmp",
        "sigsetjmp",
        "isnan",
        "isinf",
        "isfinite",
        "isnormal",
        "signbit",
        "fpclassify",
        "isgreater",
        "isless",
        "alignof",
        "htobe16",
        "htobe32",
        "htobe64",
        "htole16",
        "htole32",
        "htole64",
        "be16toh",
        "be32toh",
        "be64toh",
        "le16toh",
        "le32toh",
        "le64toh",
    ]
)
"""Names of ISO C and POSIX in small letters that are, or may be, only macros."""
