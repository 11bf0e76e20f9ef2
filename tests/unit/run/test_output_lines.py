"""A step's output as lines that a person can read."""

from hypothesis import given
from hypothesis import strategies as st

from ciforge.run.output_lines import TAIL, Lines, error_lines
from tests.tables import each


def shown(*pieces: bytes) -> list[str]:
    lines: list[str] = []
    feeding = Lines(lines.append)
    for piece in pieces:
        feeding.feed(piece)
    feeding.end()
    return lines


@each(
    ("pieces", "expected"),
    [
        ([b"one\ntwo\n"], ["one", "two"]),
        ([b"o", b"ne\ntw", b"o"], ["one", "two"]),
        ([b"a\n" * 2], ["a", "a"]),
        ([b"a\n" * 5, b"b\n"], ["a", "… the same line 4 more times", "b"]),
        ([b"\n\n\n"], ["", "", ""]),
        ([b"na\xc3", b"\xafve\n"], ["naïve"]),
        ([b"10%\r20%\r30%\n"], ["30%"]),
        ([b"\x1b]0;title\x07\x1b[31mred\x1b[0m\0\n"], ["red"]),
        ([b"\xff\xfe\n"], ["\ufffd\ufffd"]),
        ([], []),
    ],
)
def test_output_lines_are_safe_whole_and_repetitions_folded(
    pieces: list[bytes], expected: list[str]
) -> None:
    assert shown(*pieces) == expected


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_output_lines_have_no_escape_sequences(pieces: list[bytes]) -> None:
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for line in shown(*pieces) for c in line)


def test_last_output_lines_are_kept() -> None:
    lines = Lines(lambda _: None)
    lines.feed(b"".join(b"%d\n" % n for n in range(100)))
    assert lines.end() == tuple(str(n) for n in range(100 - TAIL, 100))


def test_output_line_without_an_end_is_shown_in_pieces() -> None:
    lines = shown(*[b"x" * 65536] * 40)
    assert all(len(line) <= 2000 for line in lines)
    assert len(lines) < 50


def test_muted_output_shows_only_its_end() -> None:
    lines: list[str] = []
    feeding = Lines(lines.append)
    feeding.feed(b"first\n")
    feeding.mute()
    for number in range(100_000):
        feeding.feed(b"line %d\n" % number)
    assert len(lines) == 2
    assert feeding.end()[-1] == "line 99999"


def test_lines_of_a_failure_begin_at_its_error_and_else_are_the_last() -> None:
    compiler = ["cc -c x.c", "x.c:1: error: expected ;", " 1 | int", "", "make: *** [x.o] Error 1"]
    assert error_lines(compiler, 2) == ["x.c:1: error: expected ;", " 1 | int"]
    assert error_lines(["a", "b", "c"], 2) == ["b", "c"]
    assert error_lines(["a", "b", "an error"], 2) == ["b", "an error"]
    assert error_lines([], 2) == []
