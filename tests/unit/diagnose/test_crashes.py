"""A crash whose backtrace is in the log: one finding, with the frames; other failures beside it stay."""

import pytest

from ciforge.diagnose.scan.findings import diagnose

TRACE = (
    "#0  0x000055 in size_of (table=0x0) at t_table.c:5",
    "ciforge: backtrace: SIGSEGV in t_table at size_of (t_table.c:5), called by main (t_table.c:13)",
    "ciforge: the step failed, and programs in it crashed",
)
MAKE = "make: *** [Makefile:2: check] Error 1"


@pytest.mark.parametrize(
    "lines",
    [
        ("PASS: t_good", "FAIL: t_table", MAKE),
        ("FAIL: tests/t_table", MAKE),
        ("./t_table", "make: *** [Makefile:2: check] Segmentation fault (core dumped)"),
    ],
)
def test_backtrace_is_the_only_finding_of_its_crash(lines: tuple[str, ...]) -> None:
    (found,) = diagnose((*lines, *TRACE), failed=True)
    assert (found.subject, found.file, found.line) == ("SIGSEGV in t_table", "t_table.c", 5)
    assert "in size_of (t_table.c:5), called by main (t_table.c:13)" in found.advice


def test_other_failures_stay_beside_a_backtrace() -> None:
    found = diagnose(("FAIL: t_table", "FAIL: t_list", MAKE, *TRACE), failed=True)
    assert [one.subject for one in found] == ["SIGSEGV in t_table", "t_list"]


def test_crash_without_a_backtrace_is_told_as_before() -> None:
    (found,) = diagnose(("FAIL: t_table", MAKE), failed=True)
    assert found.subject == "t_table"
