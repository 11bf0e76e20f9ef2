"""Advice about missing things that no package of their own brings: parts of the C library, files of the tree, package managers."""

import re

import attrs

from ciforge.diagnose.names.c_names import C_NAMES
from ciforge.diagnose.names.standard_headers import header_of, is_standard_header
from ciforge.model.finding import Basis, Finding, FindingKind

_LIBC = frozenset(["c", "m", "pthread", "gcc", "gcc_s", "c_nonshared"])
_ONLY_SOMEWHERE = frozenset(["dl", "rt", "util", "resolv"])
"""Parts of the C library that glibc and musl have as libraries, and other systems not all."""
_START = re.compile(r"(?:\S*/)?[gSM]?crt[1in]\.o|(?:\S*/)?crt(?:begin|end)S?T?\.o")
"""The first and last objects of each program."""
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
_WINDOWS = (
    "{0} is of POSIX, and this C library of Windows lacks it: include it only where it exists (a check in configure, or #ifndef _WIN32), "
    "with what Windows has in its place."
)
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_LIBRARY = (
    "{0} is of the C library or the compiler: add `libc` to `dependencies`, and for -static its static libraries (glibc-static). "
    "If it is there, the linker looks elsewhere: see --sysroot, -m32 and the target."
)
_LIBRARY_ONLY_SOMEWHERE = (
    "Not every system has a library {0}: test for its functions in configure (AC_SEARCH_LIBS), or do not link it here. "
    "Where the C library has it, add `libc` to `dependencies`, and for -static its static libraries (glibc-static)."
)
_LIBRARY_OF_CXX = (
    "{0} is the library of the C++ compiler: add `c++` to `dependencies`, and for -static its static library (libstdc++-static, where it is a package of its own). "
    "If it is there, the linker looks elsewhere: see --sysroot, -m32 and the target."
)
_PATTERN = "{0} is a pattern, which GNU make knows: run gmake; other makes take the % as it stands."
_EMPTY = "The variable with the name of the program before {0} is empty: configure or the Makefile did not find it. See what sets it."
_SOURCE = "{0} is a source that is included: it is not in the tree, or a rule that did not run makes it. See that rule, and whether the compiler looks in the folder of the build (-I.)."
_MANAGER = "The image has no {0}: it is of another distribution than this command expects."
_SCRIPT = "{0} is a script of the tree, whose folder is not in PATH: call it as ./{0}, or with its folder, and see whether it is in the archive."
_FILE = "{0} is not in the tree, or may not be run: see what should make it (autoreconf -fi for scripts of autotools), and whether it is in the archive."
_CHECK = "Every C library has {0}, so the check itself failed: see config.log for the compiler's message."


_SUBTREE = re.compile(
    r"(?:^|/)(?:submodules?|third[-_]?party|external|externals|extern|vendor|deps|subprojects|contrib)/"
)
_MANUAL = re.compile(r"(?!.*\.so\.)\S*\w\.[1-9](?:x|pm|ssl)?")
_MANUAL_TOOL = " A manual page may need a tool that configure did not find (asciidoc, help2man, pod2man, rst2man): see its warnings."
_SUBMODULE = " It may be in a submodule: git submodule update --init --recursive."
_TARGET = "This Makefile has no target {0}: see what asks for it, and whether both are of the same version (a submodule may be old)."


_UNSEEN = "No declaration of {0} is seen there: it is misspelt or was removed, stands under an #if that does not hold on this system, or in a header that is not included."
_NAMES = (
    (re.compile(r"SIOC[GSAD]\w+"), "On SunOS {0} is in <sys/sockio.h>, or needs -DBSD_COMP before <sys/ioctl.h>; the BSDs, Darwin and Linux have it in <sys/ioctl.h> or <net/if.h>. Test for it in configure."),
    (re.compile(r"ETHER_(?:ADDR|HDR)_LEN|ETHERTYPE_\w+"), "{0} is in <net/ethernet.h> of glibc, musl, FreeBSD and Darwin, <netinet/if_ether.h> of OpenBSD, <net/if_ether.h> of NetBSD; SunOS has ETHERADDRL in <sys/ethernet.h>."),
    (re.compile(r"(?:FION|TIOC)\w+"), "{0} is in <sys/ioctl.h>; SunOS has it in <sys/filio.h> or <sys/termios.h>, or with -DBSD_COMP."),
    (re.compile(r"[a-z_]\w*[a-z0-9]"), _UNSEEN),
)  # fmt: skip
"""Names without a header of ISO C or POSIX, from the headers of illumos, the BSDs, glibc and musl."""


