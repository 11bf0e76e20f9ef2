"""The cause of a failed test quotes what the test printed, from logs beside that of the job."""

from ciforge.diagnose.scan.findings import diagnose
from ciforge.diagnose.scan.test_logs import quoted

AUTOMAKE = """\
==================================
   tl 1.0: sub/test-suite.log
==================================

# TOTAL: 3
# FAIL:  2

.. contents:: :depth: 2

FAIL: bad.sh
============

wanted: 250 2.0.0 Ok
got:    550 5.1.1 No such user
FAIL bad.sh (exit status: 1)

FAIL: core.sh
=============

./core.sh: line 3:  1234 Segmentation fault      ./tl crash
FAIL core.sh (exit status: 139)

"""
MESON = """\
Log of Meson test suite run on 2026-11-30T10:00:00

==================================== 1/2 =====================================
test:         good
start time:   10:00:00
duration:     0.01s
result:       exit status 0
command:      /ciforge/src/build/good
----------------------------------- stdout -----------------------------------
fine
==============================================================================

==================================== 2/2 =====================================
test:         parser
start time:   10:00:00
duration:     0.01s
result:       exit status 1
command:      /ciforge/src/build/parser
----------------------------------- stderr -----------------------------------
expected ';', found '}'
==============================================================================
"""


def test_cause_of_a_failed_test_quotes_the_log_of_automake() -> None:
    log = "FAIL: bad.sh\nFAIL: core.sh\nmake[1]: *** [Makefile:1: check] Error 1\n"
    found = diagnose(log.splitlines(), failed=True)
    reasons = {one.subject: one.excerpt for one in quoted(found, [AUTOMAKE.splitlines()])}
    assert "got:    550 5.1.1 No such user" in reasons["bad.sh"]
    assert "FAIL core.sh (exit status: 139)" in reasons["core.sh"]
    assert not any("550" in line for line in reasons["core.sh"])


def test_cause_of_a_failed_test_quotes_the_log_of_meson() -> None:
    log = "2/2 parser FAIL 0.01s exit status 1\nninja: build stopped: subcommand failed.\n"
    found = diagnose(log.splitlines(), failed=True)
    (first, *_) = quoted(found, [MESON.splitlines()])
    assert first.subject == "parser"
    assert "expected ';', found '}'" in first.excerpt
    assert "fine" not in first.excerpt


def test_quoted_log_is_printable_and_bounded() -> None:
    found = diagnose(["FAIL: bad.sh", "make: *** [check] Error 1"], failed=True)
    body = "\n".join(["\x1b]0;title\x07said"] * 9999)
    hostile = f"FAIL: bad.sh\n=====\n{body}\nlast \x1b[31mred\n"
    (first, *_) = quoted(found, [hostile.splitlines()])
    assert "\x1b" not in "".join(first.excerpt)
    assert len(first.excerpt) < 20


def test_findings_other_than_tests_are_not_changed() -> None:
    found = diagnose(
        ["a.c:1:10: fatal error: x.h: No such file or directory", "make: *** [a.o] Error 1"],
        failed=True,
    )
    assert quoted(found, [AUTOMAKE.splitlines()]) == found
