"""A cause is found in the logs of every packager and service, which each dress lines their own way."""

# ruff: noqa: RUF001

from ciforge.diagnose.scan.findings import diagnose
from ciforge.model.finding import Finding, Severity
from tests.tables import each


def errors(log: str) -> list[Finding]:
    return [one for one in diagnose(log.splitlines()) if one.severity is Severity.ERROR]


PROOFS = {
    "Debian": "gcc -c x.c\n{}\nmake[1]: *** [Makefile:3: x.o] Error 1\n"
    "make[1]: Leaving directory '/<<PKGBUILDDIR>>'\n"
    "dh_auto_build: error: make -j4 returned exit code 2\nmake: *** [debian/rules:9: binary] Error 25\n"
    "dpkg-buildpackage: error: debian/rules binary subprocess returned exit status 2",
    "Open Build Service": "[   12s] gcc -c x.c\n[   12s] {}\n[   12s] make: *** [Makefile:3: x.o] Error 1\n"
    "[   12s] error: Bad exit status from /var/tmp/rpm-tmp.abc (%build)\n\n[   12s] RPM build errors:\n"
    "[   13s] host failed 'build foo.spec'",
    "Koji": "+ make -j4\n{}\nmake: *** [Makefile:3: x.o] Error 1\n"
    "error: Bad exit status from /var/tmp/rpm-tmp.abc (%build)\n\nRPM build errors:\n"
    "    Bad exit status from /var/tmp/rpm-tmp.abc (%build)\nChild return code was: 1",
    "poudriere": "[00:01:02] Building mail/opensmtpd\n{}\n*** Error code 1\n\nStop.\n"
    "make[1]: stopped in /wrkdirs/usr/ports/mail/opensmtpd/work\n*** Error code 1\n\n"
    "Stop.\nmake: stopped in /usr/ports/mail/opensmtpd\n=>> Cleaning up wrkdir",
    "Homebrew": "==> make install\n{}\nmake: *** [x.o] Error 1\nDo not report this issue to us!",
    "Alpine": ">>> opensmtpd: Building\n{}\nmake: *** [Makefile:3: x.o] Error 1\n"
    ">>> ERROR: opensmtpd: build failed\n>>> opensmtpd: Uninstalling dependencies...",
    "NixOS": "opensmtpd> gcc -c x.c\nopensmtpd> {}\nopensmtpd> make: *** [Makefile:3: x.o] Error 1\n"
    "error: builder for '/nix/store/abc-opensmtpd.drv' failed with exit code 2;",
    "GitHub": "2026-11-22T10:00:00.0000000Z gcc -c x.c\n2026-11-22T10:00:00.0000000Z {}\n"
    "2026-11-22T10:00:00.0000000Z make: *** [Makefile:3: x.o] Error 1\n"
    "2026-11-22T10:00:00.0000000Z ##[error]Process completed with exit code 2.\n"
    "2026-11-22T10:00:01.0000000Z Post job cleanup.",
    "Buildroot": ">>> opensmtpd 7.8 Building\n{}\nmake[3]: *** [Makefile:3: x.o] Error 1\n"
    "make[1]: *** [package/pkg-generic.mk:293: /b/.stamp_built] Error 2\nmake: *** [Makefile:23: _all] Error 2",
    "Yocto": "| gcc -c x.c\n| {}\n| make: *** [Makefile:3: x.o] Error 1\n| ERROR: oe_runmake failed\n"
    "NOTE: recipe opensmtpd-7.8-r0: task do_compile: Failed\n"
    "ERROR: Task (/b/opensmtpd.bb:do_compile) failed with exit code '1'",
    "Arch": "==> Starting build()...\n{}\nmake: *** [Makefile:3: x.o] Error 1\n"
    "==> ERROR: A failure occurred in build().\n    Aborting...",
    "Gentoo": ">>> Compiling source ...\n{}\nmake: *** [Makefile:3: x.o] Error 1\n"
    " * ERROR: mail-mta/opensmtpd-7.8::gentoo failed (compile phase):\n *   emake failed",
    "Void": "=> opensmtpd-7.8_1: running do_build ...\n{}\nmake: *** [Makefile:3: x.o] Error 1\n"
    "=> ERROR: opensmtpd-7.8_1: do_build: 'make' exited with 2",
    "Docker": "#12 3.456 gcc -c x.c\n#12 3.460 {}\n#12 3.461 make: *** [Makefile:3: x.o] Error 1\n"
    'ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2',
    "GitLab": "2026-11-22T10:00:00.000000Z 01O {}\n2026-11-22T10:00:00.000000Z 01O make: *** [x.o] Error 1\n"
    "2026-11-22T10:00:00.000000Z 00O ERROR: Job failed: exit code 1",
    "Jenkins": "[2026-11-22T10:00:00.000Z] {}\n[2026-11-22T10:00:00.000Z] make: *** [x.o] Error 1\n"
    "Finished: FAILURE",
    "ninja": "[1/2] Compiling C object x.p/x.c.o\nFAILED: x.p/x.c.o \ncc -c ../x.c\n{}\n"
    "ninja: build stopped: subcommand failed.",
    "scons": "scons: Building targets ...\ngcc -c x.c\n{}\nscons: *** [x.o] Error 1\n"
    "scons: building terminated because of errors.",
    "waf": "[1/2] Compiling x.c\n{}\nThe configuration failed\n(complete log in /build/config.log)",
    "Copr": "DEBUG: gcc -c x.c\nDEBUG: {}\nDEBUG: make: *** [Makefile:3: x.o] Error 1\n"
    "DEBUG: RPM build errors:\nDEBUG: error: Bad exit status from /var/tmp/rpm-tmp.abc (%build)",
    "Solaris make": "gcc -c x.c\n{}\n*** Error code 1\nmake: Fatal error: Command failed for target `x.o'\n"
    "Current working directory /build",
    "mamake": "+ cc -c x.c\n{}\nmamake [lib/libx]: *** exit code 1 making x.o\n"
    "mamake: *** exit code 1 making all",
    "French": "gcc -c x.c\n{}\nmake[1]: *** [Makefile:3\u00a0: x.o] Erreur 1\n"
    "make: *** [Makefile:9\u00a0: all] Erreur 2",
    "Korean": "gcc -c x.c\n{}\nmake: *** [Makefile:3: x.o] \uc624\ub958 1",
    "OpenBSD ports": "===>  Building for opensmtpd-7.8\n{}\n*** Error 1 in /usr/ports/pobj/opensmtpd (Makefile:3 'x.o')\n"
    "*** Error 2 in /usr/ports/mail/opensmtpd (/usr/ports/infrastructure/mk/bsd.port.mk:3050 'all')",
}  # fmt: skip

