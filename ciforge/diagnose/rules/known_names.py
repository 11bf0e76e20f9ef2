"""Advice about missing things that no package of their own brings: parts of the C library, files of the tree, package managers."""

import attrs

from ciforge.diagnose.names.standard_headers import header_of, is_standard_header
from ciforge.model.finding import Basis, Finding, FindingKind

_LIBC = frozenset(
    ["c", "m", "pthread", "dl", "rt", "util", "resolv", "gcc", "gcc_s", "c_nonshared"]
)
_MANAGERS = frozenset(
    [
        "apk", "apt", "apt-get", "aptitude", "dpkg", "yum", "dnf", "microdnf", "rpm", "zypper", "pacman", "emerge", "xbps-install",
        "opkg", "pkg", "pkg_add", "pkgin", "brew", "port", "eopkg", "swupd", "nix-env", "urpmi",
    ]
)  # fmt: skip
_HEADER = (
    "{0} is of the C library or the compiler: add `libc` to `dependencies` (libc6-dev, musl-dev, glibc-devel; on macOS xcode-select --install). "
    "If it is there, the compiler looks elsewhere: see --sysroot, -nostdinc and the target."
)
_LIBRARY = (
    "{0} is of the C library or the compiler: add `libc` to `dependencies`, and for -static its static libraries (glibc-static). "
    "If it is there, the linker looks elsewhere: see --sysroot, -m32 and the target."
)
_MANAGER = "The image has no {0}: it is of another distribution than this command expects."
_FILE = "{0} is not in the tree, or may not be run: see what should make it (autoreconf -fi for scripts of autotools), and whether it is in the archive."
_CHECK = "Every C library has {0}, so the check itself failed: see config.log for the compiler's message."


def with_known_name(one: Finding) -> Finding:
    """The finding with advice that fits, where no package has the name that it is about."""
    text = _advice(one)
    if not text or one.basis is Basis.ASKED:
        return one
    kind = FindingKind.CONFIGURE_CHECK if text is _CHECK else one.kind
    return attrs.evolve(one, kind=kind, advice=text.format(one.subject), basis=Basis.MANUAL)


def _advice(one: Finding) -> str:
    """The sentence about a name; empty if a package may have it."""
    name = one.subject
    if one.kind is FindingKind.MISSING_HEADER and is_standard_header(name):
        return _HEADER
    if one.kind is FindingKind.MISSING_LIBRARY and name in _LIBC:
        return _LIBRARY
    if one.kind is FindingKind.MISSING_PACKAGE and "configure" in one.root_line and header_of(name):
        return _CHECK
    if one.kind is not FindingKind.MISSING_TOOL or not one.advice.startswith("Add the package of "):
        return ""
    if name.startswith(("./", "../")):
        return _FILE
    return _MANAGER if name in _MANAGERS else ""
