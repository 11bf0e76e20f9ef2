"""Which of the things that a log says is the root cause, and which are none."""

# ruff: noqa: RUF001
from ciforge.diagnose.scan.findings import diagnose
from ciforge.model.finding import Finding, Severity
from tests.tables import each


def errors(log: str, *, failed: bool = False) -> list[Finding]:
    found = diagnose(log.strip("\n").splitlines(), failed=failed)
    return [one for one in found if one.severity is Severity.ERROR]


def said(log: str, *, failed: bool = False) -> list[str]:
    """Kind and subject of every finding that claims a cause."""
    return [f"{one.kind.value} {one.subject}".strip() for one in errors(log, failed=failed)]


ROOTS = {
    "the first error comes before later ones": (
        "a.c:1:1: error: unknown type name 'u_quad'\n"
        "b.c:1:1: error: use of undeclared identifier 'X'\nmake: *** [a.o] Error 1",
        ["unknown-type u_quad", "undeclared X"],
    ),
    "a full disk comes before what the compiler says of it": (
        "fatal error: error in backend: IO failure on output stream\n"
        "PLEASE submit a bug report to https://example.org and include the crash backtrace\n"
        "clang: error: clang frontend command failed with exit code 70\n"
        "as: x.o: No space left on device\nmake: *** [x.o] Error 1",
        ["disk-full No space left on device", "internal-compiler-error clang"],
    ),
    "memory comes before what the linker says of it": (
        "a.c:1:1: error: unknown type name 'u_quad'\n"
        "gcc: fatal error: Killed signal terminated program cc1\nmake: *** [a.o] Error 1",
        ["out-of-memory cc1", "unknown-type u_quad"],
    ),
    "a dead mirror comes before the packages that it does not have": (
        "W: Failed to fetch http://deb.example.org/x  Could not resolve 'deb.example.org'\n"
        "Reading package lists...\nE: Unable to locate package libevent-dev",
        ["deps-network deb.example.org", "deps-not-found libevent-dev"],
    ),
    "a mirror that failed once is no cause of what the compiler says": (
        "W: Failed to fetch http://deb.example.org/x  Could not resolve 'deb.example.org'\n"
        + "Setting up gcc\n" * 40
        + "a.c:1:1: error: unknown type name 'u_quad'\nmake: *** [a.o] Error 1",
        ["unknown-type u_quad"],
    ),
    "warnings are no cause while something is fatal": (
        "a.c:1:1: warning: implicit declaration of function 'f' [-Wimplicit-function-declaration]\n"
        "a.c:(.text+0xa): undefined reference to `f'\n"
        "collect2: error: ld returned 1 exit status\nmake: *** [a] Error 1",
        ["undefined-symbol f"],
    ),
    "a tool that is missing in passing is no cause": (
        "./configure: line 12: gendoc: command not found\n"
        + "checking for foo... yes\n" * 40
        + "a.c:1:1: error: unknown type name 'u_quad'\nmake: *** [a.o] Error 1",
        ["unknown-type u_quad"],
    ),
    "a tool that is missing when make fails is one": (
        "gcc -c a.c\n/bin/sh: 1: msgfmt: not found\nmake: *** [Makefile:3: de.mo] Error 127",
        ["missing-tool msgfmt"],
    ),
    "a failure that make ignores is none": (
        "cp: cannot stat 'x': No such file or directory\n"
        "make: [Makefile:3: install] Error 1 (ignored)\n"
        "a.c:1:1: error: unknown type name 'u_quad'\nmake: *** [a.o] Error 1",
        ["unknown-type u_quad"],
    ),
    "with make -k several causes are several": (
        "a.c:1:10: fatal error: event.h: No such file or directory\ncompilation terminated.\n"
        "make: *** [Makefile:3: a.o] Error 1\n"
        "b.c:7:3: error: 'struct s' has no member named 'x'\n"
        "make: *** [Makefile:3: b.o] Error 1\nmake: Target 'all' not remade because of errors.",
        ["missing-header event.h", "undeclared x"],
    ),
    "with make -j lines of others stand between": (
        "a.c:1:10: fatal error: event.h: No such file or directory\n"
        "gcc -c b.c\ncompilation terminated.\ngcc -c d.c\nmake: *** [Makefile:3: a.o] Error 1\n"
        "make: *** Waiting for unfinished jobs....\nb.c:1:1: warning: unused variable 'x'",
        ["missing-header event.h"],
    ),
    "the same error in many places is one": (
        "".join(f"a{n}.c:1:1: error: unknown type name 'u_quad'\n" for n in range(50))
        + "make: *** [a.o] Error 1",
        ["unknown-type u_quad"],
    ),
    "what configure asked for is no failure": (
        "conftest.c:9:10: fatal error: nope.h: No such file or directory\n"
        "configure: error: libevent not found",
        ["missing-package libevent"],
    ),
    "checking and its error may stand in one line": (
        "checking for libevent... configure: error: libevent not found",
        ["missing-package libevent"],
    ),
    "the message stands below the folder": (
        "configure: error: in '/build':\nconfigure: error: C compiler cannot create executables\n"
        "See 'config.log' for more details",
        ["configure-check C compiler"],
    ),
    "packages that pkg-config misses are several": (
        "checking for E... no\n"
        "configure: error: Package requirements (libevent >= 2.0 libnope) were not met:\n\n"
        "Package 'libevent', required by 'virtual:world', not found\n"
        "Package 'libnope', required by 'virtual:world', not found",
        ["missing-package libevent", "missing-package libnope"],
    ),
    "the second of several requirements may be the one that is missing": (
        "configure: error: Package requirements (zlib >= 1.2 libnope) were not met:\n\n"
        "No package 'libnope' found",
        ["missing-package libnope"],
    ),
    "the macro stands in the next line": (
        "./configure: line 12: syntax error near unexpected token `E,libevent'\n"
        "./configure: line 12: `PKG_CHECK_MODULES(E,libevent)'",
        ["missing-macro PKG_CHECK_MODULES"],
    ),
    "CMake's message stands below its place": (
        "CMake Error at CMakeLists.txt:3 (find_package):\n"
        '  Could not find a package configuration file provided by "Nope" with any\n'
        "  of the following names:\n\n    NopeConfig.cmake\n\n"
        "-- Configuring incomplete, errors occurred!\nmake: *** No targets specified and no "
        "makefile found.  Stop.",
        ["cmake-error Nope"],
    ),
    "what pkg-config told CMake is the cause": (
        "-- Checking for module 'libnope'\n--   No package 'libnope' found\n"
        "CMake Error at FindPkgConfig.cmake:607 (message):\n  A required package was not found\n"
        "Call Stack (most recent call first):\n\n-- Configuring incomplete, errors occurred!",
        ["missing-package libnope"],
    ),
    "what CMake says before what it did not find is not it": (
        "CMake Error at CMakeLists.txt:9 (find_package):\n"
        '  By not providing "FindNopeOverlay.cmake" in CMAKE_MODULE_PATH this project\n'
        "  has asked CMake to find a package configuration file provided by\n"
        '  "NopeOverlay", but CMake did not find one.\n\n'
        '  Could not find a package configuration file provided by "NopeOverlay" with\n'
        "  any of the following names:\n\n-- Configuring incomplete, errors occurred!",
        ["cmake-error NopeOverlay"],
    ),
    "autoreconf cannot run what it needs": (
        'Can\'t exec "autopoint": No such file or directory at FileUtils.pm line 345.\n'
        "autoreconf: failed to run autopoint: No such file or directory\n"
        "autoreconf: autopoint is needed because this package uses Gettext",
        ["missing-tool autopoint"],
    ),
    "a generator in Python says what it missed in its last line": (
        'Traceback (most recent call last):\n  File "gen.py", line 3, in <module>\n'
        "    print(table['version'])\nKeyError: 'version'\nmake: *** [Makefile:9: v.h] Error 1",
        ["other version"],
    ),
    "a Python module that is missing is a tool that is": (
        'Traceback (most recent call last):\n  File "gen.py", line 3, in <module>\n'
        "    import yaml\nModuleNotFoundError: No module named 'yaml'\n"
        "make: *** [Makefile:9: v.h] Error 1",
        ["missing-tool yaml"],
    ),
    "logs of CMake that a packager shows are not the build": (
        "CMake Error at CMakeLists.txt:3 (message):\n  all is lost\n\n"
        "-- Configuring incomplete, errors occurred!\n\tcd build && tail -v -n +0 CMakeCache.txt\n"
        "==> CMakeFiles/CMakeError.log <==\nsrc.c:(.text+0x1): undefined reference to `pthread_x'\n"
        "collect2: error: ld returned 1 exit status\n"
        "dh_auto_configure: error: cd build && cmake returned exit code 1",
        ["cmake-error all is lost"],
    ),
    "Solaris says a symbol and where it is needed": (
        "Undefined\t\t\tfirst referenced\n symbol  \t\t\t    in file\n"
        "strlcpy                             log.o\nsetproctitle                        main.o\n"
        "ld: fatal: Symbol referencing errors. No output written to smtpd\n"
        "*** Error code 1",
        ["undefined-symbol strlcpy", "undefined-symbol setproctitle"],
    ),
    "apk says below what it cannot select": (
        "ERROR: unable to select packages:\n  libnope-dev (no such package):\n"
        "    required by: world[libnope-dev]",
        ["deps-not-found libnope-dev"],
    ),
    "an expectation is named": (
        "--- ciforge: expect ---\nexpect: /usr/sbin/smtpctl has mode=0755, not mode=2555\n"
        "expect: config.h does not define HAVE_CRYPT",
        ["expectation /usr/sbin/smtpctl", "expectation HAVE_CRYPT"],
    ),
    "a step at its limit is a timeout": (
        "--- ciforge: check ---\nPASS: one\n"
        "--- ciforge: check is at its limit; its processes: ---\n  12 sh -c sleep",
        ["timeout check"],
    ),
    "what pkg-config did not find breaks what is compiled with its flags": (
        "Package libnope was not found in the pkg-config search path.\n"
        "Package 'libnope', required by 'virtual:world', not found\n" + "gcc -c other.c\n" * 40
        + "a.c:1:1: error: unknown type name 'nope_t'\nmake: *** [a.o] Error 1",
        ["missing-package libnope", "unknown-type nope_t"],
    ),
    "a module that CMake asked for in passing breaks nothing": (
        "--   No package 'libnope' found\n" + "-- Looking for x\n" * 40
        + "a.c:1:1: error: unknown type name 'nope_t'\nmake: *** [a.o] Error 1",
        ["unknown-type nope_t"],
    ),
    "a patch that does not apply names its file": (
        "patching file calc.c\nHunk #1 FAILED at 1.\n"
        "1 out of 1 hunk FAILED -- saving rejects to file calc.c.rej\n",
        ["other calc.c"],
    ),
    "a word that is a macro elsewhere is what the syntax error is about": (
        "ntpd.h:448:8: error: expected '=', ',', ';', 'asm' or '__attribute__' before 'void'\n"
        "  448 | __dead void fatal(const char *, ...);\n      |        ^~~~\nmake: *** [a.o] Error 1",
        ["syntax-error __dead"],
    ),
    "a test that fails is named, not the summary": (
        "PASS: one\nFAIL: two\n" + "PASS: more\n" * 40 + "# TOTAL: 42\n# FAIL:  1\n"
        "make[2]: *** [Makefile:512: test-suite.log] Error 1\nmake[1]: *** [check-TESTS] Error 2",
        ["test-failure two"],
    ),
}  # fmt: skip


