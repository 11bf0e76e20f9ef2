"""Lines of a log: decoded, bounded, safe, and without what services write around them."""

# ruff: noqa: RUF001
import io

import pytest

from ciforge.diagnose.scan.log_lines import bare, read_lines
from ciforge.sanitize import LONGEST, log_line
from tests.tables import each

ERROR = "x.c:1:10: fatal error: event.h: No such file or directory"

PREFIXES = (
    "2026-11-22T10:00:00.1234567Z ",
    "build\tRun make\t2026-11-22T10:00:00.1234567Z ",
    "2026-11-22T10:00:00.123456Z 01O ",
    "2026-11-22T10:00:00.1234567Z ##[error]",
    "##[error]",
    "#12 3.456 ",
    "[  123s] ",
    "[00:01:02] ",
    "[2026-11-22T10:00:00.123Z] ",
    "08:08:43 ",
    "Nov 22 10:00:00 ",
    "[#4711] 2026/11/22 10:00:00 ",
    "DEBUG util.py:446:  ",
    "DEBUG: ",
    "| ",
    "     [exec] ",
    "> ",
    "opensmtpd> ",
    "web-1  | ",
    "2026-11-22T10:00:00.1234567Z #9 1.234 ",
    "2025/06/24 18:57:44 WARN ",
    "2025/06/24 18:57:44 ",
    "2025-06-24 18:57:44,123 - INFO - ",
    "0.723 ",
    "12.34 ",
    "123.4 ",
    ":info:build ",
    "       > ",
    "[CI/build]   | ",
    "[build : compile] ",
    "[compile:L12:3s] ",
    "[18:57:44]:\t [Step 2/3] ",
)


def test_progress_of_apt_before_its_error_on_the_same_line_is_removed() -> None:
    assert bare("Building dependency tree...E: Unable to locate package x") == (
        "E: Unable to locate package x"
    )


@each("prefix", PREFIXES)
def test_prefixes_of_ci_services_are_removed_from_lines(prefix: str) -> None:
    assert bare(prefix + ERROR) == ERROR


@each("prefix", [p for p in PREFIXES if not p.endswith(("##[error]", "DEBUG: "))])
def test_blanks_of_the_tool_stay_after_a_removed_prefix(prefix: str) -> None:
    if prefix not in (
        "     [exec] ",
        "DEBUG util.py:446:  ",
        "[18:57:44]:\t [Step 2/3] ",
        "web-1  | ",
    ):
        assert bare(f"{prefix}  two blanks") == "  two blanks"


@each(
    "line",
    [
        ERROR,
        "1.5 seconds",
        "12.3 and 0.72 of it",
        "[ 50%] Building C object x.c.o",
        "ERROR 404: Not Found.",
        "12:30: something",
        "src/a|b: not a table",
        "make[1]: *** [Makefile:3: all] Error 2",
        "  Could NOT find OpenGL (missing: X)",
        "  3/10 parser  FAIL  0.01s",
        "[3/9] Compiling C object src/error.c.o",
        "-- Configuring done",
        "",
    ],
)
def test_text_like_a_prefix_that_the_tool_wrote_stays(line: str) -> None:
    assert bare(line) == line


@each("quoted", ["‘x’", "`x'", "‚x‘", "'x'", "â€˜xâ€™"])
def test_quotes_in_log_lines_are_normalized(quoted: str) -> None:
    assert bare(f"unknown type name {quoted}") == "unknown type name 'x'"


@each(
    ("raw", "shown"),
    [
        ("\x1b[01m\x1b[Kx.c:\x1b[m\x1b[K error", "x.c: error"),
        ("[\x1b]8;;https://example.org/W\x07-Wall\x1b]8;;\x07]", "[-Wall]"),
        ("10%\r20%\rdone\r\n", "done"),
        ("a\x00b\x08c", "abc"),
        ("one\u202etwo", "onetwo"),
        ("a\tb", "a\tb"),
        ("naïve ‘x’", "naïve ‘x’"),
    ],
)
def test_log_line_is_safe_to_print(raw: str, shown: str) -> None:
    assert log_line(raw) == shown


def test_bytes_of_a_log_that_are_no_utf8_are_replaced() -> None:
    assert list(read_lines(io.BytesIO(b"a\xffb\nlast"))) == ["a\ufffdb", "last"]


def test_empty_log_line_is_a_line() -> None:
    assert list(read_lines(io.BytesIO(b"a\n\nb\n"))) == ["a", "", "b"]


def test_log_line_of_ten_megabytes_is_one_line_with_its_end() -> None:
    first, last = read_lines(io.BytesIO(b"x" * 10_000_000 + b"THE END\nnext\n"))
    assert len(first) <= LONGEST + 10
    assert first.endswith("THE END")
    assert last == "next"


def test_log_line_is_never_longer_than_the_bound() -> None:
    assert len(log_line("x" * 100_000)) <= LONGEST + 10


@pytest.mark.parametrize(
    "line",
    [
        "[01m[Kx.c:1:10:[m[K [01;31m[Kfatal error: [m[Kevent.h: No such file or directory",
        "[1mx.c:1:10: [0m[0;1;31mfatal error: [0mevent.h: No such file or directory",
    ],
)
def test_colours_that_lost_their_escape_character_are_taken_off(line: str) -> None:
    assert log_line(line) == ERROR


@pytest.mark.parametrize("line", ["a[0] = b[m];", "x[K", "buf[12m"])
def test_brackets_in_source_lines_are_no_colours(line: str) -> None:
    assert log_line(line) == line
