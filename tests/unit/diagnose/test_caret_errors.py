"""Errors below a source line: what the caret points at, also behind a tab, and carets of other compilers."""

from ciforge.diagnose.scan.findings import diagnose
from ciforge.model.finding import Basis

END = "make: *** [Makefile:9: x] Error 1"


def test_caret_behind_tabs_names_the_word_it_points_at() -> None:
    """chibicc counts no column for a tab."""
    found = diagnose(["a.c:3: \tint n = PATH_MAX;", " " * 15 + "^ undefined variable", END])[0]
    assert (found.subject, found.file, found.line) == ("PATH_MAX", "a.c", 3)


def test_caret_without_a_source_line_above_keeps_the_place_empty() -> None:
    found = diagnose(["cc a.c", "        ^ undefined variable", END])[0]
    assert (found.file, found.line) == ("", None)


def test_syntax_error_below_a_source_line_names_the_place_in_its_advice() -> None:
    found = diagnose(["a.c:3:   int x = 3", " " * 17 + "^ expected ';'", END])[0]
    assert found.advice.startswith("Look at a.c:3 and")


def test_advice_that_no_test_follows_is_marked_as_from_the_manual() -> None:
    found = diagnose(["a.c:3: \tint n = f(x);", " " * 17 + "^ no such member", END])[0]
    assert found.basis is Basis.MANUAL
