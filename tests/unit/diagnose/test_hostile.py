"""Whatever a log holds, it is read in time that grows like its length, and nothing breaks."""

import io
import math
import re
from collections.abc import Sequence

import pytest
from backtracking import StepCounter, TooManyStepsError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ciforge.diagnose.scan.findings import diagnose, read_lines
from ciforge.diagnose.scan.log_lines import bare
from ciforge.diagnose.scan.ruleset import RULES
from ciforge.sanitize import log_line
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
def test_any_mixture_of_tool_output_is_diagnosed(pieces: list[str], failed: bool) -> None:
    stream = io.BytesIO("".join(pieces).encode("utf-8", "surrogateescape"))
    for one in diagnose(read_lines(stream), failed=failed):
        shown = (one.root_line, one.subject, one.file, one.advice, *one.excerpt)
        assert not any("\x1b" in text or "\x00" in text or "\u202e" in text for text in shown)
        assert one.excerpt
        assert one.root_line in one.excerpt


@SLOW
@given(st.binary(max_size=400))
def test_any_bytes_are_diagnosed(data: bytes) -> None:
    assert diagnose(read_lines(io.BytesIO(data)), failed=True)[0].excerpt


@SLOW
@given(st.text(st.characters(exclude_characters="\n"), max_size=300))
def test_diagnosed_lines_are_safe_to_print(text: str) -> None:
    line = log_line(f"{text}\n")
    assert log_line(line) == line
    bare(line)


UNITS = ("a ", "a:", "a", "'", " ", "a-", "(", "a/", "error: ", "configure: error: ")


SHORT = 40
"""Characters; counting steps is slow, and growth shows early."""
SQUARE = 4.2
"""Twice as long takes four times as many steps, and a little for the rest of the line."""


def growth(pattern: re.Pattern[str], units: Sequence[str], needs: str = "x") -> dict[str, float]:
    """By how much the steps of a search grow in a line of twice as many of each unit."""
    counter = StepCounter(pattern, limit=200_000)

    def steps(unit: str, length: int) -> float:
        repeated = unit * (length // len(unit) + 1)
        line = f"configure: error: x.c:1:2: error: {needs}{repeated}{needs}"
        try:
            assert counter.search(line) == bool(pattern.search(line)), (pattern.pattern, line)
        except TooManyStepsError:
            return math.inf
        return counter.steps

    return {unit: steps(unit, 2 * SHORT) / min(steps(unit, SHORT), 200_000) for unit in units}


@pytest.mark.slow
def test_no_rule_pattern_needs_more_than_quadratic_steps() -> None:
    """A line has at most LONGEST characters: the square of that is milliseconds, the cube minutes."""
    slow = [
        (rule.pattern.pattern, unit)
        for rule in RULES
        for unit, factor in growth(rule.pattern, (*UNITS, rule.needs or "x"), rule.needs).items()
        if factor > SQUARE
    ]
    assert slow == []


@pytest.mark.slow
def test_pattern_of_more_than_quadratic_steps_is_detected() -> None:
    cubic, exponential, nested = r"^.*-.*a.*!", r"(?:a|-|a-)+!", r"(?:a|a-)*-*[^:]*!"
    fast = [
        one
        for one in (cubic, exponential, nested)
        if growth(re.compile(one), ["a-"])["a-"] <= SQUARE
    ]
    assert fast == []


def test_pattern_of_quadratic_steps_is_accepted() -> None:
    linear, start_anywhere, square = r"a+!$", r"(?P<x>\S+) (?:is|was) missing", r"^.*a.*!"
    slow = [
        one
        for one in (linear, start_anywhere, square)
        if growth(re.compile(one), ["a-"])["a-"] > SQUARE
    ]
    assert slow == []


@pytest.mark.slow
def test_step_counting_matcher_agrees_with_python() -> None:
    different = [
        (rule.pattern.pattern, line)
        for rule in RULES[::10]
        for line in (rule.example, rule.counterexample)
        if StepCounter(rule.pattern, 10**7).search(line) != bool(rule.pattern.search(line))
    ]
    assert different == []


def test_placeholders_in_a_log_line_are_not_expanded_in_advice() -> None:
    (found,) = diagnose(["x.c:1:2: error: unknown type name '{file} {subject} %s'"])
    assert found.subject == "{file} {subject} %s"
    assert "{file} {subject} %s" in found.advice


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "१"])
def test_line_numbers_in_a_log_may_be_any_number(number: str) -> None:
    (found,) = diagnose([f"x.c:{number}:2: error: unknown type name 'x'"])
    assert found.line is None or found.line < 10**9


@pytest.mark.parametrize("count", [50, 150, 1000])
def test_a_flood_of_errors_at_the_end_of_a_log_counts_however_long_it_is(count: int) -> None:
    flood = [f"x.c:{n}:2: error: unknown type name 'x{n}'" for n in range(count)]
    assert len(diagnose(flood)) == min(count, 100)
    assert diagnose([*flood, *["cc -O2 -c y.c -o y.o"] * 40]) == ()
