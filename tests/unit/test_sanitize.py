"""Lines of builds are shown without what a terminal would obey."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciforge.sanitize import LineSplitter, safe_line
from tests.tables import each

HOSTILE = st.text(
    st.one_of(st.sampled_from("\x1b[]P;0m\x07\\\x9b\x9d\x9c\r\n\t\x00\u202e\x7f\ud800"), st.characters())
)  # fmt: skip


@each(
    ("raw", "shown"),
    [
        (b"cc -c a.c\n", "cc -c a.c"),
        (b"cc -c a.c\r\n", "cc -c a.c"),
        ("grün ✓", "grün ✓"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ("\udcff", "\ufffd"),
        ("\x1b[1;31merror\x1b[0m: no", "error: no"),
        ("\x1b[?25l\x1b[2Khidden cursor", "hidden cursor"),
        ("\x1b]0;a new title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP+q544e\x1b\\after", "after"),
        ("\x1b]0;never ended: the error", "0;never ended: the error"),
        ("\x1b[31", "31"),
        ("\x1b(Bplain\x1bc", "plain"),
        ("\x9b31mred\x9d0;title\x9cafter", "redafter"),
        ("a\x00b\x07c\x08d\x7fe\x85f", "abcde f"),
        ("a\tb", "a       b"),
        ("10%\r20%\r30%\r\n", "30%"),
        ("10%\r", "10%"),
        ("access\u202egnp.exe\u2066", "accessgnp.exe"),
        ("two\nlines\u2028or three", "two lines or three"),
        ("", ""),
    ],
)
def test_sanitized_line_shows_printable_text(raw: bytes | str, shown: str) -> None:
    assert safe_line(raw) == shown


@each(("limit", "shown"), [(10, "0123456789"), (9, "01234567…"), (1, "…"), (0, "…")])
def test_sanitized_line_that_is_cut_says_so(limit: int, shown: str) -> None:
    assert safe_line("0123456789", limit) == shown


@given(HOSTILE)
def test_sanitized_text_has_no_control_character(text: str) -> None:
    shown = safe_line(text)
    assert not {"Cc", "Cs", "Zl", "Zp"} & {unicodedata.category(letter) for letter in shown}
    assert not {"LRE", "RLE", "LRO", "RLO", "LRI", "RLI", "FSI"} & set(
        map(unicodedata.bidirectional, shown)
    )
    assert safe_line(shown) == shown
    shown.encode()


@given(st.binary())
def test_any_bytes_become_a_safe_line(data: bytes) -> None:
    assert safe_line(data).isprintable() or all(
        unicodedata.category(letter) not in ("Cc", "Cs") for letter in safe_line(data)
    )


@pytest.mark.slow
@pytest.mark.parametrize("start", ["\x1b]", "\x9d", "\x1b[", "\x9b", "\x1b ", "\r", "\x1b]a"])
def test_long_hostile_line_is_sanitized_without_quadratic_work(start: str) -> None:
    assert len(safe_line(start * 500_000)) <= 2000


@given(st.lists(st.binary()), st.integers(1, 20))
def test_line_splitter_loses_no_byte_whatever_the_pieces(chunks: list[bytes], longest: int) -> None:
    splitter = LineSplitter(longest)
    lines = [line for chunk in chunks for line in splitter.feed(chunk)] + splitter.flush()
    assert b"".join(lines) == b"".join(chunks)
    assert all(0 < len(line) <= longest for line in lines)
    assert all(b"\n" not in line[:-1] for line in lines)


@given(st.text(), st.integers(1, 9))
def test_line_splitter_does_not_depend_on_the_pieces(text: str, size: int) -> None:
    data = text.encode("utf-8", "replace")
    splitter = LineSplitter()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    lines = [line for piece in pieces for line in splitter.feed(piece)] + splitter.flush()
    whole = LineSplitter()
    assert lines == whole.feed(data) + whole.flush()


def test_line_splitter_ends_lines_at_line_feeds_only() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"10%\r20%\n\x0bmake\x85: do") == [b"10%\r20%\n"]
    assert splitter.feed(b"ne\n") == [b"\x0bmake\x85: done\n"]
    assert splitter.flush() == []


def test_line_splitter_cuts_endless_lines_between_characters() -> None:
    splitter = LineSplitter(longest=8)
    pieces = splitter.feed("äöüäöüäöü".encode()[1:]) + splitter.flush()
    assert [safe_line(piece) for piece in pieces] == ["\ufffdöüä", "öüäö", "ü"]


@pytest.mark.slow
def test_line_splitter_takes_a_million_pieces_without_quadratic_work() -> None:
    splitter = LineSplitter()
    assert sum(len(splitter.feed(b"x")) for _ in range(1_000_000)) == 15
