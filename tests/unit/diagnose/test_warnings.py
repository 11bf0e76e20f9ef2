"""Warnings that are new, and those that will be errors."""

import pytest

from ciforge.diagnose.warnings import warned, worth_telling
from tests.tables import each

HEAD = "../../usr.sbin/smtpd/lka.c:12:3: warning: "


@each(
    ("text", "fatal"),
    [
        (
            "implicit declaration of function 'setgroups' [-Wimplicit-function-declaration]",
            "an error with gcc 14 and clang 16",
        ),
        (
            "call to undeclared function 'setgroups'; ISO C99 and later do not support implicit "
            "function declarations [-Wimplicit-function-declaration]",
            "an error with gcc 14 and clang 16",
        ),
        ("type defaults to 'int' in declaration of 'x' [-Wimplicit-int]", "an error with gcc 14 and clang 16"),
        (
            "returning 'int' from a function with return type 'int *' makes pointer from integer "
            "without a cast [-Wint-conversion]",
            "an error with gcc 14 and clang 15",
        ),
        (
            "passing argument 1 of 'take' from incompatible pointer type [-Wincompatible-pointer-types]",
            "an error with gcc 14 and clang 22",
        ),
        ("'return' with a value, in function returning void [-Wreturn-type]", "an error with gcc 14"),
        ("\u2018return\u2019 with no value, in function returning non-void [-Wreturn-type]", "an error with gcc 14"),
        ("control reaches end of non-void function [-Wreturn-type]", ""),
        ("unused variable 'x' [-Wunused-variable]", ""),
        ("'%s' directive output may be truncated [-Wformat-truncation=]", ""),
        ("something of its own", ""),
    ],
)  # fmt: skip
def test_warning_that_a_later_compiler_makes_an_error_is_named_so(text: str, fatal: str) -> None:
    (one,) = warned([HEAD + text])
    assert (one.fatal, one.file, one.line) == (fatal, "../../usr.sbin/smtpd/lka.c", 12)


def test_warning_has_its_option_and_subject() -> None:
    line = HEAD + "implicit declaration of function 'setgroups' [-Wimplicit-function-declaration]"
    (one,) = warned(["cc -c lka.c", line])
    assert (one.option, one.subject, one.log_line) == (
        "implicit-function-declaration",
        "setgroups",
        2,
    )
    assert one.text == line


@each(
    "line",
    [
        "checking whether gcc accepts -Wall... warning: no",
        "Makefile:1190: warning: overriding recipe",
        "lka.c:12:3: error: implicit declaration of function 'f'",
        "",
    ],
)
def test_other_line_is_no_compiler_warning(line: str) -> None:
    assert not [one for one in warned([line]) if one.fatal or one.option]


def test_same_warning_is_reported_once() -> None:
    lines = [f"a.c:{line}:1: warning: unused variable 'x' [-Wunused-variable]" for line in (3, 9)]
    (one,) = warned(lines)
    assert one.times == 2


@pytest.mark.parametrize(
    "then",
    [
        "a.c:99:7: warning: unused variable 'x' [-Wunused-variable]",
        "../src/a.c:3: warning: unused variable 'x' [-Wunused-variable]",
    ],
)
def test_warning_on_another_line_is_not_new(then: str) -> None:
    green = {
        one.key for one in warned(["a.c:3:1: warning: unused variable 'x' [-Wunused-variable]"])
    }
    assert worth_telling(warned([then]), green) == ()


def test_new_warnings_and_future_errors_are_reported_and_others_are_not() -> None:
    old = "a.c:3:1: warning: unused variable 'x' [-Wunused-variable]"
    new = "a.c:4:1: warning: unused variable 'y' [-Wunused-variable]"
    fatal = (
        "b.c:4:1: warning: implicit declaration of function 'f' [-Wimplicit-function-declaration]"
    )
    green = {one.key for one in warned([old, fatal])}
    told = worth_telling(warned([old, new, fatal]), green)
    assert [(one.subject, one.new, bool(one.fatal)) for one in told] == [
        ("f", False, True), ("y", True, False),
    ]  # fmt: skip


def test_warning_without_an_earlier_green_run_is_not_new() -> None:
    lines = ["a.c:4:1: warning: unused variable 'y' [-Wunused-variable]"]
    assert worth_telling(warned(lines), None) == ()


def test_number_of_reported_warnings_is_bounded() -> None:
    lines = [f"a{at:c}.c:1:1: warning: odd [-Wodd]" for at in range(0x4E00, 0x4F00)]
    assert len(worth_telling(warned(lines), (), most=10)) == 10


def test_warning_in_a_line_without_end_is_read() -> None:
    assert warned(["a.c:1:1: warning: " + "(" * 1_000_000]) != ()
    assert warned([": warning: " * 100_000]) == ()
