"""Rules for ports trees and tools that make packages of a source: FreeBSD and DragonFly ports, pkgsrc, makepkg, portage, Void.

Wordings: Mk/bsd.port.mk, Mk/bsd.sanity.mk and Mk/Scripts of freebsd/freebsd-ports, mk/misc/can-be-built-here.mk and
mk/check of NetBSD/pkgsrc, libalpm and scripts/libmakepkg of pacman, common/xbps-src of void-linux/void-packages,
bin/ebuild.sh of gentoo/portage.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_PLIST = "{subject} is not what the packing list says: bring pkg-plist up to date with what is installed."

SECTIONS = (
    Section("pkgsrc-refuses", "ERROR: This package has set ", r"^ERROR: This package has set PKG_(?:FAIL|SKIP)_REASON:", 4, False, True),
    Section("makepkg-missing", "Missing dependencies", r"^==> (?:ERROR: )?Missing dependencies:", 3, False, True),
    Section("makepkg-files", "Validating source files", r"^==> Validating \S+ files with ", 60),
)  # fmt: skip

RULES = (
    # FreeBSD and DragonFly
    Rule(FindingKind.MAKE_SYNTAX, "Unknown USES=", r"^Unknown USES=(?P<subject>\S+)", "This ports tree has no Mk/Uses/{subject}.mk: it is older than the port, or of another system.",
         example="Unknown USES=alias",
         counterexample="USES=alias"),
    Rule(FindingKind.OTHER, "is marked as ", r"^===> +(?P<subject>\S+) is marked as (?:broken|BROKEN|forbidden|restricted)\b", "The ports tree says that {subject} does not build here: see the reason in the line.",
         example="===>  frob-1.0 is marked as broken: fails to link.",
         counterexample="===>  frob-1.0 is marked"),
    Rule(FindingKind.OTHER, "is only for ", r"^===> +(?P<subject>\S+) is only for ", "{subject} does not support this processor or release: leave it out here.",
         example="===>  frob-1.0 is only for i386, while you are running amd64.",
         counterexample="this is only for tests"),
    Rule(FindingKind.OTHER, "port marked as IGNORE", r"Cannot install (?P<subject>[^\s:]+): (?:port )?marked as IGNORE", "The ports tree leaves {subject} out here: see the reason in the line.",
         example="===>  Cannot install frob-1.0: port marked as IGNORE",
         counterexample="port marked as IGNORE_THIS"),
    Rule(FindingKind.OTHER, "has known vulnerabilities", r"^===> +(?P<subject>\S+) has known vulnerabilities", "Update {subject}, or set DISABLE_VULNERABILITIES for this build.",
         example="===>  frob-1.0 has known vulnerabilities:",
         counterexample="no known vulnerabilities"),
    Rule(FindingKind.INSTALL_ERROR, "Error: ", r"^Error: (?:Orphaned|Missing): (?:@\w+ )?(?P<subject>\S+)", _PLIST, words=("Orphaned", "Missing"), weight=Weight.WEAK,
         example="Error: Orphaned: share/doc/frob/README",
         counterexample="Error: Orphaned files"),
    # pkgsrc
    Rule(FindingKind.OTHER, "", r"^ERROR: (?P<subject>\S.{0,160})", "pkgsrc refuses to build this package here for this reason: leave it out, or provide what it names.", inside="pkgsrc-refuses",
         example="ERROR: This package requires at least GCC 10.",
         counterexample="*** Error code 1"),
    Rule(FindingKind.MISSING_LIBRARY, "missing library: ", r"\[check-shlibs\S*\] (?P<file>[^\s:]+): missing library: (?P<subject>\S+)", "{file} needs {subject}, which no package that is installed has: include its buildlink3.mk, or link with an rpath.",
         example="ERROR: [check-shlibs.awk] /usr/pkg/sbin/frobd: missing library: libfrob.so.2",
         counterexample="checking for the missing library: none"),
    Rule(FindingKind.SYNTAX_ERROR, "[check-portability.awk] => Found ", r"^ERROR: \[check-portability\.awk\] => Found (?P<subject>test \.\.\. == \.\.\.)", "`test` compares with one `=`: `==` is of bash alone.", then=r"^ERROR: \[check-portability\.awk\] (?P<file>[^\s:]+):(?P<line>\d+): ", within=3, weight=Weight.WEAK,
         example="ERROR: [check-portability.awk] => Found test ... == ...:",
         counterexample="WARNING: [check-portability.awk] => Found test ... == ...:"),
    # Arch
    Rule(FindingKind.DEPS_NOT_FOUND, "", r"^\s+-> (?P<subject>[^\s<>=]+)", "Add {subject} to `dependencies`: makepkg does not install it without -s.", inside="makepkg-missing",
         example="  -> libfrob",
         counterexample="==> Checking buildtime dependencies..."),
    Rule(FindingKind.OTHER, "", r"^\s+(?P<subject>\S+) \.\.\. FAILED \(", "The signature of {subject} cannot be checked: see the reason in the line, and which key PKGBUILD names.", inside="makepkg-files",
         example="    frobd-1.4.tar.gz ... FAILED (unknown public key 0123456789ABCDEF)",
         counterexample="    frobd-1.4.tar.gz ... Passed"),
    Rule(FindingKind.OTHER, "", r"^\s+(?P<subject>\S+) \.\.\. FAILED", "{subject} does not match its checksum in PKGBUILD: the file changed, or the download is not what it should be.", inside="makepkg-files",
         example="    frobd-1.4.tar.gz ... FAILED",
         counterexample="    frobd-1.4.tar.gz ... Passed"),
    Rule(FindingKind.OTHER, "Running makepkg as root", r"^==> ERROR: Running (?P<subject>makepkg as root) is not allowed", "Run makepkg as another user than root.",
         example="==> ERROR: Running makepkg as root is not allowed as it can cause permanent,",
         counterexample="==> Running makepkg"),
    Rule(FindingKind.OTHER, "==> ERROR: ", r"^==> ERROR: (?P<subject>(?!A failure occurred|One or more (?:files|PGP)|Could not resolve all|'pacman' failed|Aborting)\S.{0,160})", "See the message of makepkg.", weight=Weight.WEAK,
         example="==> ERROR: Cannot find the fakeroot binary.",
         counterexample="==> ERROR: A failure occurred in build()."),
    # Void
    Rule(FindingKind.OTHER, "cannot be used as root", r"^ERROR: (?P<subject>xbps-src cannot be used as root)", "Run xbps-src as another user than root.",
         example="ERROR: xbps-src cannot be used as root.",
         counterexample="xbps-src can be used"),
)  # fmt: skip