@each("name", ROOTS)
def test_root_cause_is_the_first_finding(name: str) -> None:
    log, expected = ROOTS[name]
    assert said(log) == expected


def test_log_is_a_failure_if_the_caller_says_so() -> None:
    assert said("all is well\nbut not here") == []
    (found,) = errors("all is well\nbut not here", failed=True)
    assert (found.kind.value, found.root_line, found.log_line) == ("other", "but not here", 2)


def test_failure_without_a_log_is_a_finding() -> None:
    (found,) = diagnose([], failed=True)
    assert found.kind.value == "other"
    assert found.excerpt


GREEN = {
    "an error that a test asks for": "x.c:1:1: error: expected ';'\n" + "ok 1 - it refuses that\n" * 60,
    "a step that went on": "--- ciforge: configure ---\nx.c:1:1: error: expected ';'\n"
    "--- ciforge: build ---\ngcc -c x.c",
    "a package manager that went on": "E: Unable to locate package libnope\n"
    "Reading package lists...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.",
    "a time of day before the word": "2026/11/22 19:12:45 error: a line of a test\nok",
    "a program that counts": "cat: /nonexistent: No such file or directory\nFAILED: 0\n0 tests failed",
    "a script that went on": "cat: /nonexistent: No such file or directory\nok\n",
    "a second try": "--- ciforge: prepare ---\nE: Unable to locate package x\n"
    "--- ciforge: the mirror failed; once more in 3 s ---\nSetting up x",
    "an ignored failure of a make below": "make -C sub\nmake[1]: Entering directory '/sub'\n"
    "rm: cannot remove 'x': No such file or directory\nmake[1]: *** [Makefile:2: all] Error 1\n"
    "make[1]: Leaving directory '/sub'\nmake: [Makefile:3: a] Error 2 (ignored)\ngcc -c x.c",
    "tests of CTest that are disabled or skipped": "    Start 1: parser\n"
    "1/2 Test #1: parser ...........................***Not Run (Disabled)   0.00 sec\n"
    "2/2 Test #2: network ..........................***Skipped   0.01 sec\n\n"
    "100% tests passed, 0 tests failed out of 1\n\nThe following tests did not run:\n"
    "\t  1 - parser (Disabled)\n\t  2 - network (Skipped)",
    "tests that print failures": "FAIL: looks like one\n" + "PASS: is none\n" * 30 + "# FAIL:  0",
    "a config.log that is shown": "This file contains any messages produced by compilers while\n"
    "running configure, to aid debugging if configure makes a mistake.\n\n"
    "conftest.c:9:10: fatal error: nope.h: No such file or directory\n"
    "/usr/bin/ld: cannot find -lnope: No such file or directory\n"
    "configure: exit 0\nmake\ngcc -c x.c",
}  # fmt: skip


