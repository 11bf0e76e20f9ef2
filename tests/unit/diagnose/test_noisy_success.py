"""Builds that passed, with output that reads like failures: no cause is claimed, whatever surrounds the lines."""

import itertools

from tool_noise import TOOL_NOISE

from ciforge.diagnose.scan.findings import diagnose
from ciforge.model.finding import Finding, Severity

NOISE = TOOL_NOISE | {
    "tests that print what they refuse": "PASS: parse.sh\nparse.c:3:1: error: unknown type name 'x' (as it must be)\nPASS: errors.sh\n",
    "TAP": "ok 1 - FAIL is printed in red\nok 2 - error: No such file or directory\nok 3 # SKIP no network: Connection refused\n1..3\n",
    "expected failures": "XFAIL: known_bug.sh\nxfail: undefined reference to nothing\nPASS: rest.sh\n",
    "config.log is shown": "This file contains any messages produced by compilers while\nrunning configure, to aid debugging if configure makes a mistake.\n"
    "configure:4711: gcc -o conftest conftest.c -lnope >&5\n/usr/bin/ld: cannot find -lnope: No such file or directory\n"
    "collect2: error: ld returned 1 exit status\nconfigure:4711: $? = 1\nconfigure: exit 0\n",
    "a target that is forgiven": "+ make distclean\nmake: *** No rule to make target 'distclean'.  Stop.\n+ true\n",
    "a command with || true": "$ make lint || true\nlint: not found\nmake: *** [Makefile:9: lint] Error 127\n",
    "an ignored failure": "rm old.h\nrm: cannot remove 'old.h': No such file or directory\nmake: [Makefile:3: prep] Error 1 (ignored)\n",
    "an ignored failure of a BSD": "rm old.h\nrm: old.h: No such file or directory\n*** Error code 1 (ignored)\n",
    "a retried download": "curl: (6) Could not resolve host: files.example.org\nattempt 1 failed, retrying\n"
    "curl: (6) Could not resolve host: files.example.org\nattempt 2 failed, retrying\nsaved x.tar.gz\n",
    "a probe of a script": "+ pkg-config --exists libnope\nPackage libnope was not found in the pkg-config search path.\n+ make\n",
    "a compile test of a script": "+ cc -o t conf.c -lnope\n/usr/bin/ld: cannot find -lnope: No such file or directory\n"
    "collect2: error: ld returned 1 exit status\n+ cc -o t conf.c\n",
    "a recovered sub-make": "(cd po && make update) || true\nmake[1]: Entering directory '/b/po'\n"
    "make[1]: *** No rule to make target 'update'.  Stop.\nmake[1]: Leaving directory '/b/po'\n",
    "a test tried again": "FAIL: net.sh\nmake: *** [Makefile:9: check] Error 1\n+ make check\nPASS: net.sh\n",
    "warnings with words of errors": "x.c:1:2: warning: unused variable 'error' [-Wunused-variable]\nx.c:2:2: warning: 'fatal' is missing [-Wmissing]\n",
    "checks of CMake": "-- Looking for pthread_create - not found\n-- Could NOT find Doxygen (missing: DOXYGEN_EXECUTABLE)\n-- Performing Test HAVE_X - Failed\n",
    "a usage text of a test": "usage: prog [-f file]\nprog: unknown option -- z\nPASS: options.sh\n",
}  # fmt: skip
CONFIGURE = "checking for gcc... gcc\nchecking for nope.h... no\nconfig.status: creating Makefile\n"
FRAMES = {
    "autotools": (CONFIGURE, "gcc -c main.c\ngcc -o prog main.o\n# TOTAL: 3\n# PASS:  3\n# FAIL:  0\n# ERROR: 0\nmake[1]: Leaving directory '/b'\n"),
    "CMake": ("-- The C compiler identification is GNU 14.2.0\n", "-- Configuring done\n[ 50%] Building C object x.c.o\n[100%] Built target x\n"
              "100% tests passed, 0 tests failed out of 12\n"),
    "Meson": ("The Meson build system\n", "[1/9] Compiling C object x.p/x.c.o\n[9/9] Linking target x\nOk:                 3\nFail:               0\n"),
    "make": ("cc -O2 -c a.c\n", "cc -O2 -c b.c\ncc -o prog a.o b.o\ninstall -m 755 prog /usr/local/bin\n"),
}  # fmt: skip
PREFIXES = ("", "2026-11-22T10:00:00.1234567Z ", "#9 12.34 ", "[CI/build]   | ")


def errors(log: str) -> list[Finding]:
    return [one for one in diagnose(log.splitlines()) if one.severity is Severity.ERROR]


def logs() -> dict[str, str]:
    """Every piece of noise in every frame, each with some prefix; then all of the noise at once."""
    found = {}
    prefixes = itertools.cycle(PREFIXES)
    for (what, noise), (frame, (before, after)) in itertools.product(NOISE.items(), FRAMES.items()):
        for middle, name in ((noise, ""), (noise + after, ", then everything again")):
            prefix = next(prefixes)
            text = before + middle + after
            found[f"{what}, {frame}{name}"] = "".join(
                f"{prefix}{line}\n" for line in text.splitlines()
            )
    for frame, (before, after) in FRAMES.items():
        found[f"everything, {frame}"] = before + "".join(noise + after for noise in NOISE.values())
    return found


def test_noisy_build_that_passed_has_no_cause() -> None:
    tried = logs()
    claimed = {name: errors(log)[0].root_line for name, log in tried.items() if errors(log)}
    assert claimed == {}


def test_noise_does_not_hide_the_cause_of_a_failed_build() -> None:
    end = "gcc -c w.c\nw.c:4:10: fatal error: lua.h: No such file or directory\nmake: *** [Makefile:3: w.o] Error 1\n"
    hidden = {}
    for what, noise in NOISE.items():
        found = errors(CONFIGURE + noise + "gcc -c v.c\n" + end)
        if (found[0].kind.value, found[0].subject) != ("missing-header", "lua.h"):
            hidden[what] = found[0].root_line
    assert hidden == {}


def test_check_of_a_script_is_the_cause_where_it_has_no_answer() -> None:
    check = "checking -lutil... /usr/bin/ld: cannot find -lutil: No such file or directory\ncollect2: error: ld returned 1 exit status\n"
    (found,) = errors(check + "make: *** [Makefile:3: conf] Error 1\n")
    assert (found.kind.value, found.subject) == ("missing-library", "util")
    assert errors(check + "no\ncc -c a.c\ncc -o a a.o\n") == []


def test_command_with_an_alternative_is_the_cause_only_if_nothing_else_is() -> None:
    tried = "$ cc -V || cc --version\ncc: error: unrecognized command-line option '-V'\n"
    assert errors(tried + "cc (Debian 14.2.0) 14.2.0\n$ make\ncc -c a.c\n") == []
    failed = errors(tried + "make: *** [Makefile:9: info] Error 1\n")
    assert [one.subject for one in failed] == ["-V"]
    last = errors(
        "$ make -C old || exit 1\nx.c:1:10: fatal error: lua.h: No such file or directory\nmake: *** [Makefile:3: x.o] Error 1\n"
    )
    assert [one.subject for one in last] == ["lua.h"]


def test_script_that_says_what_a_failed_link_means_goes_on() -> None:
    link = "mold: error: undefined symbol: frob\n>>> referenced by t.c\ncollect2: error: ld returned 1 exit status\n"
    assert errors(link + "frob is not in libc\n" + link + "frob is not in -lm\n") == []
    (failed,) = errors(link + "frob is not in libc\nmake: *** [Makefile:3: check-libs] Error 1\n")
    assert failed.subject == "frob"