def with_known_name(finding: Finding) -> Finding:
    """The finding with advice that fits, where no package has the name that it is about."""
    text = _advice(finding)
    if not text or finding.basis is Basis.ASKED:
        return finding
    kind = FindingKind.CONFIGURE_CHECK if text is _CHECK else finding.kind
    _, suggests, name = finding.advice.partition(" The compiler suggests ")
    return attrs.evolve(
        finding,
        kind=kind,
        advice=text.format(finding.subject) + suggests + name,
        basis=Basis.DEDUCED if text is _SCRIPT else Basis.MANUAL,
    )


def _advice(finding: Finding) -> str:
    """The sentence about a name; empty if a package may have it."""
    name = finding.subject
    if finding.kind is FindingKind.MISSING_HEADER:
        return _advice_of_header(finding)
    if finding.kind is FindingKind.MISSING_LIBRARY:
        return _advice_of_library(name)
    if (
        finding.kind is FindingKind.MISSING_PACKAGE
        and "configure" in finding.root_line
        and header_of(name)
    ):
        return _CHECK
    if finding.kind is FindingKind.UNDECLARED and finding.advice.startswith(
        "Include the header that defines"
    ):
        return next((text for names, text in _NAMES if names.fullmatch(name)), "")
    if finding.kind is FindingKind.MAKE_RULE:
        return _advice_of_target(finding)
    return _advice_of_tool(finding) if finding.kind is FindingKind.MISSING_TOOL else ""


def _advice_of_header(finding: Finding) -> str:
    """The sentence about a header of every system, or a source that is included; empty for others."""
    name = finding.subject
    if name.endswith((".c", ".cc", ".cpp")):
        return _SOURCE
    if not is_standard_header(name):
        return ""
    return _WINDOWS if _DRIVE.match(finding.file) and name not in C_NAMES else _HEADER


def _advice_of_library(name: str) -> str:
    """The sentence about a library that comes with the C library or the compiler; empty for others."""
    if name in _ONLY_SOMEWHERE:
        return _LIBRARY_ONLY_SOMEWHERE
    if name in ("stdc++", "c++", "c++abi", "supc++"):
        return _LIBRARY_OF_CXX
    return _LIBRARY if name in _LIBC or _START.fullmatch(name) else ""


def _advice_of_tool(finding: Finding) -> str:
    """The sentence about a program that no package brings; empty if one may."""
    if not finding.advice.startswith("Add the package of "):
        return ""
    if finding.subject.startswith(("./", "../")):
        return _FILE
    if finding.subject.startswith("-"):
        return _EMPTY
    if "/" not in finding.subject and finding.subject.endswith(_SCRIPTS):
        return _SCRIPT
    return _MANAGER if finding.subject in _MANAGERS else ""


_SCRIPTS = (".sh", ".pl", ".py", ".awk", ".tcl", ".lua")


def _advice_of_target(finding: Finding) -> str:
    """The sentence about a target that make cannot make; empty if that of its rule is as good."""
    if "%" in finding.subject and "know how to make" in finding.root_line:
        return _PATTERN
    if _SUBTREE.search(finding.subject) and "is not in the tree" in finding.advice:
        return finding.advice.replace("{", "{{").replace("}", "}}") + _SUBMODULE
    if _MANUAL.fullmatch(finding.subject) and "is not in the tree" in finding.advice:
        return finding.advice.replace("{", "{{").replace("}", "}}") + _MANUAL_TOOL
    plain = finding.subject.replace("-", "").replace("_", "").isalnum()
    asked = "needed by" not in finding.root_line and any(
        words in finding.root_line for words in ("No rule to make target", "unknown target '")
    )
    return _TARGET if plain and asked and "is not in the tree" in finding.advice else ""