@each("name", GREEN)
def test_log_of_a_success_has_no_finding(name: str) -> None:
    assert said(GREEN[name]) == []


def test_warning_that_may_become_an_error_is_a_warning() -> None:
    (found,) = diagnose(["a.c:3:1: warning: implicit declaration of function 'f'", "gcc -c b.c"])
    assert (found.severity, found.subject) == (Severity.WARNING, "f")


def test_finding_has_step_line_and_excerpt() -> None:
    log = [
        "--- ciforge: configure ---",
        "checking for gcc... gcc",
        "--- ciforge: build ---",
        "make all",
        "gcc -c x.c",
        "x.c:1:10: fatal error: event.h: No such file or directory",
        "    1 | #include <event.h>",
        "      |          ^~~~~~~~~",
        "compilation terminated.",
        "make: *** [Makefile:3: x.o] Error 1",
    ]
    (found,) = diagnose(log)
    assert (found.step, found.log_line, found.file, found.line) == ("build", 6, "x.c", 1)
    assert found.excerpt == tuple(log[3:])
    assert "event.h" in found.advice


def test_finding_has_the_step_of_the_caller_if_the_log_has_no_marks() -> None:
    (found,) = diagnose(["x.c:1:1: error: unknown type name 'x'"], step="build")
    assert found.step == "build"


