"""Rules for checks of lists of files: those installed, by ports of the BSDs, pkgsrc and Gentoo, and those in a tarball.

Wordings: ciforge/plan/dist_check.py and dist_script.py, lib/am/distdir.am of automake, libpkg of freebsd/pkg, mk/check/check-files.mk of NetBSD/pkgsrc, infrastructure/bin
of openbsd/ports.
"""

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.model.finding import FindingKind

_NOT_INSTALLED = "{subject} is in the packing list, and `make install` did not install it: remove it from the list, or install it."
_NOT_LISTED = "`make install` installed {subject}, which is not in the packing list: add it to the list, or do not install it."

SECTIONS = (
    Section("plist-missing", "are in the PLIST but not in", r"^ERROR: The following files are in the PLIST but not in ", 4, once=True),
    Section("plist-extra", "but not in the PLIST", r"^ERROR: The following files are in \S+ but not in the PLIST", 4, once=True),
)  # fmt: skip

RULES = (
    Rule(FindingKind.INSTALL_ERROR, "is in the tree but not in the tarball", r"^(?P<file>[^\s:]+):(?P<line>\d+):1: error: (?P<subject>\S+) is in the tree but not in the tarball: (?P<why>.+)$", "The release tarball has no {subject}: {why}.",
         example="usr.sbin/dc.c:7:1: error: usr.sbin/dc.h is in the tree but not in the tarball: add it to dc_SOURCES or EXTRA_DIST",
         counterexample="dist: not in the tarball: usr.sbin/dc.h"),
    Rule(FindingKind.INSTALL_ERROR, "the build wrote into the source", r"^distcheck: the build wrote into the source: (?P<subject>\S+)$", "The build writes {subject} beside the sources: write it into the build folder, since a source may be read-only.",
         example="distcheck: the build wrote into the source: ./src/version.h",
         counterexample="distcheck: the build wrote nothing into the source"),
    Rule(FindingKind.INSTALL_ERROR, "files left in build directory after distclean", r"^ERROR: (?P<subject>files left in build directory after distclean):", "`make distclean` leaves files that the build made: add them to CLEANFILES or DISTCLEANFILES.",
         example="ERROR: files left in build directory after distclean:",
         counterexample="ERROR: files left after uninstall:"),
    Rule(FindingKind.INSTALL_ERROR, "files left after uninstall", r"^ERROR: (?P<subject>files left after uninstall):", "`make uninstall` leaves files that the install made: remove them in uninstall-hook.",
         example="ERROR: files left after uninstall:",
         counterexample="ERROR: files left in build directory after distclean:"),
    Rule(FindingKind.INSTALL_ERROR, "Unable to access file ", r"^pkg(?:-static)?: Unable to access file (?P<subject>[^\s:]+): ?No such file", _NOT_INSTALLED,
         example="pkg-static: Unable to access file /wrkdirs/stage/usr/local/etc/frob.conf:No such file or directory",
         counterexample="fatal: unable to access 'http://127.0.0.1:9/x/': Failed to connect to 127.0.0.1 port 9 after 0 ms: Could not connect to server"),
    Rule(FindingKind.INSTALL_ERROR, "", r"^ERROR:\s+(?P<subject>/\S+)$", _NOT_INSTALLED, inside="plist-missing",
         example="ERROR:         /pbulk/work/mail/frob/work/.destdir/usr/pkg/bin/frob-old",
         counterexample="ERROR: ************************************************************"),
    Rule(FindingKind.INSTALL_ERROR, "", r"^ERROR:\s+(?P<subject>/\S+)$", _NOT_LISTED, inside="plist-extra",
         example="ERROR:         /pbulk/work/mail/frob/work/.destdir/usr/pkg/bin/frob-new",
         counterexample="ERROR: ************************************************************"),
    Rule(FindingKind.MISSING_LIBRARY, "Missing library for ", r"^Missing library for (?P<subject>[^\s>]+)", "No dependency of the port has the library {subject}: add the package that ships it to LIB_DEPENDS.", weight=Weight.WEAK,
         example="Missing library for event>=4.0",
         counterexample="checking for library containing error... none required"),
)  # fmt: skip
