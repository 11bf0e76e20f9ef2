"""A failure after which the build went on is no cause; what ended the build is."""

from ciforge.diagnose.scan.findings import diagnose
from ciforge.model.finding import Finding, Severity
from tests.tables import each

TLS = "main.c:14:10: fatal error: tls.h: No such file or directory\ncompilation terminated.\nmake: *** [Makefile:12: main.o] Error 1\n"
NO_RULE = "make: *** No rule to make target 'distclean'.  Stop.\n"
BUILT = "".join(f"cc -O2 -c file{n}.c\nfile{n}.c: In function 'f':\n" for n in range(300))


def errors(log: str, *, failed: bool = False) -> list[Finding]:
    found = diagnose(log.splitlines(), failed=failed)
    return [one for one in found if one.severity is Severity.ERROR]


RECOVERED = {
    "a shell goes on": f"+ make distclean\n{NO_RULE}+ true\n+ ./configure\n+ make\n{TLS}",
    "a shell goes on, far away": f"+ make distclean\n{NO_RULE}+ true\n+ make\n{BUILT}{TLS}",
    "a prompt, and || true": f"$ make distclean || true\n{NO_RULE}$ ./configure\n$ make\n{TLS}",
    "a prompt, and || :": f"$ make distclean || :\n{NO_RULE}$ make\n{TLS}",
    "no trace, but configure ran": f"{NO_RULE}checking for gcc... gcc\nconfig.status: creating Makefile\n{TLS}",
    "a probe by pkg-config": "+ pkg-config --exists libfoo\nPackage libfoo was not found in the pkg-config search path.\n"
    f"+ make\n{TLS}",
    "a probe by make": "+ make -C extras\nmake: *** extras: No such file or directory.  Stop.\n+ echo 'no extras'\n+ make\n" + TLS,
    "a sub-make that || true forgives": "cd po && make update || true\nmake[1]: Entering directory '/b/po'\n"
    "make[1]: *** No rule to make target 'update'.  Stop.\nmake[1]: Leaving directory '/b/po'\ncc -c main.c\n" + TLS,
    "sub-makes in a loop": "make[1]: Entering directory '/b/po'\nmake[1]: *** No rule to make target 'check'.  Stop.\n"
    "make[1]: Leaving directory '/b/po'\nmake[1]: Entering directory '/b/src'\n" + TLS.replace("make:", "make[1]:")
    + "make[1]: Leaving directory '/b/src'\nmake: *** [Makefile:3: all] Error 2\n",
    "an ignored command": "rm old.h\nrm: cannot remove 'old.h': No such file or directory\nmake: [Makefile:3: prep] Error 1 (ignored)\n" + TLS,
    "an ignored command of OpenBSD": "rm old.h\nrm: old.h: No such file or directory\n*** Error 1 in . (Makefile:3 'prep') (ignored)\n" + TLS,
    "a download that was tried again": "Err:1 http://deb.example.org trixie InRelease\n  Could not connect to deb.example.org:80\n"
    "Get:2 http://deb.example.org trixie InRelease\nFetched 12 MB in 3s (4 MB/s)\n5 upgraded, 0 newly installed, 0 to remove\n" + TLS,
    "a later phase of makepkg": "==> Starting build()...\nmake: *** [Makefile:3: doc] Error 1\n==> Starting check()...\n" + TLS
    + "==> ERROR: A failure occurred in check().\n",
    "a later step of GitHub": "##[group]Run make lint || true\nmake: *** [Makefile:9: lint] Error 1\n##[group]Run make\n" + TLS
    + "##[error]Process completed with exit code 2.\n",
    "checks of CMake": "CMake Error at /b/CMakeFiles/CMakeTmp/CMakeLists.txt:3 (x):\n  no\n\n-- Configuring done\n" + TLS,
    "a compile test of a script": "+ cc -o t conf.c -lfoo\n/usr/bin/ld: cannot find -lfoo: No such file or directory\n"
    "collect2: error: ld returned 1 exit status\n+ cc -o t conf.c\n+ make\n" + TLS,
    "ninja before make": "+ ninja -C docs\nFAILED: a.html\nsphinx-build: not found\nninja: build stopped: subcommand failed.\n+ make\n" + TLS,
}  # fmt: skip


@each("name", RECOVERED)
def test_root_cause_is_the_failure_that_ended_the_build(name: str) -> None:
    found = errors(RECOVERED[name])
    assert [(one.kind.value, one.subject) for one in found] == [("missing-header", "tls.h")]


