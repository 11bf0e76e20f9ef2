"""Whatever a log holds, it is read in time that grows like its length, and nothing breaks."""

import io
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ciforge.diagnose.rules.rule import Rule
from ciforge.diagnose.scan.findings import diagnose, read_lines
from ciforge.diagnose.scan.log_lines import bare
from ciforge.diagnose.scan.ruleset import RULES
from ciforge.sanitize import LONGEST, log_line
from examples import examples

PIECES = (
    "error: ", "fatal error: ", "x.c:1:2: ", "configure: error: ", "make: *** ", "[Makefile:3: x] ",
    "Error 1", "No such file or directory", "'", "`", "\u2018", "\x1b[", "\x1b]8;;", "\x07", "| ", "> ",
    "2026-11-22T10:00:00Z ", "##[error]", "undefined reference to ", "not found", "CMake Error at ",
    "(message):", "--- ciforge: build ---", "(ignored)", "a" * 50, ":" * 20, "(" * 20, " " * 40, "\r",
    "\t", "\n", "\x00", "é", "\u202e", "{subject}", "%s", "\\", "Package requirements (", ") were not met:",
)  # fmt: skip
SLOW = settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@SLOW
@given(st.lists(st.sampled_from(PIECES), max_size=60), st.booleans())
def test_any_mixture_of_what_tools_say_is_read(pieces: list[str], failed: bool) -> None:
    stream = io.BytesIO("".join(pieces).encode("utf-8", "surrogateescape"))
    for one in diagnose(read_lines(stream), failed=failed):
        shown = (one.root_line, one.subject, one.file, one.advice, *one.excerpt)
        assert not any("\x1b" in text or "\x00" in text or "\u202e" in text for text in shown)
        assert one.excerpt
        assert one.root_line in one.excerpt


@SLOW
@given(st.binary(max_size=400))
def test_any_bytes_are_read(data: bytes) -> None:
    assert diagnose(read_lines(io.BytesIO(data)), failed=True)[0].excerpt


@SLOW
@given(st.text(max_size=300))
def test_lines_are_safe_and_stay_so(text: str) -> None:
    line = log_line(text)
    assert log_line(line) == line
    bare(line)


UNITS = ("a ", "a:", "a", "'", " ", "a-", "(", "a/", "error: ", "configure: error: ")


def search_seconds(rule: Rule, unit: str) -> float:
    """Processor time to search a line as long as lines get, made of `unit`; the better of two."""
    needs = rule.needs or "x"
    line = f"configure: error: x.c:1:2: error: {needs}{unit * (LONGEST // len(unit))}{needs}"
    times = []
    for _ in range(2):
        began = time.process_time()
        rule.pattern.search(line[: LONGEST + 100])
        times.append(time.process_time() - began)
    return min(times)


@pytest.mark.slow
def test_no_pattern_is_quadratic() -> None:
    slow = [
        (rule.pattern.pattern, unit)
        for rule in RULES
        for unit in (*UNITS, rule.needs or "x")
        if search_seconds(rule, unit) >= 5  # a quadratic one takes minutes
    ]
    assert slow == []


def test_a_pattern_says_nothing_of_its_own() -> None:
    (found,) = diagnose(["x.c:1:2: error: unknown type name '{file} {subject} %s'"])
    assert found.subject == "{file} {subject} %s"
    assert "{file} {subject} %s" in found.advice


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "१"])
def test_numbers_of_lines_may_be_anything(number: str) -> None:
    (found,) = diagnose([f"x.c:{number}:2: error: unknown type name 'x'"])
    assert found.line is None or found.line < 10**9
