"""Package managers of the BSDs, illumos, macOS, Void, Alpine 3, Fedora's dnf5, and of apt 3 and pacman 7.

Wordings: usr.sbin/pkg_add/OpenBSD of openbsd/src, pkgtools/pkg_install of NetBSD/pkgsrc, messages.h of
NetBSDfr/pkgin, src/ and libpkg/ of freebsd/pkg, api_errors.py of oracle/solaris-ips, exceptions.rb of
Homebrew/brew, port.tcl of macports/macports-base, transaction.c of void-linux/xbps, commit.c of
alpinelinux/apk-tools, log_event.cpp of rpm-software-management/dnf5, lib/libalpm of pacman; apt 3.0,
dnf 4.23, zypper 1.14 and pacman 7.0 in Debian 13.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_ABSENT = "{subject} does not exist under this name in this release: correct the dependency for it."
_NET = "A mirror or the network failed: run the job again; nothing is wrong with the source."
_GONE = "The mirror does not have {subject}: the address is wrong, or this release is past its end and a newer one must be taken."
_DEPENDS = "{subject} cannot be installed with the other packages: look for one that is held back or removed."
_KEYS = "The keyring is older than the package: update the keyring first."
_URL = r"\w+://(?:[^\s/@]*@)?(?P<subject>[A-Za-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?"

SECTIONS = (
    Section("ips", "did not match any allowable packages", r"^pkg(?: \S+)?: The following pattern\(s\) did not match any allowable packages", 4, True, True),
    Section("ips-version", "can be installed", r"^pkg(?: \S+)?: No matching version of \S+ can be installed:", 4, False, True),
    Section("ips-network", "Unable to contact valid package repository", r"^Unable to contact valid package repository", 4),
    Section("brew-link", "did not complete successfully", r"^Error: The 'brew link' step did not complete successfully", 6),
)  # fmt: skip

RULES = (
    # Homebrew
    Rule(FindingKind.DEPS_NOT_FOUND, "because conflicting formulae", r"^Error: Cannot install (?P<subject>\S+) because conflicting formulae are installed", "{subject} and a formula that is installed exclude each other: unlink the other one first (brew unlink), as the lines below say.",
         example="Error: Cannot install openssl@3 because conflicting formulae are installed.",
         counterexample="conflicting formulae"),
    Rule(FindingKind.OTHER, "Command Line Tools", r"^Error: Your (?P<subject>Command Line Tools|Xcode) (?:are|is|\([^)]*\) is) too (?:old|outdated)", "Update the {subject} of this machine, or take a newer image of macOS.",
         example="Error: Your Command Line Tools are too outdated.",
         counterexample="Warning: Your Command Line Tools are fine"),
    Rule(FindingKind.DEPS_NETWORK, "Failed to download resource", r"^Error: (?:\S+: )?Failed to download resource \"(?P<subject>[^\"]+)\"", _NET,
         example='Error: libevent: Failed to download resource "libevent"',
         counterexample="Failed to download"),
    # OpenBSD
    Rule(FindingKind.DEPS_NOT_FOUND, "Ambiguous: choose package for", r"^Ambiguous: choose package for (?P<subject>\S+)", "Several packages are called {subject}: name one with its version, as autoconf%2.69.",
         example="Ambiguous: choose package for autoconf",
         counterexample="checking for autoconf... autoconf"),
    Rule(FindingKind.DEPS_NETWORK, ": no such dir", r"^(?P<subject>\w+://\S+): no such dir", _GONE, weight=Weight.WEAK, lasting=True,
         example="https://cdn.example.org/pub/OpenBSD/7.1/packages-stable/amd64/: no such dir",
         counterexample="cd: no such dir"),
    # NetBSD
    Rule(FindingKind.DEPS_NOT_FOUND, "no pkg found for '", r"^pkg_add: no pkg found for '(?P<subject>[^']+)', sorry", _ABSENT,
         example="pkg_add: no pkg found for 'libevent', sorry.",
         counterexample="pkg_add: 1 package addition failed"),
    Rule(FindingKind.DEPS_NETWORK, "can't stat", r"^pkg_add: Can't (?:open|process|stat)\w* " + _URL, _NET,
         example="pkg_add: Can't process http://cdn.example.org/pub/pkgsrc/packages/NetBSD/amd64/10.0/All/bison*: can't stat",
         counterexample="pkg_add: no pkg found for 'libevent', sorry."),
    # FreeBSD
    Rule(FindingKind.DEPS_NETWORK, ": Not Found", r"^(?:pkg|fetch): (?P<subject>\w+://\S+): Not Found", _GONE,
         example="pkg: http://pkg.example.org/FreeBSD:11:amd64/latest/meta.txz: Not Found",
         counterexample="2026-11-22 10:00:00 ERROR 404: Not Found."),
    Rule(FindingKind.DEPS_NETWORK, "pkg: ", r"^pkg: (?:An error occured while fetching package|" + _URL + r"\S*: (?:No address record|Host does not resolve|Connection refused|Operation timed out|Network is unreachable|Authentication error))", _NET,
         example="pkg: https://pkg.example.org/FreeBSD:14:amd64/quarterly/meta.conf: No address record",
         counterexample="pkg: http://pkg.example.org/FreeBSD:11:amd64/latest/meta.txz: Not Found"),
    Rule(FindingKind.DEPS_NOT_FOUND, "wrong architecture: ", r"^pkg: wrong architecture: (?P<subject>\S+) instead of (?P<here>\S+)", "The package is for {subject}, this system is {here}: take the package of this release.",
         example="pkg: wrong architecture: FreeBSD:14:amd64 instead of FreeBSD:13:amd64",
         counterexample="pkg: wrong number of arguments"),
    Rule(FindingKind.DEPS_NOT_FOUND, "wrong OS version", r"pkg: repository (?P<subject>\S+) contains packages for wrong OS version: (?P<there>\S+)", "The packages of {subject} are for a newer minor release ({there}): update the system, take a newer image, or set IGNORE_OSVERSION=yes.",
         example="pkg: repository FreeBSD contains packages for wrong OS version: FreeBSD:12:amd64",
         counterexample="pkg: wrong architecture: FreeBSD:14:amd64 instead of FreeBSD:13:amd64"),
    Rule(FindingKind.DEPS_NETWORK, "size mismatch, cannot continue", r"pkg: cached package (?P<subject>[^\s:]+): (?:missing or )?size mismatch, cannot continue", "The catalogue of this system is older than the mirror's packages: run pkg update -f before, and the job again.",
         example="pkg: cached package git-2.24.1: size mismatch, cannot continue",
         counterexample="pkg: cached package git-2.24.1: size mismatch, fetching from remote"),
    Rule(FindingKind.OTHER, "newer FreeBSD version for package", r"^(?:pkg: )?Newer FreeBSD version for package (?P<subject>[^\s:]+)", "The packages are for a newer minor release: update the system, or set IGNORE_OSVERSION=yes.",
         example="Newer FreeBSD version for package zziplib:",
         counterexample="Updating FreeBSD repository catalogue..."),
    # illumos
    Rule(FindingKind.DEPS_NOT_FOUND, "", r"^\s+(?P<subject>[\w./@:,+-]+)$", _ABSENT, inside="ips",
         example="        ooce/library/libevent",
         counterexample="using a different matching pattern, or refreshing publisher information:"),
    Rule(FindingKind.DEPS_NOT_FOUND, "", r"^\s+Reject:\s+(?:pkg:/{1,2}(?:[^\s/]+/(?=\S+/))?)?(?P<subject>[^\s@]+)@\S+", "This version of {subject} is excluded by what is installed: update the system, or name no version.", inside="ips-version",
         example="  Reject:  pkg://omnios/system/header@0.5.11-151038.0",
         counterexample="  Reason:  This version is excluded by installed incorporation"),
    Rule(FindingKind.DEPS_NETWORK, "Unable to contact valid package repository", r"^Unable to contact valid package repository: " + _URL, _NET,
         example="Unable to contact valid package repository: https://pkg.example.org/r151030/core/",
         counterexample="Unable to contact any configured publishers."),
    # macOS
    Rule(FindingKind.INSTALL_ERROR, "did not complete successfully", r"^Error: (?P<subject>The 'brew link' step) did not complete successfully", "A file that belongs to no formula is in the way: remove it, or run brew link --overwrite.", then=r"^Target (?P<subject>/\S+)", within=6,
         example="Error: The `brew link` step did not complete successfully",
         counterexample="ERROR: failed to solve: process \"/bin/sh -c make\" did not complete successfully: exit code: 1"),
    Rule(FindingKind.OTHER, "Could not symlink", r"^Could not symlink (?P<subject>\S+)", "A file is in the way: see the lines around it.", weight=Weight.VAGUE,
         example="Could not symlink bin/2to3",
         counterexample="Error: The `brew link` step did not complete successfully"),
    Rule(FindingKind.DEPS_NOT_FOUND, "not found", r"^Error: Port (?P<subject>\S+) not found", _ABSENT,
         example="Error: Port libevnt not found",
         counterexample="Error: No available formula with the name \"nope\"."),
    Rule(FindingKind.DEPS_NOT_FOUND, "No available formula", r"^Error: No available formula (?:or cask )?with the name \"(?P<subject>[^\"]+)\"", _ABSENT,
         example='Error: No available formula with the name "nope".',
         counterexample='Warning: No available formula with the name "libevnt". Did you mean libevent?'),
    # Void
    Rule(FindingKind.DEPS_NOT_FOUND, "package must be updated", r"^The '(?P<subject>xbps)' package must be updated", "Run xbps-install -u xbps first: xbps refuses everything else until it is the newest.",
         example="The 'xbps' package must be updated, please run `xbps-install -u xbps`",
         counterexample="The following packages must be updated"),
    Rule(FindingKind.DEPS_NOT_FOUND, "broken, unresolvable shlib", r": broken, unresolvable shlib '(?P<subject>[^']+)'", "An installed package needs {subject}, which the newer packages no longer have: update the whole system (xbps-install -Su).",
         example="git-2.44.0_1: broken, unresolvable shlib `libcrypto.so.3>=0'",
         counterexample="Transaction aborted due to unresolved shlibs."),
    Rule(FindingKind.OTHER, "Transaction aborted due to", r"^(?P<subject>Transaction aborted due to .*)", weight=Weight.VAGUE,
         example="Transaction aborted due to unresolved shlibs.",
         counterexample="error: failed to commit transaction (conflicting files)"),
    # Alpine
    Rule(FindingKind.DEPS_NETWORK, "package mentioned in index not found", r"(?:^|\s)(?P<subject>[\w.+-]+?)(?:-\d\S*)?: package mentioned in index not found", "The index is older than the mirror: run apk update, and build the image without its cache.",
         example="ERROR: bison-3.8.2-r1: package mentioned in index not found (try 'apk update')",
         counterexample="  bison (no such package):"),
    # dnf5
    Rule(FindingKind.DEPS_NETWORK, "failed to download metadata", r"^Failed to download metadata .*for repository \"(?P<subject>[^\"]+)\"", _NET,
         example='Failed to download metadata (metalink: "https://mirrors.example.org/metalink?repo=fedora-42&arch=x86_64") for repository "fedora": Librepo error: Cannot prepare internal mirrorlist: Curl error (6): Could not resolve hostname',
         counterexample="Error: Failed to download metadata for repo 'x': Cannot download repomd.xml: All mirrors were tried"),
    Rule(FindingKind.DEPS_NETWORK, "rror opening ", r"^Error opening (?P<subject>/\S+\.rpm): No such file", "The index names {subject}, and the repository does not have it: make the index again.", words=("opening",),
         example="Error opening /build/r/noarch/calc-devel-1-1.noarch.rpm: No such file or directory",
         counterexample="Error opening terminal: unknown."),
    # zypper
    Rule(FindingKind.OTHER, "System management is locked", r"^System management is locked by the application with pid \d+ \((?P<subject>[^)]+)\)", "Another {subject} runs on this system: wait for it, or end it.",
         example="System management is locked by the application with pid 4711 (zypper).",
         counterexample="Loading repository data..."),
    # pacman 7
    Rule(FindingKind.DEPS_NETWORK, "restricting filesystem access failed", r"^error: restricting filesystem access failed because (?:the )?(?P<subject>[Ll]andlock)\b", "The kernel has no {subject}, with which pacman 7 shuts its downloads in: set DisableSandbox in pacman.conf.",
         example="error: restricting filesystem access failed because landlock is not supported by the kernel!",
         counterexample="error: failed to synchronize all databases (unexpected error)"),
    Rule(FindingKind.DEPS_NETWORK, "failed retrieving file '", r"^error: failed retrieving file '[^']+' from (?P<subject>[A-Za-z0-9.-]+)(?::\d+)? : The requested URL returned error: 404", "The mirror no longer has this file: the database is older than the mirror. Run pacman -Syu, and build the image without its cache.",
         example="error: failed retrieving file 'bison-3.8.2-7-x86_64.pkg.tar.zst' from mirror.example.org : The requested URL returned error: 404",
         counterexample="error: failed retrieving file 'core.db' from mirror.example.org : Failed to connect to mirror.example.org port 443"),
    Rule(FindingKind.DEPS_NOT_FOUND, "could not open file ", r"^error: could not open file (?P<subject>\S+): Unrecognized archive format", "{subject} is not a package that this pacman reads: an interrupted download, or a newer compression. Remove it from the cache, or update pacman.",
         example="error: could not open file /var/cache/pacman/pkg/zlib-1.3-1-x86_64.pkg.tar.zst: Unrecognized archive format",
         counterexample="error: could not open file /etc/pacman.d/mirrorlist: Permission denied"),
    Rule(FindingKind.OTHER, "failed to commit transaction (", r"^error: failed to (?:commit|prepare) transaction \((?P<subject>cannot open package file|could not satisfy dependencies|failed to retrieve some files)", weight=Weight.VAGUE,
         example="error: failed to commit transaction (cannot open package file)",
         counterexample="error: failed to commit transaction (conflicting files)"),
    # apt 3, git
    Rule(FindingKind.DEPS_NOT_FOUND, "Conflicts: ", r"^\s*\S+ : (?:Conflicts|Breaks): (?P<subject>[a-z0-9][^\s,(]*)(?: \([^)]*\))? but ", "{subject} and this package exclude each other: ask for one of them.",
         example=" calc-new : Conflicts: calc-old but 1.0 is to be installed",
         counterexample=" clang-tidy : Depends: clang-tidy-10 (>= 10~) but it is not going to be installed"),
    Rule(FindingKind.DEPS_NETWORK, "fatal: repository '", r"^fatal: repository '(?P<subject>[^']+)' (?:does not exist|not found)", "{subject} has moved or needs a login: correct the address.",
         example="fatal: repository 'https://git.example.org/gone.git/' not found",
         counterexample="fatal: not a git repository (or any of the parent directories): .git"),
)  # fmt: skip