def test_findings_are_bounded_and_a_full_disk_is_still_seen() -> None:
    log = [f"a{n}.c:1:1: error: unknown type name 'x{n}'" for n in range(5000)]
    found = diagnose([*log, "cc1: x: No space left on device", "make: *** [x] Error 1"])
    assert len(found) <= 101
    assert found[0].kind.value == "disk-full"


@each(
    ("log", "advice"),
    [
        (
            "x.c:1:10: fatal error: event.h: No such file or directory",
            "Add the package that ships event.h to `dependencies`, or include it only where it exists.",
        ),
        (
            "lmem.c:97:22: error: unknown type name ‘lua_Stat’; did you mean ‘lua_State’?",
            "Include the header that defines lua_Stat before lmem.c uses it. The compiler suggests "
            "`lua_State`.",
        ),
        ("meson.build:4:0: ERROR: Expecting rparen got id.", "See meson.build:4."),
        ("CMake Error at CMakeLists.txt:7 (message):\n  all is lost", "See CMakeLists.txt:7."),
        (
            "configure: error: Package requirements (zlib libnope) were not met:\n\n"
            "No package 'libnope' found",
            "Add libnope to `dependencies`, or configure without it.",
        ),
        (
            "expect: /usr/sbin/smtpctl has mode=0755, not mode=2555",
            "/usr/sbin/smtpctl is installed with mode=0755: fix the install rule, or `expect`.",
        ),
    ],
)
def test_advice_names_the_subject_of_its_finding(log: str, advice: str) -> None:
    assert errors(log)[0].advice == advice
