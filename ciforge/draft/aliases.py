"""What a tree names that points to a dependency, and what points to nothing: tables beside the great one."""

import re
from collections.abc import Iterator, Mapping

from ciforge.draft.evidence import RequirementKind
from ciforge.model.belongings import BELONGINGS, Belongings


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NOTHING: Mapping[RequirementKind, frozenset[str]] = {
    RequirementKind.LIBRARY: frozenset(
        # libc's and the compiler's
        _words(
            "c m dl rt pthread pthreads util resolv nsl anl intl iconv gcc gcc_s stdc++ atomic gomp"
        )
        # of systems that are no Linux
        + _words(
            "socket gen kvm devstat perfstat kstat prop xnet posix4 sun imsg network bind inet"
        )
        + _words(
            "sendfile cposix sec ws2_32 winmm dld proc execinfo bsm svld c_r thr rpcsvc resorv"
        )
        + _words(
            "iphlpapi malloc util-freebsd fetch geom jail procstat sbuf vmmapi advapi32 crypt32 bcrypt"
        )
    ),
    RequirementKind.MODULE: frozenset(
        _words("threads dl intl iconv openmp appleframeworks m rt pthread")
    ),
    RequirementKind.CMAKE: frozenset(_words("PkgConfig Threads Git Doxygen Iconv Intl OpenMP")),
}
"""What needs no package, or is not to be had here; nobody needs to hear of it."""

OTHER_NAMES: Mapping[str, str] = {
    "build-essential": "cc",
    "g++": "c++",
    "gcc-c++": "c++",
    "libncurses5-dev": "ncurses",
    "libncursesw5-dev": "ncurses",
    "libncursesw6-dev": "ncurses",
    "libdb5.3-dev": "db",
    "libldap2-dev": "openldap",
    "libpcap0.8-dev": "libpcap",
    "pkg-config": "pkg-config",
    "pkgconf": "pkg-config",
    "pkgconfig": "pkg-config",
    "base-devel": "cc",
    "build-base": "cc",
    "ninja-build": "ninja",
}
"""Packages under former names, and those that only bring others, to dependencies."""

FOR_CI = frozenset(
    _words("base bash grep sed shadow util-linux bzip2 unzip software-properties-common")
    + _words("apt-transport-https apt-utils binutils ca-certificates ccache clang clang-format")
    + _words("clang-tidy clang-tools codespell coreutils cppcheck curl devscripts dnf-plugins-core")
    + _words("docker doas dpkg-dev fakeroot file fortify-headers gcc gdb git git-core glibc-devel")
    + _words("gnupg gnupg2 jq lcov linux-headers llvm locales lsb-release make man-db nodejs npm")
    + _words("openssh openssh-client pipx procps python3-pip python3-venv rsync shellcheck")
    + _words("software-properties-common ssh sudo tzdata unzip valgrind vim wget which zip")
)
"""Packages that a CI installs for itself: fetching, checking, looking around."""

IMPLIED = frozenset(("cc", "libc", "make", "pkg-config", "findutils", "useradd-tool"))
"""Dependencies that every recipe for C brings along."""

ANYWAY = IMPLIED | {
    "clang", "ccache", "git", "ca-certificates", "tar", "gzip", "xz", "which", "diffutils", "patch",
}  # fmt: skip
"""These, and what a list of packages names for the CI's own sake."""

COMPILERS = re.compile(
    r"(?:gcc|g\+\+|clang|llvm|lld|lldb|clang-tools|clang-tidy|clang-format|libc\+\+)-?[0-9.]+(?:-dev)?"
)
"""Certain versions of compilers, which a variant may ask for."""

FOR_BOOTSTRAP = frozenset(("autoconf", "automake", "libtool", "m4", "autoconf-archive"))
"""What is only needed where configure has to be made."""


def index() -> Mapping[tuple[RequirementKind, str], Belongings]:
    """Every row by each of its names."""
    return {(kind, name): row for row in BELONGINGS for kind, name in _names(row)}


def headers() -> tuple[str, ...]:
    """All headers and folders of headers that point to something."""
    return tuple(name for row in BELONGINGS for name in row.headers)


def by_name() -> Mapping[str, Belongings]:
    """The rows by their dependency."""
    return {row.name: row for row in BELONGINGS}


def _names(row: Belongings) -> Iterator[tuple[RequirementKind, str]]:
    yield from ((RequirementKind.HEADER, name) for name in row.headers)
    yield from ((RequirementKind.LIBRARY, name) for name in row.libraries)
    yield from ((RequirementKind.MODULE, name) for name in row.modules)
    yield from ((RequirementKind.CMAKE, name) for name in row.cmake)
    yield from ((RequirementKind.TOOL, name) for name in row.tools)