LINES = {
    "x.c:1:10: fatal error: event.h: No such file or directory": "missing-header event.h",
    "x.c:3:3: error: implicit declaration of function ‘setgroups’ [-Wimplicit-function-declaration]":
        "implicit-declaration setgroups",
    "/usr/bin/ld: x.c:(.text+0x1): undefined reference to `crypt'": "undefined-symbol crypt",
    "/usr/bin/ld: cannot find -lcrypt: No such file or directory": "missing-library crypt",
    "/bin/sh: 1: yacc: not found": "yacc-lex yacc",
    "install: invalid user '_smtpd'": "install-error _smtpd",
}  # fmt: skip


@each("line", LINES)
@each("layout", PROOFS)
def test_cause_is_found_in_logs_of_every_packager_and_service(layout: str, line: str) -> None:
    filler = "gcc -Wall -c other.c\nother.c:1:1: warning: unused variable 'x' [-Wunused-variable]\n"
    log = filler * 20 + PROOFS[layout].format(line)
    found = errors(log)
    assert f"{found[0].kind.value} {found[0].subject}" == LINES[line]
    assert len(found) == 1
    assert found[0].root_line.endswith(line)
    assert log.splitlines()[found[0].log_line - 1] == found[0].root_line


@each("layout", PROOFS)
def test_unknown_failure_is_a_finding_with_its_line(layout: str) -> None:
    line = "genwidget: error: the widget is closed"
    (found,) = errors(PROOFS[layout].format(line))
    assert found.kind.value == "other"
    assert found.root_line.endswith(line)
    assert found.root_line in found.excerpt