PASSED = {
    "a target that is missing": f"$ make distclean || true\n{NO_RULE}$ ./configure\nconfig.status: creating Makefile\n$ make\n"
    "cc -o prog main.o\n$ make check\n# TOTAL: 1\n# PASS:  1\n# FAIL:  0\n$ make install\n",
    "the same, and much output": f"+ make distclean\n{NO_RULE}+ true\n+ make\n{BUILT * 10}",
    "no trace at all": f"{NO_RULE}checking for gcc... gcc\nconfig.status: creating Makefile\n{BUILT}",
    "a job of GitLab": f"{NO_RULE}{BUILT}Job succeeded\n",
    "a job of Jenkins": f"x.c:1:10: fatal error: x.h: No such file or directory\n{NO_RULE}Finished: SUCCESS\n",
    "a test tried again": "FAIL: net.sh\nmake: *** [Makefile:9: check] Error 1\n+ make check\nPASS: net.sh\n# FAIL:  0\n",
    "a sub-make that is forgiven": "cd po && make update || true\nmake[1]: Entering directory '/b/po'\n"
    "make[1]: *** No rule to make target 'update'.  Stop.\nmake[1]: Leaving directory '/b/po'\ncc -c main.c\ncc -o prog main.o\n",
}  # fmt: skip


@each("name", PASSED)
def test_log_that_ends_well_has_no_cause(name: str) -> None:
    assert errors(PASSED[name]) == []


KEPT = {
    "a script goes on to install": "make: *** [Makefile:12: main.o] Error 1\nmake: *** No rule to make target 'install'.  Stop.\n",
    "make keeps going": "make: *** [Makefile:12: main.o] Error 1\ncc -c b.c\ncc -c c.c\nmake: Target 'all' not remade because of errors.\n",
    "jobs side by side": "make: *** [Makefile:12: main.o] Error 1\nmake: *** Waiting for unfinished jobs....\ncc -c b.c\ncc -c c.c\n",
    "config.log is shown": "make: *** [Makefile:12: main.o] Error 1\n+ cat config.log\n+ tail -n 3 x.log\n+ exit 1\n",
    "only a service says so": "##[error]Process completed with exit code 1.\n##[group]Run actions/upload-artifact@v4\n",
    "a second failure without a reason": "make[1]: *** [Makefile:12: main.o] Error 1\nmake[1]: Leaving directory '/b/src'\n"
    "make[1]: Entering directory '/b/doc'\nmake[1]: Leaving directory '/b/doc'\nmake: *** [Makefile:3: all] Error 1\n",
    "a script without -e": "+ ./install.sh\ncp: cannot stat 'main.o': No such file or directory\n+ exit 1\n",
}  # fmt: skip


@each("name", KEPT)
def test_root_cause_is_not_hidden_by_its_consequences(name: str) -> None:
    log = "cc -c main.c\nmain.c:14:10: fatal error: tls.h: No such file or directory\n" + KEPT[name]
    first = errors(log)[0]
    assert (first.kind.value, first.subject) == ("missing-header", "tls.h")


def test_uninstallable_packages_are_the_root_cause_of_missing_files() -> None:
    log = (
        "+ apt-get install -y libevent-dev\nE: Unable to locate package libevent-dev\n+ ./configure\n"
        "checking for event_init in -levent... no\nconfigure: error: libevent not found\n"
    )
    assert errors(log)[0].subject == "libevent-dev"


def test_two_failures_without_a_recovery_between_them_are_both_causes() -> None:
    found = errors(
        "a.c:1:1: error: unknown type name 'x'\nmake[1]: *** [a.o] Error 1\nb.c:1:1: error: unknown type name 'y'\nmake: *** [b.o] Error 1\n"
    )
    assert [one.subject for one in found] == ["x", "y"]


def test_only_the_failed_step_of_a_job_log_is_searched() -> None:
    log = f"--- ciforge: build ---\n{TLS}--- ciforge: check ---\nFAIL: parse.sh\nmake: *** [Makefile:3: check] Error 1\n"
    assert [(one.step, one.subject) for one in errors(log, failed=True)] == [("check", "parse.sh")]


def test_unexplained_failure_shows_its_own_lines_not_a_recovered_failure() -> None:
    log = f"+ make distclean\n{NO_RULE}+ true\n+ ./smoke\nuid 999 euid 999\n"
    (found,) = errors(log, failed=True)
    assert (found.kind.value, found.root_line) == ("other", "uid 999 euid 999")
